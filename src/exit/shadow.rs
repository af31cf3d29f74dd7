//! Errors of sources and shadow databases. Whatever fails there, nothing that people know was changed.

use super::{Exit, Scene, migration, open, pg, restore, simple, with_sources};
use crate::engine::pull::Unproved;
use crate::engine::shadow::{ShadowError, Why};
use crate::engine::source::{FORMS, SourceError};
use crate::ui::Problem;

/// Of sources and shadow databases.
pub(super) fn known(cause: &(dyn std::error::Error + 'static), scene: Scene<'_>) -> Option<Problem> {
    if let Some(error) = cause.downcast_ref::<SourceError>() {
        let hint = match error {
            SourceError::Ambiguous(_) => "name the .sql file or the folder below that is meant".to_owned(),
            _ => format!("a source is {FORMS}"),
        };
        return Some(simple(Exit::Usage, with_sources(error), vec![hint]));
    }
    if let Some(error) = cause.downcast_ref::<Unproved>() {
        return Some(match error {
            Unproved::Pg(error) => pg(error),
            Unproved::Loads(why) => faulty(format!("{error}: {}", shadow(why, scene).message)),
            Unproved::Differs(_) => faulty(error.to_string()),
            Unproved::CannotTry(_) | Unproved::Read(_) => simple(Exit::Failed, with_sources(error), vec![]),
        });
    }
    let error = cause.downcast_ref::<ShadowError>()?;
    Some(shadow(error, scene))
}

fn shadow(error: &ShadowError, scene: Scene<'_>) -> Problem {
    let shown = |path: &std::path::Path| path.strip_prefix(scene.root).unwrap_or(path).display().to_string();
    let text = with_sources(error).replace(&format!("{}/", scene.root.display()), "");
    match error {
        ShadowError::Refused { path, line, why, .. } => Problem {
            place: Some((shown(path), Some(*line))),
            ..simple(Exit::Refused, text, vec![instead(*why).into()])
        },
        ShadowError::Roles { path, line, roles } => Problem {
            place: Some((shown(path), Some(*line))),
            ..simple(Exit::Refused, text, vec![create(roles)])
        },
        ShadowError::BackupRoles { roles, .. } => simple(Exit::Refused, text, vec![create(roles)]),
        ShadowError::Statement { at, error, others, .. } => {
            let place = format!("{}:{}:{}", shown(&at.path), at.line, at.column);
            let said = error.to_string().replace('\n', "\n  ");
            let more = match others {
                0 => String::new(),
                1 => "\n  1 more statement did not load, perhaps for want of this one".to_owned(),
                n => format!("\n  {n} more statements did not load, perhaps for want of this one"),
            };
            let message = format!(
                "the schema does not load\n  {place}\n  {}\n  {}\n  {said}{more}",
                at.line_text, at.caret
            );
            Problem {
                place: Some((shown(&at.path), Some(at.line))),
                sqlstate: Some(error.0.sqlstate.clone()),
                ..simple(Exit::Failed, message, vec![])
            }
        }
        ShadowError::NoSchema { .. } => {
            simple(Exit::Usage, text, vec!["choose another one: `pgkeel backup list`".into()])
        }
        ShadowError::Io { .. } => simple(Exit::Failed, text, vec![]),
        ShadowError::NotUtf8 { path, line } => Problem {
            place: Some((shown(path), Some(*line))),
            ..simple(Exit::Usage, text, vec!["save the file as UTF-8 (`iconv -f LATIN1 -t UTF-8` if it is Latin-1)".into()])
        },
        ShadowError::Lex { .. } => simple(Exit::Usage, text, vec!["close it".into()]),
        ShadowError::Configured { .. } | ShadowError::Marked { .. } => simple(
            Exit::Refused,
            format!("{text}; nothing was changed"),
            vec!["point SHADOW_DATABASE_URL at a database that nothing else uses, or unset it".into()],
        ),
        ShadowError::Guard { owners, .. } => {
            let trust: Vec<String> =
                owners.iter().map(|owner| format!("--trust-code-of {}", crate::pg::shell::word(owner))).collect();
            let hint = format!(
                "let SHADOW_DATABASE_URL name a server that admits roles with a password, or give `{}`",
                trust.join(" ")
            );
            simple(Exit::Refused, format!("{text}; nothing was changed"), vec![hint])
        }
        ShadowError::Busy { .. } => {
            simple(Exit::Locked, text, vec!["wait for it, or give this run another SHADOW_DATABASE_URL".into()])
        }
        ShadowError::NoPlace { .. } | ShadowError::Version { .. } => simple(
            Exit::Refused,
            text,
            vec!["set SHADOW_DATABASE_URL to an empty database on a server of that version, which pgkeel may empty".into()],
        ),
        ShadowError::Pooler { .. } => simple(Exit::Usage, text, vec![super::hints::POOLER.into()]),
        ShadowError::Plan(error) => migration::plan(error, scene.root),
        ShadowError::Migrations(error) => migration::stopped(error, scene),
        ShadowError::Open(error) => open(error),
        ShadowError::Restore(error) => restore::restore(error),
        ShadowError::Pg(error) => pg(error),
    }
}

/// Our own fault: nothing is written that does not do what it says.
fn faulty(text: String) -> Problem {
    let hints =
        vec!["this is a fault of pgkeel: please report it, with the definition of what is named".into()];
    simple(Exit::Unverified, format!("{text}; nothing was written"), hints)
}

fn instead(why: Why) -> &'static str {
    match why {
        Why::Cluster | Why::Library => {
            "take it out of the schema: it is for the server's administrator to do, once"
        }
        Why::Roles => {
            "create the role on the server once, by hand; `CREATE ROLE` is then left out here. Or use a server of your own: \
             `--dev`"
        }
        Why::Files => "take it out: a schema holds no rows; rows belong to seeds",
        Why::Connects => {
            "write `WITH (connect = false)`, by which a subscription is made and connects to nobody"
        }
        Why::Data => "leave the rows out: `pg_dump --schema-only`",
        Why::MetaCommand => "take it out, or write its effect in SQL",
        Why::Transaction => "take it out: every file is loaded in one transaction",
    }
}

fn create(roles: &[String]) -> String {
    let create: Vec<String> =
        roles.iter().map(|role| format!("CREATE ROLE {};", crate::pg::ident::Ident::new(role))).collect();
    format!("{} — or use a server of your own, where roles are made as needed: `--dev`", create.join(" "))
}
