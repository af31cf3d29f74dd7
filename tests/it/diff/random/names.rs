//! Names as people give them and as nobody should, and other text that has to be quoted.

use super::dice::Dice;

const NAMES: [&str; 48] = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "orders",
    "items",
    "Orders",
    "ITEMS",
    "user",
    "select",
    "order",
    "group",
    "table",
    "default",
    "references",
    "null",
    "name",
    "value",
    "Mixed Case",
    "with space",
    " space first",
    "a\"b",
    "\"",
    "it's",
    "a.b",
    "public.a",
    "100%",
    "%s",
    "back\\slash",
    "semi;colon",
    "naïve",
    "Größe",
    "日本語",
    "🦀",
    "-- not a comment",
    "/* nor this",
    "$$",
    "$function$",
    ":name",
    "1st",
    "a,b",
    "(a)",
    "{a}",
    "tab\there",
    "line\nbreak",
    "sixty_three_bytes_are_the_longest_name_that_postgresql_can_keep",
    "éééééééééééééééééééééééééééééééx",
];

const TEXTS: [&str; 8] = [
    "plain",
    "it's",
    "back\\slash",
    "two\nlines",
    "\"quoted\" % and $$ and $1",
    "größer 日本語 🦀",
    "-- no comment; COMMIT;",
    "trailing space ",
];

pub(super) const ROLES: [&str; 3] = ["app_reader", "app_writer", "App Admin"];

/// Any name; half of them are plain.
pub(super) fn name(dice: &mut Dice<'_>) -> String {
    let sides = if dice.one_in(2) { NAMES.len() } else { 7 };
    NAMES[dice.roll(sides)].to_owned()
}

/// The same name with a number, of 63 bytes at most.
pub(super) fn numbered(name: &str, number: usize) -> String {
    let number = format!("_{number}");
    let mut end = name.len().min(63 - number.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{number}", &name[..end])
}

/// The label of an enum type.
pub(super) fn label(number: u8) -> &'static str {
    NAMES[usize::from(number) % NAMES.len()]
}

pub(super) fn text(number: u8) -> &'static str {
    TEXTS[usize::from(number) % TEXTS.len()]
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn role(number: u8) -> String {
    match ROLES.get(usize::from(number)) {
        Some(role) => quoted(role),
        None => "PUBLIC".to_owned(),
    }
}
