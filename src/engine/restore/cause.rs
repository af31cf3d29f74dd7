//! Tells why one of PostgreSQL's programs failed: at the backup, or because the server ran out of something or ended the
//! session. What the programs print is in the server's language: psql is made to print SQLSTATEs, and after pg_restore,
//! which prints none, the server is asked; a full disk alone is known by the operating system's own words.

use std::io;
use std::time::Duration;

use crate::engine::operation::Opening;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::ClientError;

use super::RestoreError;

/// psql's setting for it (psql docs, `VERBOSITY`).
pub(super) const VERBOSE: &str = "VERBOSITY=verbose";

/// Writes 8 MB into the database, without its log, and takes them back: enough to find a disk full that a failed COPY or
/// a session's end has left full.
const WRITE: &str = "BEGIN; SET LOCAL client_min_messages = error; \
     CREATE UNLOGGED TABLE public.pgkeel_room AS SELECT repeat('x', 1000) FROM generate_series(1, 8192); ROLLBACK";

/// No space left on device, on every system that PostgreSQL runs on.
const ENOSPC: i32 = 28;

/// What psql failed at.
pub(super) fn psql(source: ClientError) -> RestoreError {
    let ClientError::Failed { program, status, said } = source else {
        return super::load::failed("psql failed")(source);
    };
    let (mut why, mut is_broken) = (None, false);
    let mut lines = Vec::new();
    for line in said.into_iter().filter(|line| !is_location(line)) {
        match without_sqlstate(&line) {
            Some((line, sqlstate)) => {
                let failure = PgFailure::of_sqlstate(sqlstate);
                why = is_of_the_server(failure).then_some(failure).or(why);
                is_broken |= matches!(failure, PgFailure::UniqueBroken | PgFailure::ExclusionBroken);
                lines.push(line);
            }
            None => lines.push(line),
        }
    }
    if is_broken {
        return RestoreError::Broken(vec![format!("a key: {}", lines.join("\n  "))]);
    }
    RestoreError::Client {
        doing: "psql failed",
        source: ClientError::Failed { program, status, said: lines },
        why,
    }
}

/// What a program failed at that loads into the database of `opening`, which is to be dropped: `Unloadable` where the
/// server refused a statement, `Client` where the server lacked something or the connection broke.
pub(super) fn asked(error: RestoreError, opening: &Opening, admin: &mut Session) -> RestoreError {
    let RestoreError::Client { doing, source, why: None } = error else { return error };
    let ClientError::Failed { status, said, .. } = &source else {
        return RestoreError::Client { doing, source, why: None };
    };
    if is_full(said) {
        return RestoreError::Client { doing, source, why: Some(PgFailure::DiskFull) };
    }
    let calm =
        Opening { interrupt: Interrupt::default(), options: opening.options.at_once(), ..opening.clone() };
    let wrote = calm.connect().and_then(|mut session| session.query(WRITE).map(drop));
    let why = match wrote {
        Err(error @ PgError::Server(_)) => Some(error.failure()).filter(|failure| is_of_the_server(*failure)),
        Err(error) => Some(error.failure()),
        // psql ends with 2 where its connection broke (psql docs, "Exit Status").
        Ok(()) if status.code().is_none() || (said.is_empty() && status.code() == Some(2)) => {
            Some(PgFailure::Terminated)
        }
        Ok(()) => ended(admin, opening),
    };
    match why {
        None => RestoreError::Unloadable { doing, source },
        why => RestoreError::Client { doing, source, why },
    }
}

/// Whether the server's operating system had no space left. pg_restore hands on no SQLSTATE, and what a failed COPY or the end
/// of a session gives back hides a full disk from `WRITE`.
fn is_full(said: &[String]) -> bool {
    let text = io::Error::from_raw_os_error(ENOSPC).to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    // The server ends the message with it; what a DETAIL, a CONTEXT or a quoted value says is a row's.
    let end = format!(": {text}");
    said.iter().any(|line| {
        let message = ["ERROR:", "FATAL:", "PANIC:"].iter().find_map(|word| line.split_once(word));
        message.is_some_and(|(_, message)| message.trim_end().ends_with(&end))
    })
}

/// Whether somebody ended a session of that database, it died, or it was chosen to end a deadlock (docs 27.2.17,
/// `pg_stat_database`).
fn ended(admin: &mut Session, opening: &Opening) -> Option<PgFailure> {
    let name = opening.url.database().unwrap_or_default();
    if admin.server_version() < 150_000 {
        // The statistics collector writes its file every 500 ms.
        std::thread::sleep(Duration::from_millis(700));
    }
    let rows = admin.catalog(&format!(
        "SELECT pg_catalog.sum(sessions_killed + sessions_fatal + deadlocks) FROM pg_catalog.pg_stat_database \
         WHERE datname = {}",
        Literal(name)
    ));
    match rows {
        Ok(rows) if matches!(rows.get(0, 0), None | Some("0")) => None,
        Ok(_) => Some(PgFailure::Terminated),
        // The server restarted.
        Err(error) => Some(error.failure()),
    }
}

/// Whether the same statement may succeed on another day.
pub(super) fn is_of_the_server(failure: PgFailure) -> bool {
    failure.is_shortage()
        || matches!(
            failure,
            PgFailure::Terminated | PgFailure::Cancelled | PgFailure::Deadlock | PgFailure::LockTimeout
        )
}

/// `psql:<stdin>:1: ERROR:  53100: could not …` without the code, and the code.
fn without_sqlstate(line: &str) -> Option<(String, &str)> {
    let (before, rest) = line.split_once(":  ")?;
    let (sqlstate, message) = rest.split_once(": ")?;
    let is_one = sqlstate.len() == 5
        && sqlstate.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    is_one.then(|| (format!("{before}:  {message}"), sqlstate))
}

/// `LOCATION:  mdextend, md.c:466`, in any language.
fn is_location(line: &str) -> bool {
    let Some((_, place)) = line.rsplit_once(", ") else { return false };
    place.split_once(".c:").is_some_and(|(file, number)| {
        !file.contains(' ') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn what_psql_says_is_understood_in_any_language() {
        let check = |said: &[&str], kept: &[&str], why: Option<PgFailure>| {
            let said = said.iter().map(|line| (*line).to_owned()).collect();
            let status = ExitStatus::from_raw(3 << 8);
            let failed = psql(ClientError::Failed { program: "psql".into(), status, said });
            let RestoreError::Client { source: ClientError::Failed { said, .. }, why: found, .. } = failed
            else {
                panic!("{failed:?}")
            };
            assert_eq!((said, found), (kept.iter().map(|line| (*line).to_owned()).collect(), why));
        };
        check(
            &[
                "psql:<stdin>:7: FEHLER:  53100: konnte Datei »base/1/2« nicht erweitern: No space left on device",
                "TIP:  Prüfen Sie den freien Festplattenplatz.",
                "ORT:  mdextend, md.c:466",
            ],
            &[
                "psql:<stdin>:7: FEHLER:  konnte Datei »base/1/2« nicht erweitern: No space left on device",
                "TIP:  Prüfen Sie den freien Festplattenplatz.",
            ],
            Some(PgFailure::DiskFull),
        );
        check(&["ERROR:  22012: division by zero"], &["ERROR:  division by zero"], None);
        let full = "could not extend file \"base/1/2\": No space left on device";
        assert!(is_full(&[format!("pg_restore: error: COPY failed for table \"t\": ERROR:  {full}")]));
        assert!(!is_full(&["pg_restore: error: could not execute query".to_owned()]));
        check(&["psql: error: connection failed"], &["psql: error: connection failed"], None);
    }
}
