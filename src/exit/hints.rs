//! What to do next, by cause.

use crate::pg::error::{ConnectCause, ConnectError, PgFailure, ServerError};

pub(super) const BUSY: &str =
    "wait for it, or look at what it does: SELECT * FROM pg_stat_activity; `--lock-wait 5m` waits longer";

pub(super) const ORPHAN: &str =
    "the process that it worked for is gone: `pgkeel deploy --terminate-orphan` ends its session";

pub(super) const POOLER: &str =
    "set DIRECT_URL to the server's own address and port; DATABASE_URL may stay with the pooler";

pub(super) const READ_ONLY: &str = "this is a standby or a read-only transaction: connect to the primary; where a restore has stopped the writing, \
     `pgkeel status` says so, and what lets it go on";

pub(super) const OUT_OF_MEMORY: &str = "where the server names max_locks_per_transaction, raise that in postgresql.conf and restart it: a transaction \
     keeps a lock on every table, index and sequence that it touches";

pub(super) const SECOND: &str = "beside the session of the migrations one more connection is needed: look at the CONNECTION LIMIT of role and database";

/// How a database that is there already becomes the first migration.
pub(crate) const TAKE_OVER: &str = "`pgkeel pull` writes schema.sql from the database that DATABASE_URL names; then \
     `pgkeel migrate --name baseline` makes it the first migration and records it as applied";

pub(super) fn connect(error: &ConnectError) -> Vec<String> {
    let hint = match &error.cause {
        ConnectCause::Refused(PgFailure::Authentication) => {
            "check user and password in DATABASE_URL, and pg_hba.conf on the server"
        }
        ConnectCause::Refused(PgFailure::NoSuchDatabase) => {
            "`pgkeel migrate` creates it where the role may; else: CREATE DATABASE"
        }
        ConnectCause::Refused(PgFailure::NotReady) => {
            "the server is starting or stopping: try again, or `--wait 60s`"
        }
        ConnectCause::Refused(PgFailure::TooManyConnections) => {
            "all connection slots are taken: close some, or go through the pooler's admin"
        }
        ConnectCause::Refused(PgFailure::NoPrivilege) => "ask for GRANT CONNECT ON DATABASE",
        ConnectCause::UnknownHost(_) => "check the host in DATABASE_URL, and the name server of this machine",
        ConnectCause::ClosedPort(_) => {
            "is the server running, and is the port right? `--wait 60s` waits for it"
        }
        ConnectCause::NoSocket(_) => "is the server running here, and is the socket's folder right?",
        ConnectCause::TimedOut => {
            "a firewall may drop the packets; `connect_timeout` in the URL sets the patience"
        }
        ConnectCause::Refused(_) | ConnectCause::Other => {
            "check DATABASE_URL: `pgkeel config` shows where it comes from"
        }
    };
    vec![hint.to_owned()]
}

pub(super) fn server(error: &ServerError) -> Vec<String> {
    match error.failure() {
        PgFailure::NoPrivilege if error.met_policy() == Some(true) => {
            vec!["connect as a role that no policy applies to: a superuser, or ALTER ROLE … BYPASSRLS".into()]
        }
        PgFailure::NoPrivilege => {
            vec!["the role lacks a right: connect as the owner, or ask for the GRANT".into()]
        }
        PgFailure::ReadOnly => {
            vec![READ_ONLY.into()]
        }
        PgFailure::LockTimeout => {
            vec!["another session or a prepared transaction holds the lock: try again, or raise `--lock-timeout`; \
                  `SELECT * FROM pg_prepared_xacts;` lists the latter, and `ROLLBACK PREPARED 'gid';` ends one"
                .into()]
        }
        PgFailure::InUse => {
            vec![
                "a session or a prepared transaction uses it: `SELECT * FROM pg_stat_activity;` and \
                  `SELECT * FROM pg_prepared_xacts;` list them; `ROLLBACK PREPARED 'gid';` ends the latter"
                    .into(),
            ]
        }
        PgFailure::Terminated => {
            vec!["somebody ended the session, or the server stops: try again when it may run".into()]
        }
        failure => shortage(failure).map(str::to_owned).into_iter().collect(),
    }
}

/// What helps where the server has too little of something.
pub(super) fn shortage(failure: PgFailure) -> Option<&'static str> {
    Some(match failure {
        PgFailure::DiskFull => {
            "free disk space on the server, in its data directory or in the tablespace that the message names, then run the \
             same command again"
        }
        PgFailure::OutOfMemory => OUT_OF_MEMORY,
        PgFailure::ConfigurationLimit => {
            "raise the limit that the message names, then run the same command again"
        }
        PgFailure::TooManyConnections => {
            "close some sessions, or raise max_connections, then run the same command again"
        }
        PgFailure::NotReady => "run the same command again once the server accepts connections",
        _ => return None,
    })
}

pub(super) fn connect_as_owner() -> &'static str {
    "connect as the owner of the objects, or set `[deploy] role` in pgkeel.toml"
}
