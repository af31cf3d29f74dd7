//! What keeps a database from being replaced by a new one, and whether `--in-place` helps: the hint is given where the command
//! and the source know that flag.

use super::error::Obstacle;
use super::preflight::Goal;
use super::source::Source;
use crate::engine::archive::Archive;
use crate::engine::backup::manifest::Layout;
use crate::engine::restorability::PG_CRON;
use crate::engine::swap::Lack;
use crate::pg::error::PgError;
use crate::pg::session::Session;
use crate::pg::shell::word;

/// How `--in-place` is given, where the command and the source know it.
pub(super) struct Offer {
    give: String,
}

impl Offer {
    pub(super) fn of(source: &Source, goal: Goal) -> Option<Self> {
        if source.is_rows_alone() || source.layout() == Layout::Plain {
            return None;
        }
        match goal {
            Goal::Replace => Some(Self { give: "give `--in-place".into() }),
            Goal::RollBack => {
                Some(Self { give: format!("run `pgkeel restore {} --in-place", word(&source.name())) })
            }
            Goal::Beside | Goal::InPlace => None,
        }
    }

    fn keeps_the_database(&self) -> String {
        format!("{}`, by which the database itself stays", self.give)
    }
}

/// What a new database lacks, and what to do.
pub(super) fn lack(lack: &Lack, offer: Option<&Offer>) -> Obstacle {
    let in_place = match (lack, offer) {
        // A prepared transaction is in the way there too.
        (Lack::PreparedTransaction { .. }, _) | (_, None) => None,
        // Stopping the writing, so that a backup of what is there holds all of it, takes the same right.
        (Lack::NotOwner { .. } | Lack::CannotTerminate { .. } | Lack::Superuser { .. }, Some(offer)) => {
            Some(format!("{} --no-backup`, which ends no session and renames nothing", offer.give))
        }
        (_, Some(offer)) => Some(offer.keeps_the_database()),
    };
    let remedy = match (lack.remedy_sql(), in_place) {
        (Some(sql), Some(other)) => Some(format!("{sql} — or {other}")),
        (sql, other) => sql.or(other),
    };
    Obstacle { what: lack.to_string(), remedy }
}

/// An extension that one database of the server alone can have: no new database can.
pub(super) fn pinned(
    source: &Source,
    archive: Option<&Archive>,
    offer: Option<&Offer>,
    admin: &mut Session,
) -> Result<Option<Obstacle>, PgError> {
    let mut names: Vec<String> = match (source.manifest(), archive) {
        (Some(manifest), _) => manifest.extensions.iter().map(|extension| extension.name.clone()).collect(),
        (None, archive) => archive.map(Archive::extensions).unwrap_or_default(),
    };
    names.retain(|name| name == PG_CRON);
    if names.is_empty() {
        return Ok(None);
    }
    let rows = admin.catalog("SELECT pg_catalog.current_setting('cron.database_name', true)")?;
    let named = rows.get(0, 0).map(|name| format!(", `{name}` (`cron.database_name`)")).unwrap_or_default();
    Ok(Some(Obstacle {
        what: format!(
            "the extension `{PG_CRON}` can be in one database of the server alone{named}, not in a new one"
        ),
        remedy: offer.map(Offer::keeps_the_database),
    }))
}

/// That the role may not create databases.
pub(super) fn may_create(admin: &mut Session, offer: Option<&Offer>) -> Result<Option<Obstacle>, PgError> {
    let rows = admin
        .catalog("SELECT rolname, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")?;
    let role = rows.get(0, 0).unwrap_or_default().to_owned();
    Ok((rows.get(0, 1) != Some("t")).then(|| lack(&Lack::CreateDb { role }, offer)))
}
