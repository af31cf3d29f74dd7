//! What `status` says of drift: the last comparison, or one made now.

use anyhow::Result;
use serde::Serialize;

use crate::commands::drifting::{Counting, Looking, reason};
use crate::commands::open::Chosen;
use crate::context::Context;
use crate::engine::drift::expected::{About, glance};
use crate::engine::drift::verdict::unfit;
use crate::engine::ledger::Ledger;
use crate::exit::{CommandError, Exit};
use crate::pg::session::Session;
use crate::ui::{Page, Tone};

/// The line, and its fields.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drift {
    /// `none`, `differs`, `unknown`, `never-checked`.
    state: &'static str,
    /// How many objects differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<i64>,
    /// When it was looked at, in UTC; nothing for a look just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    #[serde(skip)]
    now: bool,
}

impl Drift {
    /// What the last comparison said. Nothing where there is no history that anything could differ from.
    pub(super) fn last(session: &mut Session, chosen: &Chosen, ledger: &Ledger) -> Result<Option<Self>> {
        let about = glance(session, &chosen.opening.bookkeeping, &ledger.facts)?;
        if about.is_none() && ledger.applied.is_empty() {
            return Ok(None);
        }
        let blank = Self {
            state: "never-checked",
            differences: None,
            checked_at: None,
            checked_by: None,
            because: None,
            now: false,
        };
        let Some(About { last_check, .. }) = &about else { return Ok(Some(blank)) };
        let applied: Vec<String> = ledger.applied.iter().map(|row| row.version.clone()).collect();
        let why = about.as_ref().and_then(|about| unfit(about, &applied, ledger.facts.server_version));
        let checked = match last_check {
            None => blank,
            Some(check) => Self {
                state: match check.result.as_str() {
                    "none" => "none",
                    "differs" => "differs",
                    _ => "unknown",
                },
                differences: check.differences,
                checked_at: Some(check.at.clone()),
                checked_by: check.by.clone(),
                ..blank
            },
        };
        Ok(Some(match why {
            // A replay may have said more since, but not of what was applied after it.
            Some(why) => Self { state: "unknown", because: Some(why.to_string()), ..checked },
            None => checked,
        }))
    }

    /// Look now.
    pub(super) fn now(
        session: &mut Session,
        chosen: &Chosen,
        ledger: &Ledger,
        cx: &Context,
    ) -> Result<(Option<Self>, Exit)> {
        let counting = Counting::of(cx)?;
        let looking = Looking { cx, chosen, command: "status --check drift", counting: &counting };
        let found = |state, differences, because| Self {
            state,
            differences,
            checked_at: None,
            checked_by: None,
            because,
            now: true,
        };
        Ok(match looking.sides(session, ledger) {
            Ok(sides) if sides.objects() == 0 => (Some(found("none", Some(0), None)), Exit::Ok),
            Ok(sides) => {
                let count = i64::try_from(sides.objects()).unwrap_or(i64::MAX);
                (Some(found("differs", Some(count), None)), Exit::Different)
            }
            Err(error) => match error.downcast_ref() {
                Some(CommandError::Ends { exit: exit @ (Exit::Failed | Exit::Locked), message, .. }) => (
                    Some(found("unknown", None, Some(reason(message, &ledger.facts.database).to_owned()))),
                    *exit,
                ),
                _ => return Err(error),
            },
        })
    }

    pub(super) fn text(&self, page: &mut Page) {
        let when = match &self.checked_at {
            _ if self.now => ", checked now".to_owned(),
            Some(at) => format!(", checked {at} UTC"),
            None => String::new(),
        };
        let line = match (self.state, self.differences) {
            ("none", _) => format!("none{when}"),
            ("differs", Some(1)) => page.paint(Tone::Bad, &format!("1 object differs{when}")),
            ("differs", Some(count)) => page.paint(Tone::Bad, &format!("{count} objects differ{when}")),
            ("differs", None) => page.paint(Tone::Bad, &format!("something differs{when}")),
            ("unknown", _) => {
                let why = self.because.as_ref().map_or_else(|| when.clone(), |why| format!(": {why}"));
                page.paint(Tone::Warn, &format!("unknown{why}"))
            }
            _ => "never checked (`pgkeel drift`)".to_owned(),
        };
        page.line(&format!("drift: {line}"));
    }
}
