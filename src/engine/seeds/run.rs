//! Runs the SQL of one seed file. After a RESET ALL of the file, policies are set again: a policy that applies is an error
//! until the file itself says otherwise.

use std::ops::Range;

use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::session::{Failed, Incoming, Session};
use crate::pg::statements;

use super::SeedFile;

/// Run the file's SQL. An error comes with where in it, in bytes.
pub(super) fn run(
    session: &mut Session,
    file: &SeedFile,
    observer: &mut dyn Observer,
) -> Result<(), (usize, Failed)> {
    let mut more = 0;
    let mut ended = Ok(());
    for range in pieces(file) {
        // The whole file needs no second copy.
        let sql = if file.resets.is_empty() { file.sql.message() } else { &file.sql[range.clone()] };
        let ran = session.run(sql, &mut |incoming| match incoming {
            Incoming::Notice(notice) => observer.event(Event::Notice { notice: notice.clone() }),
            Incoming::MoreNotices(count) => more += count,
            _ => {}
        });
        if let Err(failed) = ran {
            let position = match &failed.error {
                PgError::Server(error) => error.0.position,
                _ => None,
            };
            let offset = match position {
                Some(position) => statements::offset_of_character(sql, position),
                None => statements::split(sql)
                    .unwrap_or_default()
                    .iter()
                    .filter(|s| !s.is_empty())
                    .nth(failed.finished)
                    .map_or(0, |s| s.body.start),
            };
            ended = Err((range.start + offset, failed));
            break;
        }
        if range.end < file.sql.len()
            && let Err(error) = session.query(&file.row_security.set("SET"))
        {
            ended = Err((range.start, Failed { error, finished: 0 }));
            break;
        }
    }
    if more > 0 {
        observer.event(Event::MoreNotices { count: more });
    }
    ended
}

/// The parts of it that are sent as one message: up to each RESET ALL, and the rest.
fn pieces(file: &SeedFile) -> Vec<Range<usize>> {
    let ends: Vec<usize> = file.resets.iter().copied().chain([file.sql.len()]).collect();
    let begins = std::iter::once(0).chain(file.resets.iter().copied());
    begins.zip(ends.iter().copied()).map(|(begin, end)| begin..end).collect()
}
