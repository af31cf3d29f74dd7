//! Properties, over strange and over random texts: nothing is lost, chunks make no difference, memory is bounded.

use crate::pg::statements::*;

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
