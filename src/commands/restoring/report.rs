//! What a restore did, for people and programs.

use serde::Serialize;

use crate::commands::said::migrations;
use crate::engine::restore::{Losses, Replaced, Source};
use crate::ui::{Page, Report, Tone};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestoreReport {
    pub(crate) database: String,
    pub(crate) backup: String,
    pub(crate) dry_run: bool,
    pub(crate) lost: Losses,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<String>,
    pub(crate) quarantine: Option<String>,
    pub(crate) restore_ms: Option<u64>,
    pub(crate) gap_ms: Option<u128>,
    pub(crate) sessions_ended: Option<usize>,
    pub(crate) head: Option<String>,
    pub(crate) unreached: Option<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) undo: Option<String>,
    /// The flags that lead to this place, for the commands that are printed.
    #[serde(skip)]
    place: String,
}

impl RestoreReport {
    pub(crate) fn new(database: &str, source: &Source, lost: Losses) -> Self {
        Self {
            database: database.to_owned(),
            backup: source.name(),
            dry_run: false,
            lost,
            steps: Vec::new(),
            quarantine: None,
            restore_ms: None,
            gap_ms: None,
            sessions_ended: None,
            head: None,
            unreached: None,
            notes: Vec::new(),
            undo: None,
            place: String::new(),
        }
    }

    /// `place`: the flags that lead there.
    pub(crate) fn fill(&mut self, replaced: Replaced, place: &str) {
        self.place = place.to_owned();
        self.undo = replaced.quarantine.as_ref().map(|_| format!("pgkeel restore --undo{place}"));
        self.quarantine = replaced.quarantine;
        self.restore_ms = replaced.restore_ms;
        self.gap_ms = Some(replaced.swapped.gap.as_millis());
        self.sessions_ended = Some(replaced.swapped.terminated);
        self.head = replaced.head;
        self.unreached = replaced.unreached;
        self.notes = replaced.notes;
    }
}

impl Report for RestoreReport {
    fn text(&self, page: &mut Page) {
        if self.dry_run {
            page.line(&format!(
                "-- {} would be restored into {}; {}",
                self.backup,
                self.database,
                lost(&self.lost)
            ));
            for step in &self.steps {
                page.line(step);
            }
        } else {
            page.line(&format!(
                "{} {} into {}",
                page.paint(Tone::Good, "restored"),
                self.backup,
                self.database
            ));
        }
        if let Some(ms) = self.restore_ms {
            match self.gap_ms {
                Some(gap) => {
                    page.line(&format!("loaded in {ms} ms, compared, and swapped in within {gap} ms"));
                }
                None => page.line(&format!("loaded and counted in {ms} ms, in one transaction")),
            }
        }
        if let Some(name) = &self.quarantine {
            page.line(&format!(
                "the database of before is kept as {name}: `pgkeel restore --drop-quarantine{}` drops it",
                self.place
            ));
        }
        for note in &self.notes {
            page.line(&format!("{}{note}", if self.dry_run { "-- " } else { "" }));
        }
        if let Some(why) = &self.unreached {
            page.line(&format!(
                "{} through the application's connection: {why}",
                page.paint(Tone::Bad, "not reached")
            ));
        }
        if let Some(undo) = &self.undo {
            page.line(&format!("back again: {undo}"));
        }
    }
}

/// What goes, in words.
pub(crate) fn lost(losses: &Losses) -> String {
    let Some(seconds) = losses.seconds else {
        return "what was written since it was made is lost".into();
    };
    let since = match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    };
    let written = match losses.written {
        Some(1) => "1 row written".to_owned(),
        Some(rows) => format!("{rows} rows written"),
        None => "an unknown number of rows written".to_owned(),
    };
    let pending = match losses.pending_again.len() {
        0 => String::new(),
        n => format!("; {} will be pending again: {}", migrations(n), losses.pending_again.join(", ")),
    };
    format!("the last {since} are lost: {written} since{pending}")
}
