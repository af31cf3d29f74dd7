//! A script on its way to psql: whoever wrote it, no meta-command in it reaches this machine. It runs under a `\restrict` of
//! ours, whose key nobody could know; pg_dump's own pair, which cannot stand inside of another, is taken out (psql docs,
//! `\restrict`).

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufRead, BufReader, Read};

/// A line longer than this is handed on in pieces; the pair's lines are short.
const LONG: u64 = 1 << 16;

/// The key of a `\restrict`.
#[derive(Debug, Clone)]
pub(super) struct Key(String);

impl Key {
    /// One that was never seen: letters and digits from the system's random seed.
    pub(super) fn new() -> Self {
        let word = || RandomState::new().build_hasher().finish();
        Self(format!("{:016x}{:016x}", word(), word()))
    }

    /// What goes before the script.
    pub(super) fn opens(&self) -> String {
        format!("\\restrict {}\n", self.0)
    }

    /// What goes after it.
    pub(super) fn closes(&self) -> String {
        format!("\n\\unrestrict {}\n", self.0)
    }
}

/// The script without pg_dump's own pair.
pub(super) struct Unguarded<R> {
    script: BufReader<R>,
    /// What is handed out next.
    ready: io::Cursor<Vec<u8>>,
    /// Only comments and blank lines have come.
    is_head: bool,
    /// The line that ends pg_dump's restriction.
    closing: Option<Vec<u8>>,
    /// `ready` ends inside of a line.
    goes_on: bool,
}

impl<R: Read> Unguarded<R> {
    pub(super) fn new(script: R) -> Self {
        let (script, ready) = (BufReader::with_capacity(1 << 16, script), io::Cursor::default());
        Self { script, ready, is_head: true, closing: None, goes_on: false }
    }

    /// The next line, or a piece of a long one, unless it is one of the pair.
    fn next(&mut self) -> io::Result<()> {
        loop {
            let mut line = std::mem::take(self.ready.get_mut());
            line.clear();
            self.script.by_ref().take(LONG).read_until(b'\n', &mut line)?;
            let begins = !self.goes_on;
            self.goes_on = !line.is_empty() && !line.ends_with(b"\n");
            let is_pair = begins && self.is_pair(&line);
            self.ready = io::Cursor::new(line);
            if !is_pair {
                return Ok(());
            }
        }
    }

    fn is_pair(&mut self, line: &[u8]) -> bool {
        let text = line.trim_ascii();
        if self.is_head {
            if let Some(key) = text.strip_prefix(b"\\restrict ")
                && key.iter().all(u8::is_ascii_alphanumeric)
            {
                self.is_head = false;
                self.closing = Some([b"\\unrestrict ", key].concat());
                return true;
            }
            self.is_head = text.is_empty() || text.starts_with(b"--");
        }
        // Its key is random: no row and no function has such a line.
        self.closing.as_deref() == Some(text)
    }
}

impl<R: Read> Read for Unguarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.ready.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        self.next()?;
        self.ready.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, handed_on: &str) {
        let mut text = String::new();
        Unguarded::new(script.as_bytes()).read_to_string(&mut text).unwrap();
        assert_eq!(text, handed_on);
    }

    #[test]
    fn pg_dumps_own_pair_is_taken_out_and_nothing_else() {
        check(
            "--\n-- dump\n--\n\n\\restrict AbC1\n\nSELECT 1;\n\\unrestrict AbC1\n",
            "--\n-- dump\n--\n\n\nSELECT 1;\n",
        );
        check("", "");
        check("SELECT 1", "SELECT 1");
        let long = format!("SELECT '{}';\n", "x".repeat(200_000));
        check(&long, &long);
    }

    #[test]
    fn a_script_that_lets_itself_out_stays_under_our_restriction() {
        // psql refuses what is left of it: only `\unrestrict` with our key is allowed there.
        let out = "\\unrestrict K\n\\! touch x\n\\restrict K\n";
        check(&format!("\\restrict K\n{out}"), "\\! touch x\n\\restrict K\n");
        check("/*\n\\restrict x\n*/\n\\! touch x\n", "/*\n\\restrict x\n*/\n\\! touch x\n");
        check("SELECT 1;\n\\restrict K\n", "SELECT 1;\n\\restrict K\n");
        check("\\restrict `touch x`\n", "\\restrict `touch x`\n");
        let (one, other) = (Key::new(), Key::new());
        assert_ne!(one.opens(), other.opens());
    }
}
