//! Where to look after a run that died in a statement that no transaction protects. For every statement that
//! `transaction` forbids there is an answer here.

use super::command::Command;
use super::head::Head;
use super::{Transaction, literal};

/// What a statement that no transaction can hold leaves behind, finished or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// CREATE INDEX CONCURRENTLY, see [`super::Facts::concurrent_index`]. Finished: the index is valid. An invalid one is what
    /// is left of an attempt; it goes before the next.
    CreateIndex,
    /// DROP INDEX CONCURRENTLY, which takes one name. Finished: no such index. Else run it again: the attempt may have
    /// left the index invalid.
    DropIndex {
        /// The parts of its name.
        name: Vec<String>,
    },
    /// REINDEX. It may run again; CONCURRENTLY leaves invalid indexes `…_ccnew` and `…_ccold` behind, which go first.
    Reindex(Reindexed),
    /// ALTER TABLE … DETACH PARTITION … CONCURRENTLY. Finished: `pg_inherits` has no such row. If its row is
    /// `inhdetachpending`, only DETACH PARTITION … FINALIZE helps; that may be in a transaction.
    DetachPartition {
        /// The parts of the partitioned table's name.
        parent: Vec<String>,
        /// The parts of the partition's name.
        partition: Vec<String>,
    },
    /// Finished: `pg_database` has it.
    CreateDatabase {
        /// Its name.
        name: String,
    },
    /// Finished: `pg_database` has it no more.
    DropDatabase {
        /// Its name.
        name: String,
    },
    /// Finished: `pg_tablespace` has it.
    CreateTablespace {
        /// Its name.
        name: String,
    },
    /// Finished: `pg_tablespace` has it no more.
    DropTablespace {
        /// Its name.
        name: String,
    },
    /// Finished: `pg_subscription` has it in this database. Its slot on the publisher may exist before it does.
    CreateSubscription {
        /// Its name.
        name: String,
    },
    /// Finished: `pg_subscription` has it no more in this database.
    DropSubscription {
        /// Its name.
        name: String,
    },
    /// ALTER SUBSCRIPTION … ADD PUBLICATION. Finished: `subpublications` holds them; a second time is an error.
    AddPublications {
        /// The subscription.
        subscription: String,
        /// The new publications.
        publications: Vec<String>,
    },
    /// ALTER SUBSCRIPTION … DROP PUBLICATION. Finished: `subpublications` holds none of them.
    DropPublications {
        /// The subscription.
        subscription: String,
        /// The publications that go.
        publications: Vec<String>,
    },
    /// COMMIT PREPARED, ROLLBACK PREPARED. Finished, by whomever: `pg_prepared_xacts` has it no more.
    FinishPrepared {
        /// The name that PREPARE TRANSACTION gave it.
        gid: String,
    },
    /// VACUUM, CLUSTER, REPACK, ALTER SYSTEM, DISCARD ALL, ALTER DATABASE … SET TABLESPACE, other ALTER SUBSCRIPTION: running
    /// it again does no harm.
    Repeatable,
}

/// What REINDEX rebuilds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reindexed {
    /// The parts of an index's name.
    Index(Vec<String>),
    /// The parts of a table's name.
    Table(Vec<String>),
    /// A schema.
    Schema(String),
    /// The current database: PostgreSQL takes no other one's name.
    Database,
    /// The system catalogs of the current database.
    System,
}

pub(super) fn of(command: &Command<'_>, transaction: Transaction) -> Option<Evidence> {
    if transaction == Transaction::Any {
        return None;
    }
    let head = command.head;
    let name = || head.get(head.past(command.after, "IF EXISTS"))?.identifier();
    match (command.is("CREATE"), command.is("DROP"), command.object) {
        (true, _, "INDEX") => return Some(Evidence::CreateIndex),
        (_, true, "INDEX") => {
            let at = head.past(head.past(command.after, "CONCURRENTLY"), "IF EXISTS");
            return head.name(at).map(|(name, _)| Evidence::DropIndex { name });
        }
        (true, _, "DATABASE") => return name().map(|name| Evidence::CreateDatabase { name }),
        (_, true, "DATABASE") => return name().map(|name| Evidence::DropDatabase { name }),
        (true, _, "TABLESPACE") => return name().map(|name| Evidence::CreateTablespace { name }),
        (_, true, "TABLESPACE") => return name().map(|name| Evidence::DropTablespace { name }),
        (true, _, "SUBSCRIPTION") => return name().map(|name| Evidence::CreateSubscription { name }),
        (_, true, "SUBSCRIPTION") => return name().map(|name| Evidence::DropSubscription { name }),
        _ => {}
    }
    if command.is("REINDEX") {
        reindexed(command).map(Evidence::Reindex)
    } else if command.acts("ALTER", &["TABLE"]) {
        detached(command)
    } else if command.is_any(&["COMMIT PREPARED", "ROLLBACK PREPARED"]) {
        let (gid, _) = literal::at(head.rest(2))?;
        Some(Evidence::FinishPrepared { gid })
    } else if command.acts("ALTER", &["SUBSCRIPTION"]) {
        published(command)
    } else {
        Some(Evidence::Repeatable)
    }
}

fn reindexed(command: &Command<'_>) -> Option<Reindexed> {
    let head = command.head;
    let (_, at) = head.parenthesis(1);
    let named = head.past(at + 1, "CONCURRENTLY");
    if head.has(at, "DATABASE") {
        return Some(Reindexed::Database);
    } else if head.has(at, "SYSTEM") {
        return Some(Reindexed::System);
    }
    let (mut name, _) = head.name(named)?;
    if head.has(at, "INDEX") {
        Some(Reindexed::Index(name))
    } else if head.has(at, "TABLE") {
        Some(Reindexed::Table(name))
    } else {
        name.pop().map(Reindexed::Schema)
    }
}

/// `ALTER TABLE [IF EXISTS] [ONLY] t DETACH PARTITION p CONCURRENTLY`.
fn detached(command: &Command<'_>) -> Option<Evidence> {
    let head = command.head;
    let (parent, at) = head.name(head.past(head.past(command.after, "IF EXISTS"), "ONLY"))?;
    let at = head.get(at).filter(|lexeme| lexeme.text == "*").map_or(at, |_| at + 1);
    let (partition, _) = head.name(head.past(at, "DETACH PARTITION"))?;
    Some(Evidence::DetachPartition { parent, partition })
}

/// `ALTER SUBSCRIPTION s ADD | DROP PUBLICATION p, …`; all other forms may be said twice.
fn published(command: &Command<'_>) -> Option<Evidence> {
    let head = command.head;
    let subscription = head.get(command.after)?.identifier()?;
    let at = command.after + 1;
    if head.has(at, "ADD PUBLICATION") {
        Some(Evidence::AddPublications { subscription, publications: list(head, at + 2)? })
    } else if head.has(at, "DROP PUBLICATION") {
        Some(Evidence::DropPublications { subscription, publications: list(head, at + 2)? })
    } else {
        Some(Evidence::Repeatable)
    }
}

fn list(head: &Head<'_>, mut at: usize) -> Option<Vec<String>> {
    let mut names = vec![head.get(at)?.identifier()?];
    while head.has(at + 1, ",") {
        at += 2;
        names.push(head.get(at)?.identifier()?);
    }
    Some(names)
}
