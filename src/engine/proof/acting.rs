//! Runs a plan's statements as an ordinary owner where the session's own role bypasses policies. What needs more rights is
//! rolled back to a savepoint and run by that role; what a policy would hide rows from fails.

use crate::engine::migrations::runner::{Acting, Reach};
use crate::engine::row_security::explain_inside;
use crate::engine::shadow::{Guard, Ran, Statement, stands_in};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::{Incoming, Session};

const BACK: &str = "ROLLBACK TO SAVEPOINT pgkeel_acting";

/// As whom a plan's statements run.
#[derive(Debug, Clone, Copy)]
pub(super) enum By<'a> {
    /// As the session's own role.
    Ourselves,
    /// As a login of the run, whose session it is.
    Login(&'a Guard),
    /// As an ordinary owner.
    Owner(&'a Acting),
}

/// Run one statement. Returns also whether the session's own role ran it for an ordinary owner.
///
/// # Errors
/// What the server says; a transaction is aborted then.
pub(super) fn run(
    session: &mut Session,
    by: By<'_>,
    place: Statement,
    sql: &str,
) -> Result<(Ran, bool), PgError> {
    match by {
        By::Ourselves => session.query(sql).map(|_| (Ran::Here, false)),
        By::Login(guard) => guard.run(session, sql, place).map(|ran| (ran, false)),
        By::Owner(acting) => {
            as_owner(session, acting, place, sql).map(|is_elevated| (Ran::Here, is_elevated))
        }
    }
}

fn as_owner(session: &mut Session, acting: &Acting, place: Statement, sql: &str) -> Result<bool, PgError> {
    let sql = stands_in(sql, acting);
    let reach = match place {
        Statement::InTransaction => Reach::Transaction,
        Statement::Alone => Reach::Session,
    };
    // These two only warn where rights are lacking: they are looked at before their savepoint goes.
    let warns = ["GRANT", "REVOKE"].iter().any(|word| sql.starts_with(word));
    let ended = match place {
        Statement::InTransaction if warns => noticed(session, &format!("SAVEPOINT pgkeel_acting; {sql}")),
        Statement::InTransaction => {
            noticed(session, &format!("SAVEPOINT pgkeel_acting; {sql}\n; RELEASE SAVEPOINT pgkeel_acting"))
        }
        Statement::Alone => noticed(session, &sql),
    };
    let error = match ended {
        Ok(Lacks::No) => {
            if place == Statement::InTransaction && warns {
                session.query("RELEASE SAVEPOINT pgkeel_acting")?;
            }
            return Ok(false);
        }
        // Nothing else warns so.
        Ok(Lacks::Some) if place == Statement::InTransaction && !warns => return Ok(false),
        Ok(Lacks::Some) => None,
        Err(error) if error.failure() == PgFailure::NoPrivilege => Some(error),
        Err(error) => return Err(error),
    };
    if place == Statement::InTransaction {
        session.query(BACK)?;
    }
    if let Some(error) = error
        && is_policy(session, &error, &sql, place)?
    {
        return Err(error);
    }
    session.query(&format!("{}{sql}", acting.leave(reach)))?;
    let release = if place == Statement::InTransaction { "RELEASE SAVEPOINT pgkeel_acting" } else { "" };
    session.query(&format!("{}{release}", acting.again(reach)))?;
    Ok(true)
}

/// Whether rights were lacking, as GRANT and REVOKE say it.
enum Lacks {
    No,
    Some,
}

fn noticed(session: &mut Session, sql: &str) -> Result<Lacks, PgError> {
    let mut lacks = Lacks::No;
    let ended = session.run(sql, &mut |incoming| {
        if let Incoming::Notice(notice) = incoming
            && Acting::is_lack(notice)
        {
            lacks = Lacks::Some;
        }
    });
    ended.map_err(|failed| failed.error)?;
    Ok(lacks)
}

fn is_policy(session: &mut Session, error: &PgError, sql: &str, place: Statement) -> Result<bool, PgError> {
    let PgError::Server(server) = error else { return Ok(false) };
    match explain_inside(session, server, sql) {
        Ok(found) => Ok(found.is_some()),
        Err(PgError::Server(_)) => {
            if place == Statement::InTransaction {
                session.query(BACK)?;
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
