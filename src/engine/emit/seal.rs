//! The line in a generated file that tells its reader what it was made from, so that a hand edit is told from an old
//! text. Everything else in the file stays as other tools write it.

use sha2::{Digest as _, Sha256};

/// What the line begins with. It is the second of the file: the first is the one by which people and tools know it.
const MARK: &str = "// pgkeel ";

/// What the line says of the rest of the file.
const TEXT: &str = ", text ";

/// As many digits as tell two texts apart; nobody is to be kept from forging one.
const DIGITS: usize = 16;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Everything but our line.
    pub text: String,
    /// Whether our line is there.
    pub seal: Seal,
}

/// What our line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// There is none: another tool wrote it, or somebody took the line away.
    None,
    /// The rest is as it was written.
    Whole,
    /// The rest is not as it was written.
    Broken,
}

/// The text with our line in it. `fingerprint` is the catalog's.
pub fn seal(text: &str, version: &str, fingerprint: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let catalog: String = fingerprint.chars().take(DIGITS).collect();
    let hash = hash(text);
    format!(
        "{first}\n{MARK}{version}, catalog {catalog}{TEXT}{hash}: `pgkeel generate` writes this file again\n{rest}"
    )
}

/// Take our line out of a file.
pub fn read(file: &str) -> Sealed {
    let mut lines = file.splitn(3, '\n');
    let (first, second, rest) = (lines.next(), lines.next(), lines.next());
    let (Some(first), Some(line)) = (first, second.filter(|line| line.starts_with(MARK))) else {
        return Sealed { text: file.to_owned(), seal: Seal::None };
    };
    let text = format!("{first}\n{}", rest.unwrap_or_default());
    let said = line.split_once(TEXT).and_then(|(_, said)| said.get(..DIGITS));
    let seal = if said == Some(&hash(&text)) { Seal::Whole } else { Seal::Broken };
    Sealed { text, seal }
}

fn hash(text: &str) -> String {
    let mut digits: String =
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_sealed_text_is_the_text() {
        let text = "// first\n\nbody {\n}\n";
        let sealed = seal(text, "1.2.3", "0123456789abcdef0123");
        assert!(sealed.starts_with("// first\n// pgkeel 1.2.3, catalog 0123456789abcdef, text "), "{sealed}");
        assert_eq!(read(&sealed), Sealed { text: text.to_owned(), seal: Seal::Whole });
        assert_eq!(read(text), Sealed { text: text.to_owned(), seal: Seal::None });
    }

    #[test]
    fn a_hand_edit_breaks_the_seal() {
        let sealed = seal("// first\n\nbody\n", "1", "f");
        assert_eq!(read(&sealed.replace("body", "mine")).seal, Seal::Broken);
        assert_eq!(read(&format!("{sealed}more\n")).seal, Seal::Broken);
        assert_eq!(read("// first\n// pgkeel 1").seal, Seal::Broken);
    }
}
