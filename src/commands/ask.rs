//! The guard's verdict, put to the person: shared by all commands that can destroy.

use anyhow::Result;

use crate::context::Context;
use crate::engine::guard::{Deed, Place, Said, Verdict, verdict};
use crate::exit::CommandError;
use crate::ui::Answer;

/// Ask, refuse, or let pass. `what` says in numbers what will go; it is told before any question and any refusal.
pub(crate) fn permission(
    cx: &Context,
    place: &Place,
    deed: Deed,
    allow_production: bool,
    what: &str,
) -> Result<()> {
    let said = Said {
        yes: cx.config.answers.yes,
        confirm: cx.config.answers.confirm.clone(),
        allow_production,
        terminal: cx.ui.is_interactive(),
    };
    let verdict = verdict(place, deed, &said);
    if verdict != Verdict::Go {
        cx.ui.note(what);
    }
    match verdict {
        Verdict::Go => Ok(()),
        Verdict::Refuse { why, remedy } => Err(CommandError::Refused { why, remedy }.into()),
        Verdict::AskYes => {
            if cx.ui.confirm("Go on?")? {
                Ok(())
            } else {
                Err(CommandError::Declined.into())
            }
        }
        Verdict::AskName(name) => {
            cx.ui.warn(&format!("this place is protected: {}", place.protection().because.join("; ")));
            match cx.ui.ask(&format!("Type the database's name ({name}) to go on"))? {
                Answer::Text(typed) if typed == name => Ok(()),
                Answer::Text(typed) if typed.is_empty() => Err(CommandError::Declined.into()),
                Answer::Text(typed) => Err(CommandError::Refused {
                    why: format!("`{typed}` was typed, and the database is `{name}`; nothing was changed"),
                    remedy: "check that you are where you think you are".into(),
                }
                .into()),
                Answer::End => Err(CommandError::Declined.into()),
            }
        }
    }
}
