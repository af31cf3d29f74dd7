//! Literals for the simple query protocol, which cannot bind values.

use std::fmt;

/// A text literal in the E'' form, which means the same under every setting of
/// `standard_conforming_strings` (PostgreSQL docs 4.1.2.2 "String Constants with C-Style Escapes").
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a>(pub &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E'")?;
        for part in self.0.split_inclusive(['\'', '\\']) {
            match part.as_bytes().last() {
                Some(b'\'') => write!(f, "{}''", &part[..part.len() - 1])?,
                Some(b'\\') => write!(f, "{}\\\\", &part[..part.len() - 1])?,
                _ => f.write_str(part)?,
            }
        }
        f.write_str("'")
    }
}

/// A text literal, or NULL.
#[derive(Debug, Clone, Copy)]
pub struct Nullable<'a>(pub Option<&'a str>);

impl fmt::Display for Nullable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => Literal(text).fmt(f),
            None => f.write_str("NULL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        let check = |text: &str, sql: &str| assert_eq!(Literal(text).to_string(), sql);
        check("", "E''");
        check("it's", "E'it''s'");
        check("a\\b", "E'a\\\\b'");
        check("\\'", "E'\\\\'''");
        check("x\ny", "E'x\ny'");
        assert_eq!(Nullable(None).to_string(), "NULL");
    }
}
