//! Runs the SQL of one seed file. Between its statements, what policies do is set again where a statement took it away: a
//! policy that applies is an error until the file itself says otherwise.

use std::ops::Range;

use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::session::{Failed, Incoming, Session};
use crate::pg::statements;

use super::{Cut, SeedFile};

/// Run the file's SQL. An error comes with where in it, in bytes.
pub(super) fn run(
    session: &mut Session,
    file: &SeedFile,
    observer: &mut dyn Observer,
) -> Result<(), (usize, Failed)> {
    let mut more = 0;
    let mut ended = Ok(());
    for (range, cut) in pieces(file) {
        // The whole file needs no second copy.
        let sql = if file.cuts.is_empty() { file.sql.message() } else { &file.sql[range.clone()] };
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
        if let Some(cut) = cut
            && let Err(error) = session.query(&cut.sql)
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

/// The parts of it that are sent as one message, each up to the next place where something is set, and the rest.
fn pieces(file: &SeedFile) -> impl Iterator<Item = (Range<usize>, Option<&Cut>)> {
    let begins = std::iter::once(0).chain(file.cuts.iter().map(|cut| cut.at));
    let ends = file.cuts.iter().map(|cut| (cut.at, Some(cut))).chain([(file.sql.len(), None)]);
    begins.zip(ends).map(|(begin, (end, cut))| (begin..end, cut))
}
