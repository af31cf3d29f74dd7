//! The databases that shadows live in: their names, what their comments say, and those that a killed run left behind. Only
//! what is ours by name and comment, and in nobody's use, is ever dropped.

use std::hash::{BuildHasher, Hasher, RandomState};

use chrono::{DateTime, Utc};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::engine::making::Making;
use crate::engine::migrations::folder::sha256;
use crate::engine::operation::Opening;
use crate::engine::restore::journal::now;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::owner::drop_leftover_roles;

/// What the names of such databases begin with.
pub const PREFIX: &str = "pgkeel_shadow_";

/// How often a database is tried to be dropped.
const ATTEMPTS: usize = 3;

/// Who made a shadow database: its comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Always `shadow`.
    pub(super) pgkeel: String,
    /// The machine.
    pub(super) host: String,
    /// The process there.
    pub(super) pid: u32,
    /// When, by the server's clock.
    pub(super) at: DateTime<Utc>,
}

/// An unpredictable name of a shadow for this database.
pub(super) fn fresh_name(database: &str) -> String {
    let random = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or_default();
    format!("{}{random:08x}", names(database))
}

/// What the names of all shadows for this database begin with: CREATE DATABASE and COMMENT are two steps.
pub(in crate::engine) fn names(database: &str) -> String {
    format!("{PREFIX}{}", &sha256(database.as_bytes())[..8])
}

/// The statement that says whose the database is.
///
/// # Errors
/// What the server says.
pub(super) fn said(admin: &mut Session, name: &str, host: &str) -> Result<String, PgError> {
    let owner =
        Owner { pgkeel: "shadow".into(), host: host.to_owned(), pid: std::process::id(), at: now(admin)? };
    let comment = serde_json::to_string(&owner).expect("it has no map with odd keys");
    Ok(format!("COMMENT ON DATABASE {} IS {}", Ident::new(name), Literal(&comment)))
}

/// Take the lock on a shadow's name, in the maintenance database; it goes with the session. Whether it was free.
///
/// # Errors
/// What the server says.
pub(super) fn hold(admin: &mut Session, name: &str) -> Result<bool, PgError> {
    Ok(admin.catalog(&format!("SELECT pg_try_advisory_lock({})", key(name)))?.get(0, 0) == Some("t"))
}

pub(super) fn release(admin: &mut Session, name: &str) -> Result<(), PgError> {
    admin.catalog(&format!("SELECT pg_advisory_unlock({})", key(name))).map(drop)
}

/// The key of the lock, as an SQL expression.
pub(super) fn key(name: &str) -> String {
    format!("hashtextextended(concat_ws(chr(1), 'pgkeel shadow', {}), 0)", Literal(name))
}

/// Drop what killed runs have left on this server. A run that lives holds the lock on its database's name, from before it
/// is created; where sessions are still in one, its maker must be known to be dead. Returns the names.
///
/// # Errors
/// What the server says, but for a database that cannot be dropped: the next run tries again.
pub fn drop_leftovers(opening: &Opening) -> Result<Vec<String>, PgError> {
    let mut admin = opening.maintenance("")?;
    drop_leftovers_by(&mut admin, opening)
}

pub(super) fn drop_leftovers_by(admin: &mut Session, opening: &Opening) -> Result<Vec<String>, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT d.datname, shobj_description(d.oid, 'pg_database'), \
           EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) \
         FROM pg_database d WHERE d.datname ~ '^{PREFIX}[0-9a-f]{{16}}$' AND pg_has_role(d.datdba, 'MEMBER')"
    ))?;
    let mut dropped = Vec::new();
    for row in 0..rows.rows.len() {
        let Some(name) = rows.get(row, 0) else { continue };
        let (comment, in_use) = (rows.get(row, 1), rows.get(row, 2) == Some("t"));
        if !is_abandoned(comment, in_use, &opening.author.host) || !hold(admin, name)? {
            continue;
        }
        if drop_database(opening, name) {
            dropped.push(name.to_owned());
        }
        release(admin, name)?;
    }
    drop_leftover_roles(admin)?;
    Ok(dropped)
}

/// Drop what killed runs were still making when this one began.
///
/// # Errors
/// What the server says; Ctrl-C.
pub(super) fn drop_made(opening: &Opening, making: &Making) -> Result<(), PgError> {
    let mut admin = opening.maintenance("")?;
    making.wait(&mut admin)?;
    drop_leftovers_by(&mut admin, opening).map(drop)
}

/// Without a comment it was just being made: the name is ours alone. One with another comment is somebody's by now.
fn is_abandoned(comment: Option<&str>, in_use: bool, host: &str) -> bool {
    let Some(comment) = comment else { return !in_use };
    match serde_json::from_str::<Owner>(comment) {
        Ok(owner) if owner.pgkeel == "shadow" => !in_use || (owner.host == host && is_dead(owner.pid)),
        _ => false,
    }
}

fn is_dead(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH))
}

/// Drop a shadow's database, as far as that is possible, also after Ctrl-C, which the other sessions obey.
pub(super) fn drop_database(opening: &Opening, name: &str) -> bool {
    let calm =
        Opening { interrupt: Interrupt::default(), options: opening.options.at_once(), ..opening.clone() };
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(name));
    for _ in 0..ATTEMPTS {
        match calm.maintenance(name).and_then(|mut session| session.query(&sql)) {
            Ok(_) => return true,
            // Neither FORCE nor CASCADE passes a subscription (docs DROP DATABASE).
            Err(error) if error.failure() == PgFailure::InUse => {
                drop(calm.of_database(name).connect().and_then(|mut inside| drop_subscriptions(&mut inside)));
            }
            Err(_) => {}
        }
    }
    false
}

/// Take subscriptions away without a word to their publishers, whose slots are none of ours (docs DROP SUBSCRIPTION).
fn drop_subscriptions(inside: &mut Session) -> Result<(), PgError> {
    let rows = inside.catalog(
        "SELECT quote_ident(subname) FROM pg_subscription \
         WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )?;
    for name in rows.rows.iter().filter_map(|row| row.first()?.as_ref()) {
        inside.query(&format!("ALTER SUBSCRIPTION {name} DISABLE"))?;
        inside.query(&format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"))?;
        inside.query(&format!("DROP SUBSCRIPTION {name}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_and_in_nobodys_use_is_abandoned() {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        let comment = |host: &str, pid| {
            serde_json::to_string(&Owner { pgkeel: "shadow".into(), host: host.into(), pid, at }).unwrap()
        };
        let (me, dead) = (std::process::id(), u32::try_from(i32::MAX).unwrap());
        let check = |comment: Option<&str>, in_use, abandoned| {
            assert_eq!(is_abandoned(comment, in_use, "here"), abandoned, "{comment:?} {in_use}");
        };
        check(None, false, true);
        check(None, true, false);
        check(Some("the shop's"), false, false);
        check(Some(r#"{"pgkeel":"restore"}"#), false, false);
        check(Some(&comment("here", dead)), true, true);
        check(Some(&comment("there", dead)), true, false);
        check(Some(&comment("here", me)), true, false);
        // The lock on its name is for the caller to try.
        check(Some(&comment("here", me)), false, true);
    }
}
