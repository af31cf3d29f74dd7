//! Reads the rows of COPY … TO STDOUT in text format (docs "COPY", "Text Format").

/// The columns of one row; `None` is NULL. Bytes that are no UTF-8 are replaced: the session's encoding is UTF-8.
pub fn columns(line: &[u8]) -> Vec<Option<String>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.split(|byte| *byte == b'\t').map(column).collect()
}

fn column(text: &[u8]) -> Option<String> {
    if text == b"\\N" {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        // The server writes no octal or hexadecimal escapes.
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'v') => 11,
                Some(other) => *other,
                None => b'\\',
            },
            other => *other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_null_are_read_back() {
        let read = columns(b"a\\tb\t\\N\t\t\\\\N\t\\\\x0a\tl\\nm\\r\n");
        let want = [Some("a\tb"), None, Some(""), Some("\\N"), Some("\\x0a"), Some("l\nm\r")];
        assert_eq!(read, want.map(|cell| cell.map(str::to_owned)));
    }
}
