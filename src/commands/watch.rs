//! Engine events → what the user sees while it works. Shared by all commands that run migrations.

use std::time::Instant;

use crate::engine::{Event, Observer};
use crate::pg::ident::Ident;
use crate::pg::session::Fields;
use crate::ui::{Progress, Ui};

use super::said::size;

/// Shows events on a `Ui`.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    ui: &'a Ui,
    progress: Option<Progress>,
    /// What goes on by bytes, and since when.
    counted: Option<(&'static str, Instant)>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(ui: &'a Ui) -> Self {
        Self { ui, progress: None, counted: None }
    }

    fn note(&self, text: &str) {
        match &self.progress {
            Some(progress) => progress.above(|| self.ui.note(text)),
            None => self.ui.note(text),
        }
    }
}

impl Watch<'_> {
    /// Bytes of about so many, tables, and how long it will go on like this.
    fn counted(&mut self, what: &'static str, (done, total): (u64, u64), tables: Option<(usize, usize)>) {
        let since = match self.counted {
            Some((before, since)) if before == what => since,
            _ => {
                self.progress = Some(self.ui.progress(what));
                self.counted.insert((what, Instant::now())).1
            }
        };
        // The whole is an estimate.
        let percent = (done.saturating_mul(100)).checked_div(total).unwrap_or(0).min(99);
        let mut text = format!("{percent} %, {}", size(i64::try_from(done).unwrap_or(i64::MAX)));
        if let Some((done, all)) = tables {
            text.push_str(&format!(", {done} of {all} tables"));
        }
        let elapsed = since.elapsed();
        if percent > 0 && elapsed.as_secs() > 1 {
            let left = elapsed.as_secs() * (100 - percent) / percent;
            text.push_str(&format!(", about {left} s left"));
        }
        if let Some(progress) = &self.progress {
            progress.phase(&text);
        }
    }
}

impl Observer for Watch<'_> {
    fn event(&mut self, event: Event) {
        match event {
            Event::LockBusy { holder } => {
                self.note(&format!("another run holds the migration lock ({holder}); waiting for it"));
                self.progress = Some(self.ui.progress("waiting for the migration lock"));
            }
            Event::Orphan { process, terminated: true } => {
                self.note(&format!("it was an orphan: its process {process} is gone; ended its session"));
            }
            Event::Orphan { process, terminated: false } => self.note(&format!(
                "it is an orphan: its process {process} is gone; `--terminate-orphan` ends its session"
            )),
            Event::LockHad { holder, waited } => {
                self.progress = None;
                self.note(&format!(
                    "got the migration lock after {:.1} s; pid {} held it",
                    waited.as_secs_f64(),
                    holder.pid
                ));
            }
            Event::Begin { name, verb } => {
                let doing = match verb {
                    "undo" => "undoing",
                    "resume" => "going on with",
                    "load" => "loading",
                    "restore" => "restoring",
                    "compare" => "comparing",
                    _ => "applying",
                };
                self.progress = Some(self.ui.progress(&format!("{doing} {name}")));
            }
            Event::Statement { index, verb } => {
                if self.ui.is_verbose() {
                    self.note(&format!("  statement {index}: {verb}"));
                }
            }
            Event::Bytes { done, total } => {
                if let Some(progress) = &self.progress {
                    progress.bytes(done, total);
                }
            }
            Event::Progress { what, done, total, tables } => self.counted(what, (done, total), tables),
            // Who opened it says so.
            Event::Opened { .. } => {}
            Event::Blocked { by } => self.note(&format!("waiting: {by}")),
            Event::Phase { what } => {
                if let Some(progress) = &self.progress {
                    progress.phase(&what);
                }
            }
            Event::End { .. } => self.progress = None,
            Event::Marked { name, replaced } => self.note(&format!(
                "recorded `{name}` in the place of the {replaced} migrations that it replaces, all of which are applied; \
                 nothing of it was run"
            )),
            Event::Retry { name, why, pause } => {
                let why = why.lines().next().unwrap_or_default().to_owned();
                self.note(&format!("{name}: {why}; trying again in {:.1} s", pause.as_secs_f64()));
            }
            Event::Restored { name, statement, verb, ours } => {
                let stored = if ours { "; the SQL that was stored with earlier migrations is lost" } else { "" };
                self.note(&format!(
                    "statement {statement} of `{name}` ({verb}) removed rows or tables of the migration record and has \
                     committed; pgkeel restored them{stored}. Change the statement before another database runs it"
                ));
            }
            Event::Cannot { what } => self.note(what),
            Event::Elevated { name, statements, role } => {
                let mut shown = statements.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
                if statements.len() > 5 {
                    shown.push_str(&format!(" and {} more", statements.len() - 5));
                }
                self.note(&format!("`{name}` needs more rights than an ordinary owner has; with those of `{role}` ran: {shown}"));
            }
            Event::RoleCreated { name } => {
                self.note(&format!("created the role `{name}`, without login; it stays, however this ends"));
            }
            Event::StillPaused { pools } => {
                let resume: Vec<_> =
                    pools.iter().map(|pool| format!("RESUME {};", Ident::new(pool))).collect();
                self.note(&format!(
                    "PgBouncer does not answer, and its clients wait; on its admin console: {}",
                    resume.join(" ")
                ));
            }
            Event::Notice { notice } => self.note(&notice_text(&notice)),
            Event::MoreNotices { count } => self.note(&more_notices(count)),
        }
    }
}

/// That there were more notices than are shown.
pub(crate) fn more_notices(count: usize) -> String {
    match count {
        1 => "1 more notice was not kept".to_owned(),
        _ => format!("{count} more notices were not kept"),
    }
}

/// A notice as psql shows it.
pub(crate) fn notice_text(notice: &Fields) -> String {
    let mut text = format!("{}: {}", notice.severity, notice.message);
    for (label, more) in [("DETAIL", &notice.detail), ("HINT", &notice.hint)] {
        if let Some(more) = more {
            text.push_str(&format!("\n{label}: {more}"));
        }
    }
    text
}
