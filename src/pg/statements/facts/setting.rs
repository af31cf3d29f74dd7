//! Which setting SET and RESET change, with the forms that have a syntax of their own (gram.y, `set_rest`).

use super::command::Command;

pub(super) fn of(command: &Command<'_>) -> Option<String> {
    let head = command.head;
    let at = if command.is("SET") {
        if head.has(1, "SESSION CHARACTERISTICS") {
            return Some("session_characteristics".to_owned());
        }
        // `SET SESSION AUTHORIZATION` and `SET SESSION SESSION AUTHORIZATION` are both right.
        if head.has_any(1, &["SESSION AUTHORIZATION", "CONSTRAINTS"]) {
            1
        } else {
            match head.past(1, "LOCAL") {
                1 => head.past(1, "SESSION"),
                at => at,
            }
        }
    } else if command.is("RESET") {
        1
    } else {
        return None;
    };
    let special = [
        ("SESSION AUTHORIZATION", "session_authorization"),
        ("TIME ZONE", "timezone"),
        ("NAMES", "client_encoding"),
        ("SCHEMA", "search_path"),
        ("XML OPTION", "xmloption"),
        (
            "TRANSACTION ISOLATION LEVEL",
            if command.is("RESET") { "transaction_isolation" } else { "transaction" },
        ),
        ("TRANSACTION", "transaction"),
    ];
    if let Some((_, name)) = special.into_iter().find(|(phrase, _)| head.has(at, phrase)) {
        return Some(name.to_owned());
    }
    // It defers constraints; there is no setting behind it.
    if head.has(at, "CONSTRAINTS") {
        return None;
    }
    let (parts, _) = head.name(at)?;
    Some(parts.join(".").to_lowercase())
}
