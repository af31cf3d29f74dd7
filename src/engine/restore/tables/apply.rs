//! Runs the steps that bring a table back. A superuser writes to the table of a lesser role over a login that can do no more
//! than that role, because its constraints and defaults are code.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::thread;

use serde::Serialize;

use super::safe::{harmless, into, still_ours, unchecked};
use super::steps::{Step, refer};
use super::{TableBeside, Work};
use crate::engine::archive::{Entry, Section};
use crate::engine::login::{Login, trusted};
use crate::engine::operation::Opening;
use crate::engine::restore::fill::Filling;
use crate::engine::restore::load::{Extent, drain, failed, script_arguments};
use crate::engine::restore::source::{Source, SourceError};
use crate::engine::restore::{EVERYTHING, Ownership, RestoreError};
use crate::engine::{Observer, fault};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::Client;

/// What was brought over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The table was dropped, and is there again.
    pub created: bool,
    /// Rows that were missing.
    pub inserted: i64,
    /// Rows that were changed, and are as in the backup again.
    pub updated: i64,
    /// Live rows that the backup does not have, left as they are.
    pub left: i64,
    /// Where the replaced live rows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
}

/// Where the tables are brought back, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'a> {
    /// How the copy was restored.
    pub filling: Filling<'a>,
    /// The copy.
    pub copy: &'a Opening,
    /// The live database.
    pub live: &'a Opening,
}

/// Settings under which rows are copied: they mean the same on both sides.
const OPTIONS: &str = "-c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 -c TimeZone=UTC \
     -c bytea_output=hex -c array_nulls=on -c row_security=off -c default_transaction_read_only=off";

