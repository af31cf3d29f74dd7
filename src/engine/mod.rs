//! Decides and does: migrations, their ledger, the guard, resets and seeds. It returns values and
//! sends `Event`s; it never prints, prompts, reads the environment or exits.
//!
//! Invariants: what is decided is decided by pure functions over values; only
//! `migrations::runner` applies migrations, dry runs being its plan alone; every write happens
//! under the migration lock and leaves an `operation` row, but for what `execute` is given to run.

pub mod archive;
pub mod backup;
pub mod catalog;
pub mod derive;
pub mod drift;
pub mod emit;
pub(crate) mod fault;
pub mod guard;
pub mod ledger;
pub mod login;
mod making;
pub mod marks;
pub mod migrations;
pub mod operation;
pub mod plan;
pub mod prepared;
pub mod proof;
pub mod properties;
pub mod pull;
pub mod push;
pub mod reset;
pub mod restorability;
pub mod restore;
pub mod room;
pub mod row_security;
pub mod seeds;
pub mod shadow;
pub mod source;
pub mod squash;
pub mod swap;
mod turn;
pub mod unmanaged;
pub mod untrusted;
pub mod validate;
pub mod weigh;
pub mod withheld;

use std::time::Duration;

use crate::pg::lock::Holder;
use crate::pg::session::Fields;

/// What happens while the engine works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody else holds the migration lock; said once per holder.
    LockBusy {
        /// Who.
        holder: Holder,
    },
    /// The holder is an orphan: the process that it worked for, on this machine, is gone.
    Orphan {
        /// The process.
        process: i32,
        /// Whether the backend was ended.
        terminated: bool,
    },
    /// The lock was had after waiting.
    LockHad {
        /// Who held it last.
        holder: Holder,
        /// For how long we waited.
        waited: Duration,
    },
    /// In a shadow database some statements of a migration need more rights than an ordinary owner has.
    Elevated {
        /// Its folder's name.
        name: String,
        /// What they are, and where.
        statements: Vec<String>,
        /// The role that ran them.
        role: String,
    },
    /// A migration (or seed file) begins.
    Begin {
        /// Its folder's name.
        name: String,
        /// `apply`, `undo`, `resume`, `load`.
        verb: &'static str,
    },
    /// So much of a migration's file has been sent.
    Bytes {
        /// How much, in bytes.
        done: u64,
        /// Of how much.
        total: u64,
    },
    /// A statement has been waiting for others for a while.
    Blocked {
        /// Who, in words.
        by: String,
    },
    /// How a long statement is getting on.
    Phase {
        /// In PostgreSQL's words.
        what: String,
    },
    /// One statement of a non-transactional migration finished.
    Statement {
        /// Which, from 1.
        index: usize,
        /// Its first words.
        verb: String,
    },
    /// A migration (or seed file) is done.
    End {
        /// Its folder's name.
        name: String,
        /// How long it took.
        took: Duration,
    },
    /// A squashed migration was recorded in the place of those that it replaces.
    Marked {
        /// Its folder's name.
        name: String,
        /// How many it replaces.
        replaced: usize,
    },
    /// A lock timeout or a deadlock: it is tried again.
    Retry {
        /// Its folder's name.
        name: String,
        /// What the server said.
        why: String,
        /// How long we wait before.
        pause: Duration,
    },
    /// So many notices of a migration (or seed file) came after those that were kept.
    MoreNotices {
        /// How many.
        count: usize,
    },
    /// A statement outside of a transaction removed rows or tables of the record; they were restored.
    Restored {
        /// The migration's folder.
        name: String,
        /// Which statement, from 1.
        statement: usize,
        /// Its command.
        verb: String,
        /// Whether our own rows were among them, whose stored SQL is lost.
        ours: bool,
    },
    /// The server cannot do something that makes a run safer; the run goes on.
    Cannot {
        /// What, and what follows.
        what: &'static str,
    },
    /// A role was created that a restore needs; it stays.
    RoleCreated {
        /// Its name.
        name: String,
    },
    /// Pools of PgBouncer stay paused: nobody could tell it to resume them, and their clients wait until somebody does.
    StillPaused {
        /// Their names.
        pools: Vec<String>,
    },
    /// A backup is about to be taken of this database.
    Opened {
        /// Its name.
        database: String,
        /// As whom.
        role: String,
        /// Its server's version, as PQserverVersion.
        server_version: i32,
    },
    /// A backup is being written or read: how far it is.
    Progress {
        /// What goes on, as in `dumping`.
        what: &'static str,
        /// Bytes so far.
        done: u64,
        /// Of about so many.
        total: u64,
        /// Tables that are done, and all of them, where that is known.
        tables: Option<(usize, usize)>,
    },
    /// The server has something to say.
    Notice {
        /// Its fields.
        notice: Fields,
    },
}

/// Who is told.
pub trait Observer {
    /// Something happened.
    fn event(&mut self, event: Event);
}
