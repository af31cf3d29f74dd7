//! Which seed files run here, and the command that seeds after them; shared by `seed` and `reset`.

use anyhow::Result;

use crate::context::{Context, argv};
use crate::engine::guard::Place;
use crate::engine::seeds::{self, SeedFile};
use crate::exit::CommandError;
use crate::pg::tools::Child;
use crate::pg::url::DatabaseUrl;

/// The files of the chosen sets, in order: `--set`, else the environment's sets, else all.
pub(crate) fn chosen_files(cx: &Context, sets: &[String], only: &[String]) -> Result<Vec<SeedFile>> {
    let all = seeds::read(&cx.config.seed.dir.value)?;
    let known = seeds::sets(&all);
    let wanted = match (&cx.config.seed.sets, sets) {
        (_, [_, ..]) => Some(sets.to_vec()),
        (Some(configured), []) => Some(configured.value.clone()),
        (None, []) => None,
    };
    if let Some(unknown) = wanted.iter().flatten().find(|set| !known.contains(set)) {
        return Err(CommandError::Usage {
            message: format!("there is no seed set `{unknown}` in `{}`", cx.config.seed.dir.value.display()),
            hint: format!(
                "the sets are: {}",
                if known.is_empty() { "none".into() } else { known.join(", ") }
            ),
        }
        .into());
    }
    let chosen = |file: &SeedFile| wanted.as_ref().is_none_or(|sets| sets.contains(&file.set));
    let named = |file: &SeedFile| only.is_empty() || only.iter().any(|name| matches(file, name));
    if let Some(missing) = only.iter().find(|name| !all.iter().any(|f| chosen(f) && matches(f, name))) {
        let place = match &wanted {
            Some(sets) if all.iter().any(|file| matches(file, missing)) => {
                format!(" in the chosen sets ({})", sets.join(", "))
            }
            _ => String::new(),
        };
        return Err(CommandError::Usage {
            message: format!("there is no seed file `{missing}`{place}"),
            hint: "`pgkeel seed --list` shows the files; `--set` chooses their sets".into(),
        }
        .into());
    }
    let mut files: Vec<_> = all.into_iter().filter(|file| chosen(file) && named(file)).collect();
    // Sets run in the order in which they are asked for.
    if let Some(wanted) = &wanted {
        files.sort_by_key(|file| wanted.iter().position(|set| *set == file.set));
    }
    Ok(files)
}

/// Reference data belongs in production, sample data does not: the sets that may are named.
pub(crate) fn fit_for(
    place: &Place,
    files: &[SeedFile],
    cx: &Context,
    instead: &str,
) -> Result<(), CommandError> {
    let protection = place.protection();
    let allowed = &cx.config.seed.production.value;
    match files.iter().find(|file| !allowed.contains(&file.set)) {
        Some(file) if protection.protected => Err(CommandError::Refused {
            why: format!(
                "the seed set `{}` is not meant for a protected environment ({})",
                file.set,
                protection.because.join("; ")
            ),
            remedy: format!(
                "name the sets that are: `[seed] production = [\"base\"]` in pgkeel.toml, and {instead}"
            ),
        }),
        _ => Ok(()),
    }
}

/// `10_users`, `10_users.sql` and `dev/10_users.sql` all name the same file.
fn matches(file: &SeedFile, name: &str) -> bool {
    let stem = file.name.trim_end_matches(".sql");
    name == stem || name == file.name || name == format!("{}/{}", file.set, file.name)
}

/// The configured command, after the sets, with DATABASE_URL in its environment. Returns whether
/// there is one.
pub(crate) fn run_command(cx: &Context, url: &DatabaseUrl) -> Result<bool> {
    let Some(command) = &cx.config.seed.command else { return Ok(false) };
    cx.ui.note(&format!("running `{}` ({})", command.value, command.origin));
    let status = Child {
        argv: &argv(&command.value),
        directory: &cx.config.root,
        variables: &[("DATABASE_URL", url.uri())],
    }
    .run();
    let (how, hint) = match status {
        Ok(status) if status.success() => return Ok(true),
        Ok(status) => (format!("ended with {status}"), "its own output above says why".to_owned()),
        Err(error) => (format!("cannot be started ({error})"), format!("correct {}", command.origin)),
    };
    let message = format!("the seed command `{}` {how}; the seed sets before it are loaded", command.value);
    Err(CommandError::Child { message, hint }.into())
}
