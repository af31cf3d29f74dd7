//! Words of commands that are shown to be typed in a POSIX shell. Pure: nothing here runs one.

/// The text as one word.
pub fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The database as a word for `-d`: a name with `=` in it would be taken for a connection string (docs 34.1.1).
pub fn dbname(database: &str) -> String {
    word(&format!("dbname='{}'", database.replace('\\', r"\\").replace('\'', r"\'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_word() {
        assert_eq!(word("it's; $(x)"), r"'it'\''s; $(x)'");
        assert_eq!(dbname("a=b"), r"'dbname='\''a=b'\'''");
        assert_eq!(dbname(r"a'\"), r"'dbname='\''a\'\''\\'\'''");
    }
}
