//! CREATE INDEX CONCURRENTLY, which may leave an invalid index: what a runner must know of it.

use super::ConcurrentIndex;
use super::command::Command;

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table …`.
pub(super) fn of(command: &Command<'_>) -> Option<ConcurrentIndex> {
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