impl Applying<'_> {
    /// Bring one table back.
    ///
    /// # Errors
    /// See `RestoreError`; what was not committed is named by it.
    pub fn run(&self, table: &mut TableBeside, observer: &mut dyn Observer) -> Result<(), RestoreError> {
        let Some(work) = table.work.take() else { return Ok(()) };
        let mut inside = self.live.connect()?;
        inside.query(&inside.generated_prelude())?;
        let trusted = trusted(&mut inside, self.filling.trust)?;
        let login = self.login(&mut inside, &work, trusted.as_ref())?;
        // What a login runs has the rights of the login.
        let guarded = trusted.filter(|_| login.is_none());
        if let (Some(roles), Some(_)) = (&guarded, &work.live) {
            let table = format!("pg_catalog.to_regclass({})::pg_catalog.oid", Literal(&work.wanted.path()));
            harmless(&mut inside, &table, &work, roles)?;
        }
        let way = login.as_ref().map_or(self.live, |login| login.opening());
        let mut applied = Applied { created: work.live.is_none(), ..Applied::default() };
        let schema = Literal(&work.wanted.schema).to_string();
        let was_there = inside.catalog(&format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname OPERATOR(pg_catalog.=) {schema}::pg_catalog.name)"
        ))?;
        let was_there = was_there.get(0, 0) == Some("t");
        let done = self.steps(&work, (way, guarded.as_ref()), &mut applied, observer);
        let ended = match (login, &work.live) {
            (Some(login), Some(live)) => {
                let owner = Ident::new(&live.owner);
                let given = inside.query(&format!("REASSIGN OWNED BY {} TO {owner}", login.name()));
                given.and_then(|_| login.end(&mut inside))
            }
            _ => Ok(()),
        };
        if done.is_err() {
            self.clear(&work, was_there);
        }
        done?;
        ended?;
        if applied.created {
            applied.inserted = table.rows_there;
        } else if !work.live.as_ref().is_some_and(|live| live.key.is_empty()) {
            let replaced =
                format!("{}.{}", Ident::new(&work.wanted.schema), Ident::new(&work.names.replaced));
            if applied.updated == 0 {
                inside.query(&format!("DROP TABLE {replaced}"))?;
            } else {
                applied.replaced = Some(replaced);
            }
        }
        table.applied = Some(applied);
        Ok(())
    }

    /// Drop what steps that have failed leave: the copied rows, and the schema if they created it. Also after Ctrl-C.
    fn clear(&self, work: &Work, schema_was_there: bool) {
        let calm = Opening { interrupt: Interrupt::default(), ..self.live.clone() };
        let Ok(mut session) = calm.connect() else { return };
        let schema = Ident::new(&work.wanted.schema);
        let mut all = Vec::new();
        if work.live.is_some() {
            all.push(format!("DROP TABLE IF EXISTS {schema}.{}", Ident::new(&work.names.stage)));
        }
        if !schema_was_there {
            // One with the table in it stays.
            all.push(format!("DROP SCHEMA IF EXISTS {schema}"));
        }
        for sql in all {
            // What cannot be dropped is in nobody's way: another run chooses another name.
            drop(session.query(&format!("SET lock_timeout = '10s'; {sql}")));
        }
    }

    /// Drop what was created by a part that was committed. Also after Ctrl-C.
    fn drop_made(&self, paths: &str) {
        let calm = Opening { interrupt: Interrupt::default(), ..self.live.clone() };
        let Ok(mut session) = calm.connect() else { return };
        let rows = session.catalog(&format!(
            "SELECT pg_catalog.format('DROP %s IF EXISTS %s CASCADE', \
               CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, p.path) \
             FROM pg_catalog.unnest(ARRAY[{paths}]::pg_catalog.text[]) p (path) \
               JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(p.path)::pg_catalog.oid \
             ORDER BY c.relkind DESC"
        ));
        for sql in rows.into_iter().flat_map(|rows| rows.rows).filter_map(|mut row| row.remove(0)) {
            drop(session.query(&format!("SET lock_timeout = '10s'; {sql}")));
        }
    }

    /// A login of the table's owner, where this role must not run that one's code.
    fn login(
        &self,
        inside: &mut Session,
        work: &Work,
        trusted: Option<&BTreeSet<String>>,
    ) -> Result<Option<Login>, RestoreError> {
        let (Some(live), Some(roles)) = (&work.live, trusted) else { return Ok(None) };
        if roles.contains(&live.owner) {
            return Ok(None);
        }
        let name = self.live.url.database().unwrap_or_default();
        let login = Login::create(self.live, name, Some(&live.owner)).map_err(|error| {
            RestoreError::Refused(vec![crate::engine::restore::Obstacle::new(
                format!(
                    "bringing rows back runs code of `{}`, which is not a superuser: {error}",
                    live.owner
                ),
                "connect as the owner of the table, or give `--trust-code-of`",
            )])
        })?;
        let schema = Ident::new(&work.wanted.schema);
        inside.query(&format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {}", login.name()))?;
        Ok(Some(login))
    }

    fn steps(
        &self,
        work: &Work,
        (way, guarded): (&Opening, Option<&BTreeSet<String>>),
        applied: &mut Applied,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        for step in &work.steps {
            match step {
                Step::Sql(sql) => {
                    prepared(way)?.query(sql)?;
                    fault::point("tables-created");
                }
                Step::Refer { table, name, definition, to } => {
                    let unsafe_if = guarded.map(|roles| unchecked(&[table, to], roles));
                    let sql = refer((table, to), name, definition, unsafe_if.as_deref());
                    prepared(way)?.query(&sql)?;
                }
                Step::Merge { lock, sql } => {
                    fault::point("tables-copied");
                    let mut session = prepared(way)?;
                    session.query(lock)?;
                    if let (Some(roles), Some(live)) = (guarded, &work.live) {
                        still_ours(&mut session, work, live, roles)?;
                    }
                    for rows in session.query(sql)? {
                        if rows.columns.iter().any(|column| column.name == "inserted") {
                            let number =
                                |column| rows.get(0, column).and_then(|n| n.parse().ok()).unwrap_or(0);
                            (applied.inserted, applied.updated, applied.left) =
                                (number(0), number(1), number(2));
                        }
                    }
                }
                Step::Rows { from, stage, columns } => {
                    self.copy(from, &into(stage, columns, guarded), way)?;
                }
                Step::Create(parts) => self.create(parts, observer)?,
                Step::Remark(_) => {}
            }
        }
        Ok(())
    }

    /// From one psql into the other.
    fn copy(&self, from: &[String], into: &str, way: &Opening) -> Result<(), RestoreError> {
        let psql = self.filling.programs.psql()?;
        let client = |opening: &Opening, all: Vec<String>| {
            let commands = all.into_iter().flat_map(|sql| ["-c".into(), sql.into()]);
            let arguments: Vec<OsString> = script_arguments().into_iter().chain(commands).collect();
            (opening.url.clone(), arguments)
        };
        let all = from.iter().map(|table| format!("COPY {table} TO STDOUT")).collect();
        let (from, reads) = client(self.copy, all);
        let (to, writes) = client(way, vec![into.to_owned()]);
        let program = |url, arguments| Client {
            program: psql,
            url: Some(url),
            arguments,
            options: Some(OPTIONS.to_owned()),
            application_name: "pgkeel restore",
            interrupt: &self.live.interrupt,
        };
        let mut reading = program(&from, reads).start().map_err(failed("cannot start psql"))?;
        let mut writing = program(&to, writes).start().map_err(failed("cannot start psql"))?;
        let (Some(mut rows), Some(mut stdin)) = (reading.take_stdout(), writing.take_stdin()) else {
            return Err(RestoreError::NoEnd);
        };
        let quiet = drain(writing.take_stdout());
        let between = thread::spawn(move || io::copy(&mut rows, &mut stdin).map(drop));
        let wrote = writing.wait(&mut || {});
        let read = reading.wait(&mut || {});
        let copied = between.join().unwrap_or_else(|_| Err(io::Error::other("the thread between died")));
        drop(quiet.join());
        wrote.map_err(failed("copying the rows failed"))?;
        read.map_err(failed("reading the rows of the backup failed"))?;
        // That all of them came is checked before they are used.
        copied.map_err(|source| SourceError::Io { path: "the rows of the backup".into(), source }.into())
    }

    /// The table as it is in the copy.
    fn create(&self, parts: &[String], observer: &mut dyn Observer) -> Result<(), RestoreError> {
        let interrupt = &self.live.interrupt;
        let dir =
            tempfile::tempdir().map_err(|source| SourceError::Io { path: std::env::temp_dir(), source })?;
        let path = dir.path().join("table.pgdump");
        let mut arguments: Vec<OsString> = vec!["-Fc".into(), "-f".into(), path.clone().into()];
        arguments.extend(parts.iter().flat_map(|part| ["-t".into(), part.into()]));
        let client = |program, url, arguments| Client {
            program,
            url,
            arguments,
            options: Some(OPTIONS.to_owned()),
            application_name: "pgkeel restore",
            interrupt,
        };
        let dump = client(&self.filling.programs.pg_dump, Some(&self.copy.url), arguments);
        dump.output().map_err(failed("reading the table of the backup failed"))?;
        let source = Source::foreign(&path, interrupt)?;
        let mut session = self.live.connect()?;
        session.query(&session.generated_prelude())?;
        let ownership = Ownership { create_roles: false, ..self.filling.ownership };
        let filling =
            Filling { source: &source, ownership, select: &EVERYTHING, identity: None, ..self.filling };
        let load = filling.load(Extent::Everything);
        if let Some(found) = filling.guarded(&mut session, None, interrupt)? {
            return load.guarded(&found, self.live, None, None, &mut session, observer);
        }
        let mut flags = load.flags();
        if filling.programs.is_direct() {
            flags.push("--single-transaction".into());
        }
        let archive = load.contents(interrupt)?;
        let ids: Vec<i32> = archive.entries.iter().map(|entry| entry.dump_id).collect();
        let one = crate::engine::restore::load::Load { jobs: 1, ..load };
        let has_altered = session.catalog(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r \
               ON r.oid OPERATOR(pg_catalog.=) d.defaclrole WHERE r.rolname OPERATOR(pg_catalog.=) current_user)",
        )?;
        if has_altered.get(0, 0) != Some("t") {
            return one.list(&ids, self.live, flags, &mut session, observer);
        }
        // The table gets the default privileges that somebody altered: they go before there is a row in it.
        let is_first = |entry: &&Entry| entry.section == Section::PreData && !entry.desc.contains("ACL");
        let (first, rest): (Vec<&Entry>, Vec<&Entry>) = archive.entries.iter().partition(is_first);
        let ids = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.dump_id).collect::<Vec<i32>>();
        let made: Vec<String> = first
            .iter()
            .filter(|entry| ["TABLE", "SEQUENCE"].contains(&entry.desc.as_str()))
            .map(|entry| {
                let schema = Ident::new(entry.namespace.as_deref().unwrap_or_default());
                format!("{schema}.{}", Ident::new(&entry.tag))
            })
            .collect();
        one.list(&ids(first), self.live, flags.clone(), &mut session, observer)?;
        let done = as_new(&mut session, &made)
            .map_err(RestoreError::from)
            .and_then(|()| one.list(&ids(rest), self.live, flags, &mut session, observer));
        if done.is_err() {
            let all = made.iter().map(|path| Literal(path).to_string()).collect::<Vec<_>>().join(", ");
            self.drop_made(&all);
        }
        done
    }
}

