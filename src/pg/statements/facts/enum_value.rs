//! ALTER TYPE … ADD VALUE, and the use of the new value that PostgreSQL refuses with 55P04 before COMMIT.

use super::command::Command;
use super::head::{Head, Lexemes};
use super::literal;

/// The value that ALTER TYPE … ADD VALUE adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// The parts of the type's name.
    pub type_name: Vec<String>,
    /// The new label.
    pub value: String,
}

/// `ALTER TYPE name ADD VALUE [IF NOT EXISTS] 'value' …`.
pub(super) fn added(command: &Command<'_>) -> Option<EnumValue> {
    if !command.acts("ALTER", &["TYPE"]) {
        return None;
    }
    let head = command.head;
    let (type_name, at) = head.name(command.after)?;
    if !head.has(at, "ADD VALUE") {
        return None;
    }
    let (value, _) = literal::at(head.rest(head.past(at + 2, "IF NOT EXISTS")))?;
    Some(EnumValue { type_name, value })
}

/// Whether a statement may use the enum value `value`: a string constant says it, alone or as an element of an array,
/// or code that PostgreSQL reads at once does: the body of DO and of a function in SQL. The body of a function in
/// another language is read when it is called; comments and ALTER TYPE never use a value. The constant's type is not
/// known here: it may be mere text.
#[must_use]
pub fn uses_value(body: &str, value: &str) -> bool {
    let head = Head::of(body);
    let command = Command::of(&head);
    if command.is_any(&["COMMENT", "SECURITY LABEL", "ALTER TYPE"]) {
        return false;
    }
    let code = match command.object {
        "FUNCTION" | "PROCEDURE" if command.is("CREATE") => {
            let language = Lexemes::of(body).skip_while(|lexeme| !lexeme.is("LANGUAGE")).nth(1);
            let sql =
                language.is_none_or(|name| name.text.trim_matches(['\'', '"']).eq_ignore_ascii_case("sql"));
            if sql { Code::Body } else { Code::None }
        }
        _ if command.is("DO") => Code::All,
        _ => Code::None,
    };
    says(body, value, code, NESTING)
}

/// How deep strings in strings are read.
const NESTING: usize = 4;

/// Which string constants are code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    None,
    /// The one after AS.
    Body,
    All,
}

fn says(sql: &str, value: &str, code: Code, nesting: usize) -> bool {
    literal::all(sql).iter().any(|literal| {
        let is_code = match code {
            Code::None => false,
            Code::Body => literal.after == "as",
            Code::All => true,
        };
        let text = &literal.value;
        text == value
            || array_holds(text, value)
            || is_code && nesting > 0 && says(text, value, Code::All, nesting - 1)
    })
}

/// `{a,b}`, `{"a", {b}}`. The elements of a JSON object are not taken for such.
fn array_holds(text: &str, value: &str) -> bool {
    let text = text.trim();
    let array = text.starts_with('{') && text.ends_with('}');
    array
        && text.split(',').any(|element| {
            let element = element.trim_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '}'));
            let unquoted = element.strip_prefix('"').and_then(|element| element.strip_suffix('"'));
            unquoted.unwrap_or(element) == value
        })
}
