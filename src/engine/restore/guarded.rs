//! Loads an archive in which code of lesser roles would run under a superuser: what reaches such code is made and filled over
//! logins that can do no more than its owner, and gets its owner afterwards.

use std::collections::{BTreeMap, BTreeSet};

use super::RestoreError;
use super::analyze::analyze as statistics;
use super::careful::{Careful, Ways};
use super::decrypt::table_of_contents;
use super::error::Obstacle;
use super::fill::Filling;
use super::load::{Load, Part, list_file};
use super::reach::{Guarded, Needs, Runner, Trust, guarded};
use super::scratch::Scratch;
use super::source::code_of_script;
use crate::engine::backup::manifest::{Code, Layout};
use crate::engine::login::{Login, LoginError, trusted};
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// How many routines an error names.
const NAMED: usize = 5;

impl Filling<'_> {
    /// Which entries would run code of lesser roles under the role of this session. Nothing where there is none. `known` is
    /// the code that loading it evaluates, where that is known: the server is asked only if others own some.
    ///
    /// # Errors
    /// `Refused` where logins cannot load it; `Source`, `Damaged`, `Pg`.
    pub(super) fn guarded(
        &self,
        session: &mut Session,
        known: Option<&[Code]>,
        interrupt: &Interrupt,
    ) -> Result<Option<Guarded>, RestoreError> {
        let me = session.role();
        if known.is_some_and(|code| code.iter().all(|code| me.as_ref() == Some(&code.owner))) {
            return Ok(None);
        }
        let Some(roles) = trusted(session, self.trust)? else { return Ok(None) };
        if known.is_some_and(|code| code.iter().all(|code| roles.contains(&code.owner))) {
            return Ok(None);
        }
        if self.source.layout() == Layout::Plain {
            let code = match known {
                Some(code) => code.to_vec(),
                None => code_of_script(self.source, self.identity, interrupt)?,
            };
            let code: BTreeSet<_> = code
                .into_iter()
                .filter(|code| !roles.contains(&code.owner))
                .map(|code| (code.object, code.owner))
                .collect();
            if code.is_empty() {
                return Ok(None);
            }
            let found = Guarded { code, ..Guarded::default() };
            let why = "a plain script runs in one session, while an archive of `pg_dump -Fc` is loaded over several";
            return Err(refused(&found, why));
        }
        let mut archive = match self.source.archive()? {
            Some(archive) => archive,
            None => table_of_contents(self.source, self.identity, interrupt)?,
        };
        self.select.apply(&mut archive);
        let no_owner = self.ownership.no_owner;
        let Some(found) = guarded(&archive, Trust { roles: &roles, no_owner }) else { return Ok(None) };
        let alone = |runner: &Runner| matches!(runner, Runner::Alone(_));
        let theirs = super::source::major(&archive.server_version);
        if let Some(obstacle) = found.obstacles.first() {
            return Err(refused(&found, obstacle));
        }
        if !session.is_superuser() {
            let why = "this role can become a superuser but is not one, and so can the code that it runs";
            return Err(refused(&found, why));
        }
        // What the code could change of a superuser's objects while they are loaded is seen in the schema's text alone.
        let dumper = super::source::major(&archive.dump_version).and_then(|major| u32::try_from(major).ok());
        let is_compared = theirs == Some(session.server_version() / 10_000)
            && dumper == Some(self.programs.pg_dump.version.major)
            && !(no_owner && self.source.is_encrypted());
        if found.needs.keys().any(alone) && !is_compared {
            return Err(refused(&found, "the schema's text cannot be compared afterwards"));
        }
        Ok(Some(found))
    }
}

/// What the code of lesser roles in a backup means for its restore by a superuser.
pub(crate) fn code_note(code: &[Code], layout: Layout, roles: &BTreeSet<String>) -> Option<String> {
    let lesser: Vec<&Code> = code.iter().filter(|code| !roles.contains(&code.owner)).collect();
    if lesser.is_empty() {
        return None;
    }
    let how = match layout {
        Layout::Plain => "a superuser can restore it only with `--trust-code-of ROLE`",
        _ => {
            "a superuser restores it over logins with the rights of their owners, unless `--trust-code-of ROLE` is given"
        }
    };
    let code: BTreeSet<(String, String)> =
        lesser.into_iter().map(|code| (code.object.clone(), code.owner.clone())).collect();
    Some(format!("restoring this backup runs code of roles that are not superusers, {}: {how}", list(&code)))
}

/// The first of them, each with its owner.
fn list(code: &BTreeSet<(String, String)>) -> String {
    let mut named: Vec<String> =
        code.iter().take(NAMED).map(|(what, owner)| format!("{what} of `{owner}`")).collect();
    if code.len() > NAMED {
        named.push(format!("and {} more", code.len() - NAMED));
    }
    named.join(", ")
}

