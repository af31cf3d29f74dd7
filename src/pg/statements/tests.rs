//! The splitter's promises: where statements end, that nothing is lost, that chunks make no difference.

use super::*;

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

/// Scripts that hold everything at once.
fn corpus() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "\u{feff}",
        "\u{feff};",
        ";",
        "--",
        "/**/",
        "$",
        "u",
        "U&",
        "1.",
        "1..10",
        "1e",
        "1e+",
        "0x",
        "select 1e5, 1e+5, 1e-5x, 0x1F, .5, 1., 1..2, a[1:2], x::int, y := 1, z => 2, 1_000",
        "select a<->b, a@-b, a+-b, a=-1, *-/**/1, a!--x\n-1",
        "select E'\\\\', E'a'\n'\\';', U&'\\0061' UESCAPE '!', n'', b'0'\n'1', x'', '' ''",
        "select $$a$$, $é$;$é$, a$b, $1, $1$x$;$x$, $ $ $",
        "create function f() begin atomic select case when 1=1 then 1 end; end; create procedure p() begin atomic; end",
        "create rule r as on update to t do (a; b; (c;)); x",
        "\\set a 'b;\nselect 1 \\g | cat\n\\! x",
        "copy t from stdin;\n;';\n\\.\nselect 1; copy t from stdin; x\ny\r\n\\.\r\n;copy t from stdin;\nrest",
        "select 'é€😀', \"ß\"\"\", ünïcode$1 /* /* 😀 */ */ -- 😀\n; 😀",
        "with a as (delete from t returning *) update u set x = (select 1 where true); delete from t where (a)",
        "create unique index concurrently if not exists \"I\" on only s.T (a); alter type e add value 'x' after 'y'",
        "\0select\u{7f} \u{1};",
    ]
    .map(str::to_owned)
    .to_vec();
    let joined: Vec<_> = all.iter().filter(|text| !text.contains("copy t")).cloned().collect();
    all.push(joined.join("\n;\n"));
    all
}

#[test]
fn the_ranges_are_the_whole_text() {
    for text in corpus() {
        let statements = split(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
        let mut end = 0;
        for statement in &statements {
            assert_eq!(statement.range.start, end, "{text:?}");
            assert!(statement.range.end > end, "{text:?}");
            assert!(end <= statement.body.start && statement.body.end <= statement.range.end, "{text:?}");
            let place = position(&text, statement.body.start);
            assert_eq!((place.line, place.column), (statement.line, statement.column), "{text:?}");
            end = statement.range.end;
        }
        assert_eq!(end, text.len(), "{text:?}");
    }
}

/// Feeds `text` in the chunks that `length` gives and compares with `split`.
fn check_chunks(text: &str, mut length: impl FnMut() -> usize) {
    let mut splitter = Splitter::new();
    let mut found = Vec::new();
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    let mut error = None;
    while error.is_none() {
        match splitter.pull() {
            Ok(Some(streamed)) => found.push(streamed),
            Err(failed) => error = Some(failed),
            Ok(None) if rest.is_empty() => {
                splitter.finish();
                match splitter.pull() {
                    Ok(Some(streamed)) => found.push(streamed),
                    Ok(None) => break,
                    Err(failed) => error = Some(failed),
                }
            }
            Ok(None) => {
                let (chunk, left) = rest.split_at(length().min(rest.len()));
                splitter.push(&chunk.iter().collect::<String>());
                rest = left;
            }
        }
    }
    match (split(text), error) {
        (Err(expected), found) => assert_eq!(found, Some(expected), "{text:?}"),
        (Ok(expected), error) => {
            assert_eq!(error, None, "{text:?}");
            assert_eq!(found.iter().map(|s| s.statement.clone()).collect::<Vec<_>>(), expected, "{text:?}");
            for streamed in &found {
                let Statement { range, body, copy_data, .. } = &streamed.statement;
                assert_eq!(streamed.body(), &text[body.clone()]);
                assert!(text[range.clone()].starts_with(&streamed.text));
                assert!(copy_data.is_some() || streamed.text.len() == range.len());
            }
        }
    }
}

/// A small generator (xorshift), so that a failure is the same in every run.
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.max(1);
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    }
}

#[test]
fn chunks_make_no_difference() {
    for text in corpus() {
        for size in 1..6 {
            check_chunks(&text, || size);
        }
        for seed in 1..20 {
            let mut random = random(seed);
            check_chunks(&text, || 1 + random(30));
        }
    }
}

#[test]
fn random_text_is_never_lost_and_its_normal_form_is_stable() {
    const PIECES: &[&str] = &[
        "'",
        "\"",
        "$$",
        "$a$",
        "$",
        "a",
        "E'",
        "U&'",
        "u&\"",
        "b'",
        "/*",
        "*/",
        "--",
        "\n",
        "\r",
        " ",
        ";",
        "(",
        ")",
        "\\",
        "\\.\n",
        "1",
        ".",
        "e",
        "+",
        "-",
        "*",
        "/",
        "@",
        "=",
        "é",
        "create function ",
        "begin atomic ",
        "end",
        "copy t from stdin;",
        "0x",
        ":",
        "delete from t",
        "with x as (",
        "where",
        "::",
        "alter table t drop",
        ",",
    ];
    for seed in 1..3000 {
        let mut random = random(seed * 7919);
        let text: String = (0..1 + random(25)).map(|_| PIECES[random(PIECES.len())]).collect();
        let mut sizes = self::random(seed);
        check_chunks(&text, || 1 + sizes(6));
        let Ok(statements) = split(&text) else { continue };
        assert_eq!(statements.iter().map(|s| &text[s.range.clone()]).collect::<String>(), text);
        let normal = normalise(&text).expect("split could");
        assert_eq!(normalise(&normal).as_ref(), Ok(&normal), "{text:?}");
    }
}

#[test]
fn a_statement_of_the_stream_is_forgotten_once_it_is_pulled() {
    let mut splitter = Splitter::new();
    let mut pulled = 0;
    for _ in 0..2000 {
        splitter.push("insert into t values ('some text', 1);\n");
        while splitter.pull().expect("valid").is_some() {
            pulled += 1;
        }
        assert!(splitter.held() < 400, "{}", splitter.held());
    }
    splitter.push("copy t from stdin;\n");
    for _ in 0..2000 {
        splitter.push("1\tsome data\n");
        assert_eq!(splitter.pull(), Ok(None));
        assert!(splitter.held() < 400, "{}", splitter.held());
    }
    assert!(pulled >= 1998);
}
