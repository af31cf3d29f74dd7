//! What holds for every text, also for one that is no SQL. `fuzz/` feeds the same function; so it names only what its
//! parent module calls `statements`.

use super::statements::{
    Splitter, Statement, Streamed, excerpt, normalise, offset_of_character, position, split, uses_value,
};

/// A small generator (xorshift), so that a failure is the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.max(1))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Panics if a promise is broken; `seed` chooses the chunks.
pub(crate) fn check(data: &[u8], seed: u64) {
    let text = String::from_utf8_lossy(data);
    let mut random = Random::new(seed);
    let longest = [1, 3, 30, 300][random.below(4)];
    check_chunks(&text, || 1 + random.below(longest));
    places(&text, random.below(text.len() + 2));
    let Ok(statements) = split(&text) else {
        assert!(normalise(&text).is_err(), "{text:?}");
        return;
    };
    nothing_is_lost(&text, &statements);
    normal_form_is_stable(&text, &statements);
    for statement in &statements {
        let body = &text[statement.body.clone()];
        stands_alone(body, statement);
        // Any answer will do.
        let _: bool = uses_value(body, "a");
    }
}

fn nothing_is_lost(text: &str, statements: &[Statement]) {
    let mut end = 0;
    for statement in statements {
        assert_eq!(statement.range.start, end, "{text:?}");
        assert!(statement.range.end > end, "{text:?}");
        assert!(end <= statement.body.start && statement.body.end <= statement.range.end, "{text:?}");
        let place = position(text, statement.body.start);
        assert_eq!((place.line, place.column), (statement.line, statement.column), "{text:?}");
        end = statement.range.end;
    }
    assert_eq!(end, text.len(), "{text:?}");
}

/// A body that is sent alone is read as the same statement.
fn stands_alone(body: &str, statement: &Statement) {
    if body.starts_with('\u{feff}') {
        // At the beginning of a text it would be a byte order mark; the server always reads it as a letter.
        return;
    }
    let alone = split(body).expect("a part of what could be split");
    match alone.as_slice() {
        [] => assert!(statement.is_empty(), "{body:?}"),
        [alone] => {
            assert_eq!((&alone.facts, &body[alone.body.clone()]), (&statement.facts, body), "{body:?}");
        }
        more => panic!("{} statements: {body:?}", more.len()),
    }
}

/// The normal form is its own, and says the same statements.
fn normal_form_is_stable(text: &str, statements: &[Statement]) {
    let normal = normalise(text).expect("split could");
    assert_eq!(normalise(&normal).as_ref(), Ok(&normal), "{text:?}");
    let again = split(&normal).expect("a normal form can be split");
    let facts = |all: &[Statement]| {
        let said = all.iter().filter(|statement| !statement.is_empty());
        said.map(|statement| (statement.facts.clone(), statement.meta_command.clone())).collect::<Vec<_>>()
    };
    assert_eq!(facts(&again), facts(statements), "{text:?} and {normal:?}");
}

/// Places are found in any text.
fn places(text: &str, offset: usize) {
    let shown = excerpt(text, offset);
    let place = position(text, offset);
    assert_eq!((shown.line_no, shown.column), (place.line, place.column), "{text:?} at {offset}");
    assert!(shown.caret.chars().count() <= shown.line_text.chars().count() + 1, "{text:?} at {offset}");
    assert!(offset_of_character(text, offset) <= text.len());
}

/// Feeds `text` in chunks of so many characters and compares with `split` and `normalise`.
fn check_chunks(text: &str, mut length: impl FnMut() -> usize) {
    let mut normal = String::new();
    let mut found: Vec<Streamed> = Vec::new();
    let mut error = None;
    {
        let mut splitter = Splitter::normalising(|piece: &str| normal.push_str(piece));
        let mut rest = text;
        let mut ended = false;
        while error.is_none() {
            match splitter.pull() {
                Ok(Some(streamed)) => found.push(streamed),
                Err(failed) => error = Some(failed),
                Ok(None) if ended => break,
                Ok(None) if rest.is_empty() => {
                    splitter.finish();
                    ended = true;
                }
                Ok(None) => {
                    let end = rest.char_indices().nth(length()).map_or(rest.len(), |(end, _)| end);
                    splitter.push(&rest[..end]);
                    rest = &rest[end..];
                }
            }
        }
    }
    let expected = match split(text) {
        Ok(expected) => expected,
        Err(expected) => return assert_eq!(error, Some(expected), "{text:?}"),
    };
    assert_eq!(error, None, "{text:?}");
    assert_eq!(Ok(normal), normalise(text), "{text:?}");
    assert!(found.iter().map(|streamed| &streamed.statement).eq(&expected), "{text:?}");
    for streamed in &found {
        let Statement { range, body, copy_data, .. } = &streamed.statement;
        assert_eq!(streamed.body(), &text[body.clone()]);
        assert!(text[range.clone()].starts_with(&streamed.text));
        assert!(copy_data.is_some() || streamed.text.len() == range.len());
    }
}