/// It is not loaded: which code would run, why no login can run it, and what to do.
pub(super) fn refused(found: &Guarded, why: &str) -> RestoreError {
    let owners: BTreeSet<&str> = found.code.iter().map(|(_, owner)| owner.as_str()).collect();
    let trust: Vec<String> =
        owners.iter().map(|owner| format!("--trust-code-of {}", crate::pg::shell::word(owner))).collect();
    RestoreError::Refused(vec![Obstacle::new(
        format!("loading it as a superuser would run code of lesser roles, {}; {why}", list(&found.code)),
        format!("connect as the owner of the database instead of a superuser, or give `{}`", trust.join(" ")),
    )])
}

impl Load<'_> {
    /// Load all of it.
    ///
    /// # Errors
    /// See `RestoreError`; the logins are dropped then too.
    pub(super) fn guarded(
        &self,
        found: &Guarded,
        opening: &Opening,
        scratch: Option<&Scratch<'_>>,
        mut careful: Option<&mut Careful<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let flags = self.flags();
        let own = Ways { inside: opening, theirs: opening };
        self.some(&found.first, own, &flags, careful.as_deref_mut(), admin, observer)?;
        let mut inside = opening.connect()?;
        inside.query(&inside.prelude())?;
        // A live database is not analyzed: that runs code.
        if !found.batches.is_empty() && scratch.is_some() {
            observer.event(Event::Phase { what: "ANALYZE".into() });
            // What it leaves out is analyzed over the logins.
            statistics(&mut inside)?;
        }
        if let Some(scratch) = scratch.filter(|_| !found.needs.is_empty()) {
            scratch.admit_logins(admin)?;
        }
        let live = scratch.map_or(opening.url.database(), Scratch::live).unwrap_or_default();
        let mut logins = BTreeMap::new();
        for runner in found.needs.keys() {
            let member_of = match runner {
                // No role can be made a member of it.
                Runner::Owner(owner) if owner != "pg_database_owner" => Some(owner.as_str()),
                _ => None,
            };
            let login = Login::create(opening, live, member_of).map_err(|error| closed(found, error))?;
            logins.insert(runner.clone(), login);
        }
        fault::point("restore-logins");
        for (runner, login) in &logins {
            grant(&mut inside, login, &found.needs[runner])?;
        }
        for batch in &found.batches {
            match logins.get(&batch.runner) {
                None => self.some(&batch.entries, own, &flags, careful.as_deref_mut(), admin, observer)?,
                Some(login) => {
                    observer.event(Event::Phase { what: doing(&batch.runner) });
                    grant_references(&mut inside, login, &found.needs[&batch.runner])?;
                    let no_owner: Vec<_> = flags.iter().cloned().chain(["--no-owner".into()]).collect();
                    let ways = Ways { inside: opening, theirs: login.opening() };
                    self.some(&batch.entries, ways, &no_owner, careful.as_deref_mut(), admin, observer)?;
                }
            }
        }
        for (runner, login) in &logins {
            analyze(login, &found.needs[runner]);
            nothing_else(&mut inside, login, &found.needs[runner])?;
        }
        for (runner, login) in logins {
            let to = match &runner {
                Runner::Owner(owner) | Runner::Alone(owner) if !owner.is_empty() => {
                    Ident::new(owner).to_string()
                }
                _ => "CURRENT_USER".to_owned(),
            };
            inside.query(&format!("REASSIGN OWNED BY {} TO {to}", login.name()))?;
            login.end(&mut inside)?;
        }
        if let Some(scratch) = scratch.filter(|_| !found.needs.is_empty()) {
            scratch.admit_superusers(admin)?;
        }
        self.some(&found.last, own, &flags, careful, admin, observer)?;
        for (schema, view) in &found.filled {
            // Statistics decide nothing.
            drop(inside.query(&format!("ANALYZE {}.{}", Ident::new(schema), Ident::new(view))));
        }
        Ok(())
    }

    /// Load these entries, step by step where `careful` is given.
    fn some(
        &self,
        entries: &[i32],
        ways: Ways<'_>,
        flags: &[std::ffi::OsString],
        careful: Option<&mut Careful<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        match careful {
            Some(careful) => careful.list(self, entries, ways, flags, admin, observer),
            None => self.list(entries, ways.theirs, flags.to_vec(), admin, observer),
        }
    }

    /// Load these entries.
    pub(super) fn list(
        &self,
        entries: &[i32],
        opening: &Opening,
        flags: Vec<std::ffi::OsString>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let list = list_file(entries.iter().copied())?;
        let part = Part { opening, flags, list: Some(list.path()) };
        self.archive(&part, None, admin, observer)
    }
}

