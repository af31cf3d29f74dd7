//! Quoting of identifiers: the only way a name gets into SQL text.

use std::fmt;

/// An SQL identifier; shown always quoted, so that capitals, blanks, keywords and quotes survive
/// (PostgreSQL docs 4.1.1 "Identifiers and Key Words").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ident(String);

impl Ident {
    /// The identifier with exactly this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// The name in double quotes that a text begins with, and what follows it (docs 4.1.1 "Identifiers"); `None` where it
/// begins with none, or it has no end.
pub fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_is_read_back_with_what_follows() {
        for name in ["shop", "a\"b", "\"", "Größe 1"] {
            let text = format!("{}, rest", Ident::new(name));
            assert_eq!(quoted(&text), Some((name.to_owned(), ", rest")));
        }
        assert_eq!((quoted("shop"), quoted("\"open"), quoted("\"a\"\"")), (None, None, None));
    }

    #[test]
    fn every_name_survives_quoting() {
        let check = |name: &str, sql: &str| assert_eq!(Ident::new(name).to_string(), sql);
        check("shop", "\"shop\"");
        check("User", "\"User\"");
        check("a\"b", "\"a\"\"b\"");
        check("select", "\"select\"");
        check("Größe 1", "\"Größe 1\"");
    }
}
