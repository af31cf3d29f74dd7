//! The promises of `properties.rs`, over strange and over random texts; and that memory is bounded.

use super::properties::{Random, check};
use super::rounds;
use crate::pg::statements::cursor::{Cursor, Next, Window};
use crate::pg::statements::token::Kind;
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
        "\u{feff}\u{feff}select",
        "\u{feff} \u{feff}select; \u{feff}",
        "\u{feff}\u{feff}b'a'; \u{feff}$$a$$",
    ]
    .map(str::to_owned)
    .to_vec();
    let joined: Vec<_> = all.iter().filter(|text| !text.contains("copy t")).cloned().collect();
    all.push(joined.join("\n;\n"));
    all
}

/// What random texts are made of.
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

#[test]
fn strange_texts_keep_the_promises() {
    for text in corpus() {
        split(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
        for seed in 1..25 {
            check(text.as_bytes(), seed);
        }
    }
}

#[test]
fn random_texts_keep_the_promises() {
    for seed in 1..rounds(3000) {
        let mut random = Random::new(seed * 7919);
        let text: String = (0..1 + random.below(25)).map(|_| PIECES[random.below(PIECES.len())]).collect();
        check(text.as_bytes(), seed);
    }
}

#[test]
fn mutated_texts_keep_the_promises() {
    let corpus = corpus();
    for seed in 1..rounds(3000) {
        let mut random = Random::new(seed * 104_729);
        let mut bytes = corpus[random.below(corpus.len())].clone().into_bytes();
        for _ in 0..1 + random.below(6) {
            let at = random.below(bytes.len() + 1);
            let until = (at + random.below(8)).min(bytes.len());
            match random.below(4) {
                0 => drop(bytes.drain(at..until)),
                1 => bytes.insert(at, random.below(256) as u8),
                2 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].bytes())),
                _ => {
                    let copied = bytes[at..until].to_vec();
                    let to = random.below(bytes.len() + 1);
                    drop(bytes.splice(to..to, copied));
                }
            }
        }
        check(&bytes, seed);
    }
}

/// The normal form, put together in another way: statement by statement, from a text that is known to the end.
fn normal_form(text: &str) -> Result<String, LexError> {
    let window = Window::whole(text);
    let mut out = String::new();
    for statement in split(text)? {
        let start = statement.range.start;
        let mut cursor = if start == 0 { Cursor::default() } else { Cursor::starting(start) };
        while cursor.at < statement.range.end {
            let continues = cursor.continues_string();
            let Next::Token(token) = cursor.next(window) else { break };
            if token.kind.is_trivia() {
                continue;
            }
            if !out.is_empty() && !out.ends_with('\n') {
                out.push(if continues && token.kind.is_string() { '\n' } else { ' ' });
            }
            out.push_str(&text[token.start..token.end]);
            if token.kind == Kind::Meta {
                out.push('\n');
            }
            if token.start >= statement.body.end {
                break;
            }
        }
        if let Some(data) = &statement.copy_data {
            out.push_str(text[cursor.at..data.range.start].trim());
            out.push('\n');
            out.push_str(&text[data.range.clone()]);
            out.push_str(if data.terminated { "\\.\n" } else { "" });
        }
    }
    Ok(out)
}

#[test]
fn the_normal_form_is_what_it_always_was() {
    // Stored checksums stand on it. A second byte order mark is a token: it keeps its distance from the beginning.
    let check = |text: &str| {
        let normal = normalise(text).map(|normal| {
            normal.strip_prefix(" \u{feff}").map_or(normal.clone(), |rest| format!("\u{feff}{rest}"))
        });
        assert_eq!(normal, normal_form(text), "{text:?}");
    };
    corpus().iter().for_each(|text| check(text));
    for seed in 1..rounds(3000) {
        let mut random = Random::new(seed * 7907);
        check(&(0..1 + random.below(25)).map(|_| PIECES[random.below(PIECES.len())]).collect::<String>());
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