/// ANALYZE what a login has made, over the login itself: its expressions are evaluated. What fails here is left to the server.
fn analyze(login: &Login, needs: &Needs) {
    let tables =
        needs.relations.iter().map(|(schema, name)| format!("{}.{}", Ident::new(schema), Ident::new(name)));
    let sql: Vec<String> = tables.map(|table| format!("ANALYZE {table}")).collect();
    let Ok(mut session) = login.opening().connect() else { return };
    for statement in sql {
        drop(session.query(&statement));
    }
}

fn doing(runner: &Runner) -> String {
    match runner {
        Runner::Owner(owner) => format!("loading what runs code, with the rights of {owner} alone"),
        _ => "loading what runs code, without any rights".to_owned(),
    }
}

fn closed(found: &Guarded, error: LoginError) -> RestoreError {
    let cause = match &error {
        LoginError::Create(cause) | LoginError::Connect(cause) => cause.to_string(),
    };
    match error {
        LoginError::Create(PgError::Interrupted) | LoginError::Connect(PgError::Interrupted) => {
            PgError::Interrupted.into()
        }
        error => refused(found, &format!("{error}: {cause}")),
    }
}

/// What it needs to create.
fn grant(inside: &mut Session, login: &Login, needs: &Needs) -> Result<(), PgError> {
    let name = login.name();
    let mut sql: Vec<String> = column(
        inside,
        "SELECT pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_namespace \
         WHERE NOT pg_catalog.starts_with(nspname::pg_catalog.text, 'pg_')",
    )?
    .into_iter()
    .map(|schema| format!("GRANT USAGE ON SCHEMA {schema} TO {name}"))
    .collect();
    sql.extend(needs.schemas.iter().map(|s| format!("GRANT CREATE ON SCHEMA {} TO {name}", Ident::new(s))));
    let spaces = needs.tablespaces.iter();
    sql.extend(spaces.map(|t| format!("GRANT CREATE ON TABLESPACE {} TO {name}", Ident::new(t))));
    if needs.servers {
        let servers =
            column(inside, "SELECT pg_catalog.quote_ident(srvname) FROM pg_catalog.pg_foreign_server")?;
        sql.extend(servers.into_iter().map(|s| format!("GRANT USAGE ON FOREIGN SERVER {s} TO {name}")));
    }
    if sql.is_empty() { Ok(()) } else { inside.query(&sql.join("; ")).map(drop) }
}

/// What its foreign keys need of the tables of others, as far as these are there by now.
fn grant_references(inside: &mut Session, login: &Login, needs: &Needs) -> Result<(), PgError> {
    for (schema, table) in &needs.references {
        let path = format!("{}.{}", Ident::new(schema), Ident::new(table));
        let there =
            inside.catalog(&format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", Literal(&path)))?;
        if there.get(0, 0) == Some("t") {
            inside.query(&format!("GRANT REFERENCES ON TABLE {path} TO {}", login.name()))?;
        }
    }
    Ok(())
}

/// The code that ran may have made objects, which would get an owner with the others.
///
/// # Errors
/// `Differs`.
fn nothing_else(inside: &mut Session, login: &Login, needs: &Needs) -> Result<(), RestoreError> {
    let role = Literal(login.name().as_str()).to_string();
    let owner = format!(
        "(SELECT oid FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) {role}::pg_catalog.name)"
    );
    let rows = inside.catalog(&format!(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c \
           JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.relowner OPERATOR(pg_catalog.=) {owner} \
           AND pg_catalog.strpos('rpvmSf', c.relkind::pg_catalog.text) OPERATOR(pg_catalog.>) 0"
    ))?;
    let made = (0..rows.rows.len()).filter_map(|row| Some((rows.get(row, 0)?, rows.get(row, 1)?)));
    let mut differences: Vec<String> = made
        .filter(|(schema, name)| !needs.relations.contains(&((*schema).to_owned(), (*name).to_owned())))
        .map(|(schema, name)| {
            format!("`{schema}.{name}` is not in the backup: code of a lesser role made it")
        })
        .collect();
    let routines = inside.catalog(&format!(
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc WHERE proowner OPERATOR(pg_catalog.=) {owner}"
    ))?;
    if routines.get(0, 0).and_then(|count| count.parse().ok()) != Some(needs.routines) {
        differences.push("there are functions that code of a lesser role made".to_owned());
    }
    if differences.is_empty() { Ok(()) } else { Err(RestoreError::Differs { differences, kept: None }) }
}

fn column(session: &mut Session, query: &str) -> Result<Vec<String>, PgError> {
    Ok(session.catalog(query)?.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}
