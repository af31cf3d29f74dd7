//! Reads Rust source just far enough to know which paths it names: tokens without comments and text, inline modules,
//! and `use` trees. No parser: macros and generics pass by as the tokens they are.

/// One word or sign of the source, on its line, in its inline modules.
#[derive(Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A path as the source names it, made absolute: `crate::pg::url`, `std::fs::read`, `clap::Parser`.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// Inside `mod tests { … }` or a file `tests.rs`.
    pub(crate) in_tests: bool,
}

impl Named {
    pub(crate) fn starts_with(&self, start: &[&str]) -> bool {
        self.path.len() >= start.len() && self.path.iter().zip(start).all(|(have, want)| have == want)
    }
}

/// Words, `::`, and every other sign by itself. Comments are left out; text and characters become an empty `""`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut found, mut i, mut line) = (Vec::new(), 0, 1);
    while i < chars.len() {
        let (start, first) = (i, line);
        let text = match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
                None
            }
            '/' if at(i + 1) == '*' => {
                i = after_block_comment(&chars, i);
                None
            }
            c if c.is_whitespace() => {
                i += 1;
                None
            }
            '"' => {
                i = after_quoted(&chars, i);
                Some("\"\"".to_owned())
            }
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
                Some("\"\"".to_owned())
            }
            c if c.is_alphanumeric() || c == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                let word: String = chars[start..i].iter().collect();
                match word.as_str() {
                    "r" | "br" | "cr" if at(i) == '"' || (at(i) == '#' && matches!(at(i + 1), '#' | '"')) => {
                        i = after_raw(&chars, i);
                        Some("\"\"".to_owned())
                    }
                    // `r#type` is a word like any other.
                    "r" if at(i) == '#' => {
                        i += 1;
                        None
                    }
                    _ => Some(word),
                }
            }
            ':' if at(i + 1) == ':' => {
                i += 2;
                Some("::".to_owned())
            }
            c => {
                i += 1;
                Some(c.to_string())
            }
        };
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
        found.extend(text.map(|text| Token { line: first, text }));
    }
    found
}

fn after_block_comment(chars: &[char], mut i: usize) -> usize {
    let mut depth = 0;
    while i < chars.len() {
        match chars[i..].get(..2) {
            Some(['/', '*']) => (depth, i) = (depth + 1, i + 2),
            Some(['*', '/']) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn after_quoted(chars: &[char], mut i: usize) -> usize {
    i += 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn after_raw(chars: &[char], mut i: usize) -> usize {
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    i += hashes + 1;
    while i < chars.len() {
        let closes =
            chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        i += 1;
        if closes {
            return i + hashes;
        }
    }
    i
}

/// Every path that the source names. `module` says where in the crate it stands, without `crate`.
pub(crate) fn paths(source: &str, module: &[String]) -> Vec<Named> {
    let tokens = tokens(source);
    let text = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut inline: Vec<(String, usize)> = Vec::new();
    let (mut found, mut depth, mut i) = (Vec::new(), 0, 0);
    while i < tokens.len() {
        match text(i) {
            "mod" if text(i + 2) == "{" => {
                depth += 1;
                inline.push((text(i + 1).to_owned(), depth));
                i += 3;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                inline.retain(|(_, opened)| *opened < depth);
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        let before = i.checked_sub(1).map_or("", text);
        let in_use = before == "use" || (before == "::" && i >= 2 && text(i - 2) == "use");
        let begins =
            if in_use { is_word(text(i)) || text(i) == "{" } else { is_word(text(i)) && text(i + 1) == "::" };
        // `a::b` goes on a path, and so does `<T>::b`; a bare `::b` begins one.
        let goes_on = before == "." || (before == "::" && !in_use && (i >= 2 && ends_path(text(i - 2))));
        if !begins || goes_on {
            i += 1;
            continue;
        }
        let here: Vec<String> =
            module.iter().cloned().chain(inline.iter().map(|(name, _)| name.clone())).collect();
        let in_tests = here.iter().any(|name| name == "tests");
        i = tree(&tokens, i, Vec::new(), &here, &mut |line, path| found.push(Named { line, path, in_tests }));
    }
    found
}

/// One tree of a `use`, or one plain path; returns the index after it.
fn tree(
    tokens: &[Token],
    mut i: usize,
    mut prefix: Vec<String>,
    here: &[String],
    found: &mut dyn FnMut(usize, Vec<String>),
) -> usize {
    while let Some(token) = tokens.get(i) {
        match token.text.as_str() {
            "{" => {
                i += 1;
                while let Some(token) = tokens.get(i) {
                    match token.text.as_str() {
                        "}" => return i + 1,
                        word if is_word(word) && word != "as" => {
                            i = tree(tokens, i, prefix.clone(), here, found)
                        }
                        "{" | "*" => i = tree(tokens, i, prefix.clone(), here, found),
                        "as" => i += 2,
                        _ => i += 1,
                    }
                }
                return i;
            }
            "crate" | "pgkeel" if prefix.is_empty() => prefix.push("crate".to_owned()),
            "self" if prefix.is_empty() => prefix = absolute(here),
            "super" => {
                if prefix.is_empty() {
                    prefix = absolute(here);
                }
                prefix.pop();
            }
            "self" => {}
            "*" => prefix.push("*".to_owned()),
            word if is_word(word) => prefix.push(word.to_owned()),
            _ => {
                found(token.line, prefix);
                return i;
            }
        }
        i += 1;
        if tokens.get(i).is_some_and(|next| next.text == "::") {
            i += 1;
        } else {
            found(token.line, prefix);
            return i;
        }
    }
    i
}

fn absolute(module: &[String]) -> Vec<String> {
    std::iter::once("crate".to_owned()).chain(module.iter().cloned()).collect()
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn ends_path(text: &str) -> bool {
    text == ">" || (is_word(text) && !matches!(text, "in" | "return" | "match" | "if" | "as" | "else"))
}
