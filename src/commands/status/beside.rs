//! What `status` says of the databases that restores put and left beside this one, and of writing that one has stopped.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::commands::backups::age;
use crate::commands::said::size;
use crate::context::Context;
use crate::engine::restore::journal::{self, Abandoned, Leftover, Phase, Quarantined, SideDatabase};
use crate::pg::ident::Ident;
use crate::pg::session::Session;
use crate::ui::{Page, Tone};

/// What is around the database.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Around {
    quarantined: Vec<Aside>,
    leftovers: Vec<Leftover>,
    abandoned: Vec<Abandoned>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    side_databases: Vec<SideDatabase>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logins: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow_owners: Vec<String>,
    writing_stopped: bool,
    #[serde(skip)]
    resume: Option<String>,
    #[serde(skip)]
    place: String,
    #[serde(skip)]
    now: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct Aside {
    #[serde(flatten)]
    one: Quarantined,
    /// Whether it is kept for longer than `[backup] quarantine` says.
    expired: bool,
}

impl Around {
    /// Look, in one question.
    pub(super) fn read(session: &mut Session, database: &str, cx: &Context) -> Result<Self> {
        let found = journal::beside(session, database)?;
        let now = found.now;
        let keeps = TimeDelta::from_std(cx.config.backup.quarantine.value).unwrap_or(TimeDelta::MAX);
        let aside = |one: Quarantined| Aside { expired: now - one.since > keeps, one };
        Ok(Self {
            quarantined: found.quarantined.into_iter().map(aside).collect(),
            leftovers: found.leftovers,
            abandoned: found.abandoned,
            side_databases: found.tables,
            logins: found.logins,
            shadow_owners: found.owners,
            writing_stopped: found.stopped.is_some(),
            resume: found.stopped.map(|stopped| stopped.resume_sql(database)),
            place: cx.config.answers.place.clone(),
            now,
        })
    }

    /// A line for each.
    pub(super) fn text(&self, page: &mut Page) {
        if let Some(resume) = &self.resume {
            page.line(&format!(
                "{} by a restore, which is still running or was killed: typed again, it goes on (`pgkeel rollback \
                 --to-backup{}{}`); `{}` lets the others write again",
                page.paint(Tone::Bad, "writing is stopped"),
                self.begun().map_or_else(String::new, |backup| format!(" {backup}")),
                self.place,
                resume
            ));
        }
        for Aside { one, expired } in &self.quarantined {
            let end = if *expired {
                format!("; drop it: `pgkeel restore --drop-quarantine{}`", self.place)
            } else {
                String::new()
            };
            page.line(&format!(
                "put aside: {}, {}, by {} {}{end}",
                one.name,
                bytes_of(one.bytes),
                if one.backup.is_some() { "a restore" } else { "an undo" },
                age(self.now, one.since)
            ));
        }
        self.logins(page);
        for one in &self.leftovers {
            if one.phase == Some(Phase::Kept) {
                page.line(&format!(
                    "kept to be looked at: {}, {}, a restore of {} that differs, {}; drop it: DROP DATABASE {};",
                    one.name,
                    bytes_of(one.bytes),
                    one.backup,
                    age(self.now, one.at),
                    Ident::new(&one.name)
                ));
                continue;
            }
            let what = if one.phase.is_some() { "a restore" } else { "a proof" };
            page.line(&format!(
                "left over: {}, {}, by {what} of {} begun {}, which is still running or was killed: the next one drops it \
                 or goes on with it",
                one.name,
                bytes_of(one.bytes),
                one.backup,
                age(self.now, one.at)
            ));
        }
        for SideDatabase { name, backup, at, bytes } in &self.side_databases {
            page.line(&format!(
                "side database: {name}, {}, restored from {backup} by `pgkeel restore --tables` {}; drop it: DROP DATABASE {};",
                bytes_of(*bytes),
                age(self.now, *at),
                Ident::new(name)
            ));
        }
        self.abandoned(page);
        self.owners(page);
    }

    fn abandoned(&self, page: &mut Page) {
        for Abandoned { name, shadow, bytes } in &self.abandoned {
            let (what, next) = match shadow {
                true => ("a shadow database", "the next run that makes one"),
                false => ("a verification database", "the next `pgkeel backup verify --level 2`"),
            };
            page.line(&format!(
                "left over: {name}, {}, {what} of a killed run: {next} drops it",
                bytes_of(*bytes)
            ));
        }
    }

    /// Roles that owned shadow databases.
    fn owners(&self, page: &mut Page) {
        for role in &self.shadow_owners {
            page.line(&format!(
                "left over: role {role}, the owner of a shadow database of a killed run: the next run that makes one drops it"
            ));
        }
    }

    /// Logins of runs that load or build what others wrote, and are running or were killed.
    fn logins(&self, page: &mut Page) {
        for login in &self.logins {
            let role = Ident::new(login);
            page.line(&format!(
                "login of a run: {login}, which is still running or was killed: the next run that creates logins drops it, \
                 or DROP OWNED BY {role}; DROP ROLE {role};"
            ));
        }
    }

    /// The backup whose restore has begun, if one has.
    fn begun(&self) -> Option<&str> {
        let begun = |one: &&Leftover| one.phase.is_some_and(|phase| phase != Phase::Kept);
        let newest = self.leftovers.iter().filter(begun).max_by_key(|one| one.at)?;
        newest.backup.split(' ').next()
    }
}

fn bytes_of(bytes: Option<i64>) -> String {
    bytes.map_or_else(|| "size unknown".into(), size)
}
