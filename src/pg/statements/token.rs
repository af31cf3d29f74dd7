//! One token at a time, after PostgreSQL's own scanner (src/backend/parser/scan.l; manual section 4.1 "Lexical
//! Structure"). Bytes in, kind and end out; no state, no allocation. Where the buffer may go on, it says so.

/// What a stretch of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// `--` to the end of the line.
    LineComment,
    /// `/* … */`, nested.
    BlockComment,
    /// A key word or an identifier without quotes.
    Word,
    /// `"…"` or `U&"…"`.
    QuotedIdent,
    /// `'…'`, `N'…'`, `U&'…'`: only `''` is special (standard_conforming_strings is on).
    Str,
    /// `E'…'`: a backslash hides the next character.
    EscapeStr,
    /// `B'…'`, `X'…'`: nothing is special.
    BitStr,
    /// `$tag$…$tag$`, one token with its body.
    Dollar,
    Number,
    /// `$1`
    Param,
    Operator,
    /// `( ) [ ] , ; . .. : :: :=`
    Symbol,
    /// A backslash outside quotes: a command of psql, to the end of the line.
    Meta,
    /// A byte that begins no token; the server will refuse it.
    Other,
}

impl Kind {
    pub(super) fn is_trivia(self) -> bool {
        matches!(self, Kind::Space | Kind::LineComment | Kind::BlockComment)
    }

    pub(super) fn is_string(self) -> bool {
        matches!(self, Kind::Str | Kind::EscapeStr | Kind::BitStr)
    }
}

/// The next token, or why there is none. Flat and small: it is the innermost loop's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// Its kind and the index after its last byte.
    Token(Kind, usize),
    /// Its end cannot be known before more text comes.
    More,
    /// It is of this kind, and the text ends before it does.
    Unclosed(Kind),
}

/// Whether the buffer ends where the text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Open,
    Final,
}

const SPACE: u8 = 1;
const WORD_START: u8 = 2;
const DIGIT: u8 = 4;
const OPERATOR: u8 = 8;
const DOLLAR: u8 = 16;

/// scan.l: `ident_start` is a letter, `_` or any byte above ASCII; `op_chars`; `space`.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => SPACE,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => WORD_START,
            b'0'..=b'9' => DIGIT,
            b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'+' | b'-' | b'*' | b'/'
            | b'%' | b'<' | b'>' | b'=' => OPERATOR,
            b'$' => DOLLAR,
            _ => 0,
        };
        byte += 1;
    }
    class
};

#[inline]
fn is(byte: u8, classes: u8) -> bool {
    CLASS[byte as usize] & classes != 0
}

/// The index of the first byte from `at` on that is in none of `classes`.
#[inline]
fn skip(bytes: &[u8], at: usize, classes: u8) -> usize {
    let mut end = at;
    while let Some(byte) = bytes.get(end)
        && is(*byte, classes)
    {
        end += 1;
    }
    end
}

/// The index of the end of the line, its `\n` or `\r` not included.
fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(bytes.len(), |length| at + length)
}

/// The token at `at`, which is inside `bytes`. `continues` is the kind of string that a `'` here goes on.
#[inline]
pub(super) fn scan(bytes: &[u8], at: usize, ending: Ending, continues: Option<Kind>) -> Scan {
    let token = |kind, end| {
        if end == bytes.len() && ending == Ending::Open { Scan::More } else { Scan::Token(kind, end) }
    };
    let closed = |kind, end: Option<usize>| match (end, ending) {
        (Some(end), _) => token(kind, end),
        (None, Ending::Open) => Scan::More,
        (None, Ending::Final) => Scan::Unclosed(kind),
    };
    let word = || token(Kind::Word, skip(bytes, at, WORD_START | DIGIT | DOLLAR));
    let next = bytes.get(at + 1).copied();
    let undecided = next.is_none() && ending == Ending::Open;
    match bytes[at] {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => Scan::Token(Kind::Space, skip(bytes, at, SPACE)),
        b';' | b',' | b'(' | b')' | b'[' | b']' => Scan::Token(Kind::Symbol, at + 1),
        b'\'' => {
            let kind = continues.unwrap_or(Kind::Str);
            closed(kind, string_end(bytes, at + 1, kind))
        }
        b'"' => closed(Kind::QuotedIdent, doubled_end(bytes, at + 1, b'"')),
        b'e' | b'E' | b'b' | b'B' | b'x' | b'X' | b'n' | b'N' | b'u' | b'U' if undecided => Scan::More,
        b'e' | b'E' | b'b' | b'B' | b'x' | b'X' | b'n' | b'N' | b'u' | b'U' => match prefixed(bytes, at) {
            Prefixed::Str(from, kind) => closed(kind, string_end(bytes, from, kind)),
            Prefixed::Ident(from) => closed(Kind::QuotedIdent, doubled_end(bytes, from, b'"')),
            Prefixed::Undecided if ending == Ending::Open => Scan::More,
            Prefixed::Undecided | Prefixed::No => word(),
        },
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => word(),
        b'0'..=b'9' => number(bytes, at, ending),
        b'.' | b':' if undecided => Scan::More,
        b'.' => match next {
            Some(b'0'..=b'9') => number(bytes, at, ending),
            Some(b'.') => Scan::Token(Kind::Symbol, at + 2),
            _ => Scan::Token(Kind::Symbol, at + 1),
        },
        b':' if matches!(next, Some(b':' | b'=')) => Scan::Token(Kind::Symbol, at + 2),
        b':' => Scan::Token(Kind::Symbol, at + 1),
        b'$' => dollar(bytes, at, ending),
        b'-' if next == Some(b'-') => token(Kind::LineComment, line_end(bytes, at)),
        b'/' if next == Some(b'*') => closed(Kind::BlockComment, comment_end(bytes, at + 2)),
        b'\\' => match line_end(bytes, at) {
            end if end == bytes.len() && ending == Ending::Open => Scan::More,
            end => {
                let blank = bytes[at..end].iter().rev().take_while(|byte| is(**byte, SPACE)).count();
                Scan::Token(Kind::Meta, end - blank)
            }
        },
        byte if is(byte, OPERATOR) => match skip(bytes, at, OPERATOR) {
            end if end == bytes.len() && ending == Ending::Open => Scan::More,
            end => Scan::Token(Kind::Operator, at + operator_length(&bytes[at..end])),
        },
        _ => Scan::Token(Kind::Other, at + 1),
    }
}

