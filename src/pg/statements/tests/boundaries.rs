//! Where statements end, what an unclosed quote says, what the normal form keeps.

use crate::pg::statements::*;

/// The bodies of the statements of a text, empty ones as "".
fn bodies(text: &str) -> Vec<&str> {
    let statements = split(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    statements.into_iter().map(|statement| &text[statement.body]).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(bodies(text), expected, "{text:?}");
}

#[test]
fn semicolons_end_statements_and_belong_to_them() {
    check("", &[]);
    check(" \n", &[""]);
    check("a;b", &["a", "b"]);
    check("a;b;", &["a", "b"]);
    check("a;\n", &["a", ""]);
    check(";;", &["", ""]);
    check("a ; -- done", &["a", ""]);
    check("/* only */ ; -- a comment", &["", ""]);
    check("select 1;\r\n\r\nselect 2\r\n", &["select 1", "select 2"]);
    check("\u{feff}select 1;", &["select 1"]);
    check("-- first\nselect 1 -- middle ;\n + 2; -- last", &["select 1 -- middle ;\n + 2", ""]);
    check("select a\u{a0};b", &["select a\u{a0}", "b"]);
    check("a\u{c}\u{b};b", &["a", "b"]);
}

#[test]
fn semicolons_in_quotes_are_text() {
    check("select 'a;b', 'it''s;', '\\'; x", &["select 'a;b', 'it''s;', '\\'", "x"]);
    check(r"select E'a\';b', e'\\'; x", &[r"select E'a\';b', e'\\'", "x"]);
    check(r"select E'a'';\''';b'; x", &[r"select E'a'';\''';b'", "x"]);
    check(r"select U&'\0041;''\', n'\', N';'; x", &[r"select U&'\0041;''\', n'\', N';'", "x"]);
    check(r"select u&'!'';' uescape '!'; x", &[r"select u&'!'';' uescape '!'", "x"]);
    check("select B'01;', x'1F;'; x", &["select B'01;', x'1F;'", "x"]);
    check(r#"select "a;""b;", U&"\0061;"";", u&"\"; x"#, &[r#"select "a;""b;", U&"\0061;"";", u&"\""#, "x"]);
    check(r"select type'\'; x", &[r"select type'\'", "x"]);
    check(r"select u & 'a\'; x", &[r"select u & 'a\'", "x"]);
    check("select 'é;€'; x", &["select 'é;€'", "x"]);
}

#[test]
fn a_string_goes_on_after_a_line_break_in_its_own_kind() {
    check("select E'a'\n  'b\\';c'; x", &["select E'a'\n  'b\\';c'", "x"]);
    check("select E'a' -- note '\n-- two\n'b\\';c'; x", &["select E'a' -- note '\n-- two\n'b\\';c'", "x"]);
    check("select E'a'\r'b\\';c'; x", &["select E'a'\r'b\\';c'", "x"]);
    check("select E'a' 'b\\'; x", &["select E'a' 'b\\'", "x"]);
    check("select E'a' /* \n */ \n 'b\\'; x", &["select E'a' /* \n */ \n 'b\\'", "x"]);
    check("select E'a',\n'b\\'; x", &["select E'a',\n'b\\'", "x"]);
    check("select 'a'\n'b\\'; x", &["select 'a'\n'b\\'", "x"]);
}

#[test]
fn dollar_quotes_end_at_their_own_tag() {
    check("do $$ begin; end $$; x", &["do $$ begin; end $$", "x"]);
    check("do $a$ ; $b$ ; $$ ; $A$ ; $a$; x", &["do $a$ ; $b$ ; $$ ; $A$ ; $a$", "x"]);
    check("select $$ ; $a$$; x", &["select $$ ; $a$$", "x"]);
    check("select $a$ ;$b$a$; x", &["select $a$ ;$b$a$", "x"]);
    check("select a$b$c; d$b$ ; x", &["select a$b$c", "d$b$", "x"]);
    check("select é$$; x", &["select é$$", "x"]);
    check("select $é1$;$é1$; x", &["select $é1$;$é1$", "x"]);
    check("select $1; $2$;$2; x", &["select $1", "$2$", "$2", "x"]);
    check("select 1$$;$$; x", &["select 1$$;$$", "x"]);
    check("select $1$q$;$q$; x", &["select $1$q$;$q$", "x"]);
    check("select $ a$; x", &["select $ a$", "x"]);
}

#[test]
fn comments_nest_and_no_operator_contains_one() {
    check("select /* ; /* ; */ ; */ 1; x", &["select /* ; /* ; */ ; */ 1", "x"]);
    check("select 1 +/* ; */ 2; x", &["select 1 +/* ; */ 2", "x"]);
    check("select 1 +-- ;\n 2; x", &["select 1 +-- ;\n 2", "x"]);
    check("select 1 */**/ 2; x", &["select 1 */**/ 2", "x"]);
    check("/*/;*/ x; /**/ y; /***/ z", &["x", "y", "z"]);
    check("/*/*/;*/;*/x; y", &["x", "y"]);
    check("/* it's $$ */ select 1 -- it's $$\r; x", &["select 1", "x"]);
    check("select '/*'; x -- */", &["select '/*'", "x"]);
}

#[test]
fn semicolons_in_parentheses_are_part_of_the_rule() {
    let rule = "create rule r as on insert to t do also (delete from a; insert into b values (new.x); )";
    check(&format!("{rule}; x"), &[rule, "x"]);
    check("select 1); x", &["select 1)", "x"]);
    check("select (1; x", &["select (1; x"]);
}

#[test]
fn an_atomic_body_ends_at_its_own_end() {
    let same = |text: &str| check(&format!("{text}; x"), &[text, "x"]);
    same("create function f() returns int begin atomic select 1; select 2; end");
    same("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC\n ;; INSERT INTO t VALUES (1); END");
    same("create function f() begin atomic end");
    same(
        "create function f(a int) begin atomic select case when a > 0 then case a when 1 then 2 end end; end",
    );
    same(
        "create function f() begin atomic select 1 end, 2 as end, t.end, 3 case; select case 1 when 1 then 2 end; end",
    );
    same("create function f() begin /* why */ atomic select 'end;'; -- end;\n return (select 1); end");
    same("create function \"begin\"() returns int return 1");
    same(
        "create or replace function s.f() returns table (begin int, atomic int) language sql as $$ select 1; $$",
    );
    check(
        "create function begin() returns int return 1; end",
        &["create function begin() returns int return 1", "end"],
    );
    check(
        "begin; create table t (atomic int); end; x",
        &["begin", "create table t (atomic int)", "end", "x"],
    );
    check("begin atomic; x; end", &["begin atomic", "x", "end"]);
    check("create \"function\" f() begin atomic a; end", &["create \"function\" f() begin atomic a", "end"]);
}

#[test]
fn a_meta_command_is_recognised_to_the_end_of_its_line() {
    let check = |text: &str, expected: &[(&str, Option<&str>)]| {
        let statements = split(text).expect("valid");
        let found: Vec<_> =
            statements.iter().map(|s| (&text[s.body.clone()], s.meta_command.as_deref())).collect();
        assert_eq!(found, expected, "{text:?}");
    };
    check("\\set x 'it''s; \nselect 1;", &[("\\set x 'it''s;", Some("\\set")), ("select 1", None)]);
    check("select 1 \\gset\nselect 2", &[("select 1 \\gset", Some("\\gset")), ("select 2", None)]);
    check("  \\! ls $$\r\n;", &[("\\! ls $$", Some("\\!")), ("", None)]);
    check("\\", &[("\\", Some("\\"))]);
    check("\\é x", &[("\\é x", Some("\\é"))]);
    check("select '\\a', $$\\b$$, \"\\c\" -- \\d", &[("select '\\a', $$\\b$$, \"\\c\"", None)]);
}

#[test]
fn the_data_of_a_copy_is_no_sql() {
    let check = |text: &str, body: &str, data: &str, terminated, rest: &[&str]| {
        let statements = split(text).expect("valid");
        assert_eq!(&text[statements[0].body.clone()], body, "{text:?}");
        let copy = statements[0].copy_data.clone().unwrap_or_else(|| panic!("no data: {text:?}"));
        assert_eq!((&text[copy.range], copy.terminated), (data, terminated), "{text:?}");
        let found: Vec<_> = statements[1..].iter().map(|s| &text[s.body.clone()]).collect();
        assert_eq!(found, rest, "{text:?}");
    };
    check("copy t from stdin;\n1\tit's\n$$;\n\\.\nx;", "copy t from stdin", "1\tit's\n$$;\n", true, &["x"]);
    check(
        "COPY t (a, b) FROM STDIN WITH (FORMAT csv);\r\na\r\n\\.\r\n",
        "COPY t (a, b) FROM STDIN WITH (FORMAT csv)",
        "a\r\n",
        true,
        &[],
    );
    check("copy t from stdout; -- it's\n\\.\n", "copy t from stdout", "", true, &[]);
    check("copy t from stdin;\na\n\\. no\n", "copy t from stdin", "a\n\\. no\n", false, &[]);
    check("copy t from stdin;", "copy t from stdin", "", false, &[]);
    check("copy t from stdin;\n\\.", "copy t from stdin", "", true, &[]);
    for text in [
        "copy t from '/x'; y",
        "copy t to stdin; y",
        "copy (select 1 from stdin) to stdout; y",
        "select copy from stdin; y",
        "copy t from \"stdin\"; y",
    ] {
        let statements = split(text).expect("valid");
        assert!(statements.iter().all(|s| s.copy_data.is_none()) && statements.len() == 2, "{text:?}");
    }
}

#[test]
fn what_is_never_closed_is_reported_where_it_was_opened() {
    let check = |text: &str, line, column, offset, what: Unterminated| {
        assert_eq!(split(text), Err(LexError { line, column, offset, what }), "{text:?}");
    };
    check("select 'a", 1, 8, 7, Unterminated::String);
    check("select 1;\n\nselect 'é', E'a\\'", 3, 13, 24, Unterminated::String);
    check("select B'0", 1, 8, 7, Unterminated::String);
    check("é \"x\"\"", 1, 3, 3, Unterminated::QuotedIdentifier);
    check("\u{feff}U&\"x", 1, 1, 3, Unterminated::QuotedIdentifier);
    check("a;\ndo $fn$ $$ $f$", 2, 4, 6, Unterminated::DollarQuote("$fn$".to_owned()));
    check("a\n/* /* */", 2, 1, 2, Unterminated::Comment);
    check("/*/", 1, 1, 0, Unterminated::Comment);
    let error = split("a;\ndo $fn$ x").expect_err("unclosed");
    assert_eq!(
        error.to_string(),
        "line 2, column 4: the dollar quote that begins here is never closed: its `$fn$` is missing"
    );
}

#[test]
fn lines_and_columns_are_those_of_the_first_token() {
    let check = |text: &str, expected: &[(u32, u32)]| {
        let found: Vec<_> = split(text).expect("valid").iter().map(|s| (s.line, s.column)).collect();
        assert_eq!(found, expected, "{text:?}");
    };
    check("a; b;\n c\r\n;\nd", &[(1, 1), (1, 4), (2, 2), (4, 1)]);
    check("\u{feff}a;b", &[(1, 1), (1, 3)]);
    check("'é€'; /* é\n€ */ b", &[(1, 1), (2, 6)]);
    check("a;\n\n", &[(1, 1), (3, 1)]);
    check(";\n ;", &[(1, 1), (2, 2)]);
    check("copy t from stdin;\n1\n2\n\\.\n x", &[(1, 1), (5, 2)]);
}

#[test]
fn layout_does_not_change_the_normal_form_and_all_else_does() {
    let same = |a: &str, b: &str| assert_eq!(normalise(a), normalise(b), "{a:?} and {b:?}");
    let differ = |a: &str, b: &str| assert_ne!(normalise(a), normalise(b), "{a:?} and {b:?}");
    assert_eq!(normalise(" select\n 1+ a.b -- x\n ;/**/\n").as_deref(), Ok("select 1 + a . b ;"));
    same("select 1;", "\u{feff}/* why */ select\r\n\t1 ; -- done\n");
    same("select a=-1,b", "select a = - 1 , b");
    same("select 'a'\n'b'", "select 'a' -- c\n\n  'b'");
    same("copy t from stdin;\n1\n\\.\n", " copy  t from stdin ; \n1\n\\.\n");
    same("\\set x 1\nselect 1", "\\set x 1  \n\n select 1");
    differ("select 1", "select 1;");
    differ("select A", "select a");
    differ("select 'a  b'", "select 'a b'");
    differ("select \"a \"", "select \"a\"");
    differ("do $$ a $$", "do $$ a  $$");
    differ("do $$ -- c\n $$", "do $$ $$");
    differ("select 'a'\n'b'", "select 'a' 'b'");
    differ("select 1 - -1", "select 1 -1");
    differ("copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n1 \n\\.\n");
    differ("\\set x 1\nselect 1", "\\set x 1 select 1");
    assert!(normalise("select '").is_err());
}

#[test]
fn tokens_come_without_what_surrounds_them() {
    let text = "GRANT /* a */ SELECT(\"to\"), -- b\n U&\"d\" ON a.b TO \"x\"\"y\", z; 'it''s' $1";
    let expected = [
        "GRANT",
        "SELECT",
        "(",
        "\"to\"",
        ")",
        ",",
        "U&\"d\"",
        "ON",
        "a",
        ".",
        "b",
        "TO",
        "\"x\"\"y\"",
        ",",
        "z",
    ];
    assert_eq!(crate::pg::statements::tokens(text), [&expected[..], &[";", "'it''s'", "$1"]].concat());
    assert_eq!(crate::pg::statements::tokens("a 'open"), ["a"]);
    let name = |token| crate::pg::statements::name(token);
    assert_eq!(name("\"x\"\"Y\"").as_deref(), Some("x\"Y"));
    assert_eq!(name("Abc_1").as_deref(), Some("abc_1"));
    assert_eq!(name("é").as_deref(), Some("é"));
    for other in ["'a'", "1", ";", "E'a'", "$1", "", "U&\"d\""] {
        assert_eq!(name(other), None, "{other}");
    }
}
