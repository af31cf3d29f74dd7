//! One text for expressions that PostgreSQL prints in two ways: what it prints of `x IN ('a', 'b')` over varchar reads back
//! as another tree (dumped and restored, every such CHECK changes; pgsql-hackers, "non-idempotent ruleutils").

/// A list of values, which is printed with a blank or without one, whether its alias was said or not; not inside
/// of literals.
pub(super) fn values(text: &str) -> String {
    let part = |(at, part): (usize, &str)| match at % 2 {
        0 => part.replace("(VALUES (", "( VALUES ("),
        _ => part.to_owned(),
    };
    text.split('\'').enumerate().map(part).collect::<Vec<_>>().join("'")
}

/// The text as PostgreSQL prints it before a dump: `(ARRAY['a'::character varying])::text[]`, never
/// `ARRAY[('a'::character varying)::text]`.
pub(super) fn canonical(text: &str) -> Option<String> {
    if !text.contains("ARRAY[(") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find("ARRAY[(") {
        let (before, array) = rest.split_at(at);
        out.push_str(before);
        match gathered(array) {
            Some((whole, after)) => {
                out.push_str(&whole);
                rest = after;
                changed = true;
            }
            None => {
                out.push_str("ARRAY[(");
                rest = &array["ARRAY[(".len()..];
            }
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// `ARRAY[('a'::character varying)::text, …]` at the beginning, as one cast of the whole; and what follows.
fn gathered(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix("ARRAY[")?;
    let mut elements = Vec::new();
    let mut to: Option<&str> = None;
    loop {
        let inner = rest.strip_prefix('(')?;
        let length = literal(inner)?;
        let after = inner[length..].strip_prefix("::")?;
        let end = after.find(')')?;
        let from = &after[..end];
        if !matches!(from, "character varying" | "bpchar") {
            return None;
        }
        let after = after[end..].strip_prefix(")::")?;
        let end = after.find([',', ']'])?;
        if *to.get_or_insert(&after[..end]) != &after[..end] || &after[..end] != "text" {
            return None;
        }
        elements.push(format!("{}::{from}", &inner[..length]));
        rest = &after[end..];
        match rest.strip_prefix(", ") {
            Some(more) => rest = more,
            None => break,
        }
    }
    let rest = rest.strip_prefix(']')?;
    Some((format!("(ARRAY[{}])::{}[]", elements.join(", "), to?), rest))
}

/// How long the string literal is that the text begins with.
fn literal(text: &str) -> Option<usize> {
    let begin = if text.starts_with("E'") { 2 } else { text.strip_prefix('\'').map(|_| 1)? };
    let escapes = begin == 2;
    let bytes = text.as_bytes();
    let mut at = begin;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The text without the parentheses around a chain of AND (or OR) that begins another: `a BETWEEN 1 AND 2 AND b` is printed
/// as `((a >= 1) AND (a <= 2)) AND b`, and read again it is one chain (`makeAndExpr` in PostgreSQL's gram.y).
pub fn flattened(text: &str) -> String {
    let bytes = text.as_bytes();
    let words = [" AND ", " OR "];
    // What is open: where, and whether it has these words of its own.
    let mut open: Vec<(usize, [bool; 2])> = Vec::new();
    let mut needless = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => {
                let escapes = text[..at].ends_with('E');
                let from = at - usize::from(escapes);
                at = literal(&text[from..]).map_or(bytes.len(), |length| from + length);
                continue;
            }
            b'"' => at = text[at + 1..].find('"').map_or(bytes.len(), |length| at + 1 + length),
            b'(' => open.push((at, [false; 2])),
            b')' => {
                let inner = open.pop();
                let begins = |begin: usize| open.last().is_some_and(|(outer, _)| outer + 1 == begin);
                if let Some((begin, has)) = inner.filter(|(begin, _)| begins(*begin))
                    && (0..2).any(|word| has[word] && text[at + 1..].starts_with(words[word]))
                {
                    needless.extend([begin, at]);
                }
            }
            b' ' => {
                if let (Some((_, has)), Some(word)) =
                    (open.last_mut(), words.iter().position(|word| text[at..].starts_with(word)))
                {
                    has[word] = true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let keeps = |(at, c): (usize, char)| (!needless.contains(&at)).then_some(c);
    text.char_indices().filter_map(keeps).collect()
}

/// The text in a form that reads back as the same tree: `x IN (…)` for `(x)::text = ANY ((ARRAY[…])::text[])`.
pub fn readable(text: &str) -> String {
    let mut text = text.to_owned();
    for (operator, word) in [(")::text = ANY ((ARRAY[", "IN"), (")::text <> ALL ((ARRAY[", "NOT IN")] {
        let mut from = 0;
        while let Some(at) = text[from..].find(operator).map(|at| at + from) {
            from = at + operator.len();
            let Some((begin, list)) = opened(&text, at).zip(listed(&text[from..])) else { continue };
            let (elements, length) = list;
            let value = text[begin + 1..at].to_owned();
            let replaced = format!("({value}) {word} ({elements})");
            text.replace_range(begin..from + length, &replaced);
            from = begin + replaced.len();
        }
    }
    text
}

/// Where the parenthesis begins that ends at this place.
fn opened(text: &str, end: usize) -> Option<usize> {
    let inside = &text[..end];
    // A quote inside would need reading from the front: such a value is left as it is.
    let mut depth = 0;
    for (at, byte) in inside.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' if depth == 0 => return (!inside[at..].contains('\'')).then_some(at),
            b'(' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Elements up to `])::text[])`, all of them `'…'::character varying`, and how long that is.
fn listed(text: &str) -> Option<(String, usize)> {
    let mut at = 0;
    loop {
        at += literal(&text[at..])?;
        at += text[at..].strip_prefix("::character varying").map(|_| "::character varying".len())?;
        if text[at..].starts_with("])::text[])") {
            return Some((text[..at].to_owned(), at + "])::text[])".len()));
        }
        at += text[at..].strip_prefix(", ").map(|_| 2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dumped_and_restored_reads_as_before() {
        let check = |text: &str, wanted: &str| assert_eq!(canonical(text).as_deref().unwrap_or(text), wanted);
        let before = "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'it''s, ]'::character varying])::text[])))";
        check(
            "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s, ]'::character varying)::text])))",
            before,
        );
        check(before, before);
        check("CHECK ((ARRAY[(1 + 2)] = a))", "CHECK ((ARRAY[(1 + 2)] = a))");
    }

    #[test]
    fn a_chain_that_begins_with_a_chain_is_one_chain() {
        let check = |text: &str, wanted: &str| assert_eq!(flattened(text), wanted);
        check("((((a >= 1) AND (a <= 2)) AND b) AND c)", "((a >= 1) AND (a <= 2) AND b AND c)");
        check("(((a < 1) OR (a > 2)) OR b)", "((a < 1) OR (a > 2) OR b)");
        check("(((a < 1) OR (a > 2)) AND b)", "(((a < 1) OR (a > 2)) AND b)");
        check("(b AND ((a >= 1) AND (a <= 2)))", "(b AND ((a >= 1) AND (a <= 2)))");
        check("((E'\\'((' = a) AND b)", "((E'\\'((' = a) AND b)");
        check(
            "((\"a AND b\") AND ('((é AND b) AND c)' = d))",
            "((\"a AND b\") AND ('((é AND b) AND c)' = d))",
        );
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_tree() {
        let check = |text: &str, wanted: &str| assert_eq!(readable(text), wanted);
        check(
            "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b)'::character varying])::text[])))",
            "CHECK (((s) IN ('a'::character varying, 'b)'::character varying)))",
        );
        check(
            "((lower((s)::text))::text <> ALL ((ARRAY['a'::character varying])::text[]))",
            "((lower((s)::text)) NOT IN ('a'::character varying))",
        );
        check("((a)::text = ANY ((ARRAY[b])::text[]))", "((a)::text = ANY ((ARRAY[b])::text[]))");
    }
}
