//! The two statements whose names a runner must know: the index that may be left invalid, the enum that grows.

use super::ConcurrentIndex;
use super::command::Command;

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table …`.
pub(super) fn concurrent_index(command: &Command<'_>) -> Option<ConcurrentIndex> {
    let head = command.head;
    if !(command.acts("CREATE", &["INDEX"]) && command.is_concurrent()) {
        return None;
    }
    let at = head.past(command.after, "CONCURRENTLY");
    let named = head.past(at, "IF NOT EXISTS");
    let (name, at) =
        if head.has(named, "ON") { (None, named) } else { (Some(head.get(named)?.identifier()?), named + 1) };
    let (table, _) = head.name(head.past(head.past(at, "ON"), "ONLY"))?;
    Some(ConcurrentIndex { name, table, if_not_exists: head.has(command.after + 1, "IF NOT EXISTS") })
}

/// `ALTER TYPE name ADD VALUE …`.
pub(super) fn adds_enum_value(command: &Command<'_>) -> Option<Vec<String>> {
    if !command.acts("ALTER", &["TYPE"]) {
        return None;
    }
    let (name, at) = command.head.name(command.after)?;
    command.head.has(at, "ADD VALUE").then_some(name)
}