enum Prefixed {
    /// Index of the first byte after the opening quote.
    Str(usize, Kind),
    Ident(usize),
    /// `U&` at the end of the buffer.
    Undecided,
    No,
}

/// 4.1.2.2 "String Constants with C-Style Escapes", 4.1.2.3 "… with Unicode Escapes", 4.1.2.5 "Bit-String Constants",
/// and the `N'…'` of the standard.
fn prefixed(bytes: &[u8], at: usize) -> Prefixed {
    match (bytes[at].to_ascii_lowercase(), bytes.get(at + 1), bytes.get(at + 2)) {
        (b'e', Some(b'\''), _) => Prefixed::Str(at + 2, Kind::EscapeStr),
        (b'b' | b'x', Some(b'\''), _) => Prefixed::Str(at + 2, Kind::BitStr),
        (b'n', Some(b'\''), _) => Prefixed::Str(at + 2, Kind::Str),
        (b'u', Some(b'&'), Some(b'\'')) => Prefixed::Str(at + 3, Kind::Str),
        (b'u', Some(b'&'), Some(b'"')) => Prefixed::Ident(at + 3),
        (b'u', Some(b'&'), None) => Prefixed::Undecided,
        _ => Prefixed::No,
    }
}

fn string_end(bytes: &[u8], from: usize, kind: Kind) -> Option<usize> {
    match kind {
        Kind::BitStr => bytes[from..].iter().position(|byte| *byte == b'\'').map(|length| from + length + 1),
        Kind::EscapeStr => {
            let mut at = from;
            loop {
                at += bytes.get(at..)?.iter().position(|byte| matches!(byte, b'\'' | b'\\'))?;
                match (bytes[at], bytes.get(at + 1)) {
                    (b'\\', _) | (b'\'', Some(b'\'')) => at += 2,
                    _ => return Some(at + 1),
                }
            }
        }
        _ => doubled_end(bytes, from, b'\''),
    }
}

/// The index after the closing quote, where two quotes stand for one.
fn doubled_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == quote)? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// 4.1.5 "Comments": block comments nest.
fn comment_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut depth = 1u32;
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| matches!(byte, b'*' | b'/'))?;
        match (bytes[at], bytes.get(at + 1)) {
            (b'*', Some(b'/')) => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', Some(b'*')) => {
                at += 2;
                depth += 1;
            }
            _ => at += 1,
        }
    }
}

/// 4.1.2.4 "Dollar-Quoted String Constants", or a parameter. An identifier has swallowed its dollars before us.
fn dollar(bytes: &[u8], at: usize, ending: Ending) -> Scan {
    let open = ending == Ending::Open;
    if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        let end = skip(bytes, at + 1, DIGIT);
        return if end == bytes.len() && open { Scan::More } else { Scan::Token(Kind::Param, end) };
    }
    let tag_end = skip(bytes, at + 1, WORD_START | DIGIT);
    match bytes.get(tag_end) {
        None if open => return Scan::More,
        Some(b'$') => {}
        _ => return Scan::Token(Kind::Other, at + 1),
    }
    let delimiter = &bytes[at..=tag_end];
    let mut from = tag_end + 1;
    while let Some(length) = bytes[from..].iter().position(|byte| *byte == b'$') {
        from += length;
        if bytes[from..].starts_with(delimiter) {
            return Scan::Token(Kind::Dollar, from + delimiter.len());
        }
        from += 1;
    }
    if open { Scan::More } else { Scan::Unclosed(Kind::Dollar) }
}

fn number(bytes: &[u8], at: usize, ending: Ending) -> Scan {
    let end = number_end(bytes, at);
    // Whether `e+` or `0x` belong to it is decided two bytes later.
    if end + 2 >= bytes.len() && ending == Ending::Open { Scan::More } else { Scan::Token(Kind::Number, end) }
}

/// 4.1.2.6 "Numeric Constants": `42`, `3.5`, `4.`, `.001`, `5e2`, `1_000`, `0x1F`; but `1..2` is not `1.`.
fn number_end(bytes: &[u8], at: usize) -> usize {
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .position(|byte| !byte.is_ascii_digit() && *byte != b'_')
            .map_or(bytes.len(), |n| from + n)
    };
    if bytes[at] == b'0' && matches!(bytes.get(at + 1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) {
        let end =
            bytes[at + 2..].iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b'_').count();
        if end > 0 {
            return at + 2 + end;
        }
    }
    let mut end = digits(at);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// 4.1.3 "Operators": none contains `--` or `/*`, and one of several characters ends in `+` or `-` only if it
/// contains one of ``~ ! @ # % ^ & | ` ?``.
fn operator_length(run: &[u8]) -> usize {
    let mut length = run.windows(2).position(|pair| pair == b"--" || pair == b"/*").unwrap_or(run.len());
    while length > 1
        && matches!(run[length - 1], b'+' | b'-')
        && !run[..length - 1].iter().any(|byte| b"~!@#^&|`?%".contains(byte))
    {
        length -= 1;
    }
    length
}
