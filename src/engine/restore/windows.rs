//! A script of pg_dump that went through Windows: UTF-16 as PowerShell's `>` writes it, a byte order mark, line ends of two
//! characters. Bytes in, bytes out; what cannot be taken back without a doubt is an error.

use std::fmt;

/// In which form a script is, where that is none that psql takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    encoding: Encoding,
    /// Bytes of the mark that are still to be passed over.
    mark: usize,
    /// It begins with a mark.
    marked: bool,
    /// Every line ends in CR LF.
    crlf: bool,
    /// The half of a character of UTF-16.
    half: Option<u8>,
    /// A CR came, whose LF may follow.
    cr: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// The server's, whichever that is.
    Bytes,
    Utf16Le,
    Utf16Be,
}

/// Why a script cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Characters that are not ASCII in UTF-16.
    NotAscii,
    /// An archive, whose bytes were taken for text.
    Archive,
    /// Some lines end in CR LF, others in LF.
    Mixed,
    /// Text of UTF-8 that says that it is of another encoding.
    Mark,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAscii => {
                "a script in UTF-16, as PowerShell's `>` writes it, which may also have replaced its characters that are \
                 not ASCII: dump it once more with `pg_dump -f FILE`"
            }
            Self::Archive => {
                "an archive of pg_dump whose bytes were taken for text, as PowerShell's `>` does, and cannot be restored: \
                 dump it once more with `pg_dump -f FILE`"
            }
            Self::Mixed => {
                "a script in which some lines end in CR LF, as on Windows, and others in LF: dump it once more with \
                 `pg_dump -f FILE`, or copy it as a binary file"
            }
            Self::Mark => {
                "a script with the byte order mark of UTF-8 and a `SET client_encoding` of another encoding: save it once \
                 more in the encoding that it names, without the mark"
            }
        })
    }
}

impl Windows {
    /// What the first bytes of a file say; `None`: Windows changed nothing that can be seen.
    ///
    /// # Errors
    /// `Archive`, `Mark`.
    pub(super) fn of(head: &[u8]) -> Result<Option<Self>, Wrong> {
        let (encoding, mark) = match head {
            [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Bytes, 3),
            [b'-' | b'P' | b'S', 0, ..] => (Encoding::Utf16Le, 0),
            [0, b'-' | b'P' | b'S', ..] => (Encoding::Utf16Be, 0),
            _ => (Encoding::Bytes, 0),
        };
        let after = &head[mark..];
        let text: Vec<u8> = match encoding {
            Encoding::Bytes => after.to_vec(),
            _ => after.iter().copied().filter(|byte| *byte != 0).collect(),
        };
        let changed = encoding != Encoding::Bytes || mark > 0;
        if changed && text.starts_with(b"PGDMP") {
            return Err(Wrong::Archive);
        }
        let first_end = memchr::memchr(b'\n', &text);
        let crlf = first_end.is_some_and(|end| text[..end].ends_with(b"\r")) && !text.starts_with(b"PGDMP");
        if mark == 3 && !is_utf8(&text) {
            return Err(Wrong::Mark);
        }
        let windows = Self { encoding, mark, marked: mark > 0, crlf, half: None, cr: false };
        Ok((changed || crlf).then_some(windows))
    }

