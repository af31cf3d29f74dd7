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

#[cfg(test)]
mod tests {
    use super::*;

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