/// Give new relations the privileges that PostgreSQL gives where nobody altered the defaults.
fn as_new(session: &mut Session, made: &[String]) -> Result<(), PgError> {
    let paths = made.iter().map(|path| Literal(path).to_string()).collect::<Vec<_>>().join(", ");
    let rows = session.catalog(&format!(
        "SELECT pg_catalog.format('REVOKE ALL ON %s %s FROM %s', k.word, p.path, \
             CASE WHEN x.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
               ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END), \
           pg_catalog.format('GRANT ALL ON %s %s TO %I', k.word, p.path, pg_catalog.pg_get_userbyid(c.relowner)) \
         FROM pg_catalog.unnest(ARRAY[{paths}]::pg_catalog.text[]) p (path) \
           JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(p.path)::pg_catalog.oid \
           CROSS JOIN LATERAL (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END) k (word) \
           CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) x"
    ))?;
    let all = |column: usize| -> BTreeSet<String> {
        (0..rows.rows.len()).filter_map(|row| rows.get(row, column).map(str::to_owned)).collect()
    };
    let sql: Vec<String> = all(0).into_iter().chain(all(1)).collect();
    if sql.is_empty() { Ok(()) } else { session.query(&sql.join("; ")).map(drop) }
}

/// A session for SQL that we generate, which runs the user's functions.
fn prepared(way: &Opening) -> Result<Session, RestoreError> {
    let mut session = way.connect()?;
    session.query(&session.generated_prelude())?;
    Ok(session)
}