    /// Take back what was done to these bytes.
    ///
    /// # Errors
    /// `NotAscii`, `Mixed`.
    pub(super) fn feed(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> Result<(), Wrong> {
        for &byte in bytes {
            if self.mark > 0 {
                self.mark -= 1;
                continue;
            }
            let (low, high) = match (self.encoding, self.half.take()) {
                (Encoding::Bytes, _) => (byte, 0),
                (_, None) => {
                    self.half = Some(byte);
                    continue;
                }
                (Encoding::Utf16Le, Some(first)) => (first, byte),
                (Encoding::Utf16Be, Some(first)) => (byte, first),
            };
            if self.encoding != Encoding::Bytes && (high != 0 || !low.is_ascii()) {
                return Err(Wrong::NotAscii);
            }
            self.put(low, text)?;
        }
        Ok(())
    }

    fn put(&mut self, byte: u8, text: &mut Vec<u8>) -> Result<(), Wrong> {
        if !self.crlf {
            text.push(byte);
            return Ok(());
        }
        let after_cr = std::mem::replace(&mut self.cr, byte == b'\r');
        match (after_cr, byte) {
            (true, b'\n') => text.push(b'\n'),
            (false, b'\n') => return Err(Wrong::Mixed),
            (true, byte) => {
                text.push(b'\r');
                if byte != b'\r' {
                    text.push(byte);
                }
            }
            (false, b'\r') => {}
            (false, byte) => text.push(byte),
        }
        Ok(())
    }

    /// The input has ended.
    ///
    /// # Errors
    /// `NotAscii`: half of a character is left.
    pub(super) fn end(&mut self, text: &mut Vec<u8>) -> Result<(), Wrong> {
        if std::mem::take(&mut self.cr) {
            text.push(b'\r');
        }
        if self.half.is_some() { Err(Wrong::NotAscii) } else { Ok(()) }
    }

    /// The command that does about the same.
    pub(super) fn command(&self) -> String {
        match (self.encoding, self.crlf) {
            (Encoding::Bytes, true) => "sed 's/\\r$//'".to_owned(),
            (Encoding::Bytes, false) => "tail -c +4".to_owned(),
            (_, crlf) => {
                let then = if crlf { " | sed 's/\\r$//'" } else { "" };
                format!("iconv -f UTF-16 -t UTF-8{then}")
            }
        }
    }

    /// What was done, for people.
    pub(super) fn note(&self) -> String {
        let mut changed = Vec::new();
        if self.encoding != Encoding::Bytes {
            changed.push("it was converted from UTF-16");
        } else if self.marked {
            changed.push("its byte order mark was removed");
        }
        if self.crlf {
            changed.push(
                "its line ends were converted from CR LF to LF, also inside function bodies and strings",
            );
        }
        format!("the script went through Windows: {}", changed.join(", "))
    }
}

/// Whether a script says that it is UTF-8, or says nothing.
fn is_utf8(head: &[u8]) -> bool {
    const SETS: &[u8] = b"SET client_encoding = '";
    let Some(at) = memchr::memmem::find(head, SETS) else { return true };
    let rest = &head[at + SETS.len()..];
    let end = memchr::memchr(b'\'', rest).unwrap_or(rest.len());
    matches!(&rest[..end], b"UTF8" | b"SQL_ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str =
        "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\nSELECT 'a\r\nb';\n";

    /// Fed in pieces of one, two, … bytes.
    #[track_caller]
    fn check(file: &[u8], wanted: Result<&str, Wrong>) {
        for size in [1, 2, 3, 1000] {
            let taken_back = || {
                let mut windows =
                    Windows::of(&file[..file.len().min(4096)])?.expect("it went through Windows");
                let mut text = Vec::new();
                for piece in file.chunks(size) {
                    windows.feed(piece, &mut text)?;
                }
                windows.end(&mut text)?;
                Ok(String::from_utf8(text).unwrap())
            };
            assert_eq!(taken_back(), wanted.map(str::to_owned), "in pieces of {size}");
        }
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn what_windows_did_to_a_script_is_taken_back() {
        // As the C library of Windows does: also the LF of a CR LF gets its CR.
        let crlf = SCRIPT.replace('\n', "\r\n");
        check(crlf.as_bytes(), Ok(SCRIPT));
        check(format!("\u{feff}{SCRIPT}").as_bytes(), Ok(SCRIPT));
        check(format!("\u{feff}{crlf}").as_bytes(), Ok(SCRIPT));
        for mark in [true, false] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                check(&utf16(&crlf, mark, bytes), Ok(SCRIPT));
                check(&utf16(SCRIPT, mark, bytes), Ok(SCRIPT));
            }
        }
        check(b"--\r\nSELECT '\r\r';\r\nx\r", Ok("--\nSELECT '\r\r';\nx\r"));
    }

    #[test]
    fn what_cannot_be_taken_back_is_named() {
        check(b"--\r\n-- PostgreSQL\nSELECT 1;\r\n", Err(Wrong::Mixed));
        check(&utf16("--\r\n-- gr\u{f6}\u{df}e", true, u16::to_le_bytes), Err(Wrong::NotAscii));
        check(&[&utf16("--\r\n", true, u16::to_le_bytes)[..], b"x"].concat(), Err(Wrong::NotAscii));
        check("\u{feff}--\r\nSET client_encoding = 'LATIN1';\r\n".as_bytes(), Err(Wrong::Mark));
        check(&utf16("PGDMP\u{1}", true, u16::to_le_bytes), Err(Wrong::Archive));
        check("\u{feff}PGDMP".as_bytes(), Err(Wrong::Archive));
    }

    #[test]
    fn what_did_not_go_through_windows_is_left_alone() {
        for head in
            [SCRIPT.as_bytes(), b"", b"PGDMP\x01\x0e\r\n", b"x", b"--", b"CREATE FUNCTION f() AS $$\n\r\n$$"]
        {
            assert_eq!(Windows::of(head), Ok(None));
        }
    }
}
