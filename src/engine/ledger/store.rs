//! Our own tables through Diesel: its migrations create them, its query builder writes them, an
//! r2d2 pool holds the connections. Opened only when something is to be written or shown at length;
//! a no-op never comes here. What is written is held first (`hold`), what is read is read by COPY TO.

use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::ConnectionManager;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use r2d2::{CustomizeConnection, ManageConnection, Pool, PooledConnection};

use crate::engine::fault;
use crate::pg::connect::{with_defaults, with_limits};
use crate::pg::ident::Ident;
use crate::pg::settings;
use crate::pg::url::DatabaseUrl;

use super::copied::Copied;
use super::owners::{Owned, Owners};
pub use super::records::{
    Author, Ended, Guarded, Legacy, NewOperation, PoolSize, Run, SeedRow, StoreError, StoredSql, WayBack,
};
use super::records::{OperationRow, doing};
use super::rows::create_ledger;
use super::schema::{environment, last_operation, operation};
use super::{Bookkeeping, Facts, LEDGER_TABLE, Mark};

/// Our own tables' migrations, run with `search_path` set to the bookkeeping schema.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("src/engine/ledger/migrations");

/// The bookkeeping tables of one database.
pub struct Store {
    pool: Pool<Connecting>,
    schema: Ident,
    owners: Owners,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.schema)
    }
}

/// Gives every connection of the pool the bookkeeping schema as its search_path; `pg_catalog` comes first by itself. The
/// operators that the query builder writes have an exact match there for the types of our columns.
#[derive(Debug)]
struct Settings(Ident);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(&format!(
            "{}SET search_path = {}, pg_temp; SET row_security = off; SET lock_timeout = '30s'; SET client_encoding = 'UTF8'; SET datestyle = 'ISO'; SET timezone = 'UTC'; \
             SET client_min_messages = error",
            settings::of_pool(),
            self.0
        ))
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

pub(super) type Connection = PooledConnection<Connecting>;

/// Connects with our limits from the beginning, and without where a pooler refuses to pass them on.
#[derive(Debug)]
pub(super) struct Connecting {
    ours: ConnectionManager<PgConnection>,
    plain: ConnectionManager<PgConnection>,
}

impl Connecting {
    fn to(url: &DatabaseUrl) -> Self {
        let manager = |url: &DatabaseUrl| ConnectionManager::new(with_defaults(url).conninfo().expose());
        Self { ours: manager(&with_limits(url)), plain: manager(url) }
    }
}

impl ManageConnection for Connecting {
    type Connection = PgConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<PgConnection, Self::Error> {
        self.ours.connect().or_else(|_| self.plain.connect())
    }

    fn is_valid(&self, conn: &mut PgConnection) -> Result<(), Self::Error> {
        self.plain.is_valid(conn)
    }

    fn has_broken(&self, conn: &mut PgConnection) -> bool {
        self.plain.has_broken(conn)
    }
}

/// A run that has lost its server has something to tell: it does not keep that back for long.
const END: Duration = Duration::from_secs(2);

impl Store {
    /// Open the pool; nothing is created.
    ///
    /// # Errors
    /// `StoreError::Pool`.
    pub fn connect(
        url: &DatabaseUrl,
        schema: &Ident,
        size: PoolSize,
        owners: Owners,
    ) -> Result<Self, StoreError> {
        let pool = Pool::builder()
            .min_idle(Some(size.min))
            .max_size(size.max.max(1))
            .connection_timeout(size.timeout)
            // Opened a moment ago, for a handful of statements: to test each time costs a round trip.
            .test_on_check_out(false)
            // A pool that fails says so through `get`; r2d2's own logger would print.
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .connection_customizer(Box::new(Settings(schema.clone())))
            .build(Connecting::to(url))?;
        Ok(Self { pool, schema: schema.clone(), owners })
    }

    pub(super) fn get(&self) -> Result<Connection, StoreError> {
        Ok(self.pool.get()?)
    }

    /// Create or upgrade the tables where that is needed.
    ///
    /// # Errors
    /// See `StoreError`; nothing is created unless everything is.
    pub fn upgrade(&self, facts: &Facts) -> Result<(), StoreError> {
        let schema = self.schema.as_str();
        if facts.bookkeeping == Bookkeeping::Foreign {
            return Err(StoreError::Foreign { schema: schema.to_owned() });
        }
        let known = embedded_versions();
        if facts.bookkeeping == Bookkeeping::Present {
            let unknown: Vec<_> =
                facts.our_versions.iter().filter(|version| !known.contains(version)).cloned().collect();
            if !unknown.is_empty() {
                return Err(StoreError::Newer { schema: schema.into(), versions: unknown.join(", ") });
            }
            // Diesel's own check would need the right to create its table.
            if known.iter().all(|version| facts.our_versions.contains(version)) {
                return Ok(());
            }
        }
        let is_there = |one: &&Owned| facts.bookkeeping == Bookkeeping::Present && one.schema == schema;
        let there: Vec<&str> =
            facts.owned.iter().filter(is_there).filter_map(|one| one.table.as_deref()).collect();
        let mut conn = self.get()?;
        let created: Result<(), Creation> = conn.transaction(|conn| {
            // Two applications' first deploys may come here together: one waits for the other.
            diesel::sql_query(
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgkeel bookkeeping', 0))",
            )
            .execute(conn)?;
            if facts.bookkeeping == Bookkeeping::Absent {
                conn.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", self.schema))?;
            }
            // Another role may have been faster, and what it made is looked at before Diesel reads it.
            conn.batch_execute(&create_ledger(&self.schema))?;
            let tables = if there.is_empty() { vec![LEDGER_TABLE] } else { there };
            let hold = self.owners.hold(&self.schema).ours(&tables);
            conn.batch_execute(&hold.all()).map_err(|_| Creation::NotHeld(tables.join("\n")))?;
            conn.run_pending_migrations(MIGRATIONS).map_err(|e| Creation::Migrating(e.to_string()))?;
            same_grants(conn)?;
            match self.given(facts) {
                given if given.is_empty() => Ok(()),
                given => Ok(conn.batch_execute(&given)?),
            }
        });
        match created {
            Ok(()) => Ok(()),
            Err(Creation::Diesel(source)) if lacks_privilege(&mut conn, schema) => {
                drop(source);
                Err(StoreError::MayNotCreate {
                    schema: schema.into(),
                    role: facts.role.clone(),
                    database: facts.database.clone(),
                })
            }
            Err(Creation::Diesel(source)) => Err(doing("create the schema")(source)),
            Err(Creation::NotHeld(tables)) => {
                let tables: Vec<&str> = tables.lines().collect();
                Err(self.refused(&mut conn, &tables, doing("hold")(diesel::result::Error::NotFound)))
            }
            Err(Creation::Migrating(message)) => {
                Err(StoreError::Migrating { schema: schema.into(), message })
            }
        }
    }

    /// What a superuser creates in the database of another role belongs to that role, which could not dump it otherwise.
    fn given(&self, facts: &Facts) -> String {
        let Some(owner) = facts.owner_of_new().map(Ident::new) else { return String::new() };
        let of_schema = (facts.bookkeeping == Bookkeeping::Absent)
            .then(|| format!("ALTER SCHEMA {} OWNER TO {owner}; ", self.schema));
        let tables = facts
            .missing(&self.schema)
            .map(|table| format!("ALTER TABLE {}.{table} OWNER TO {owner}; ", self.schema));
        of_schema.into_iter().chain(tables).collect()
    }

    /// A transaction that first holds these tables of ours.
    ///
    /// # Errors
    /// `StoreError::Refused` where they cannot be held, `StoreError::Diesel`.
    pub(super) fn writing<T>(
        &self,
        what: &'static str,
        tables: &[&str],
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        let mut conn = self.get()?;
        self.writing_on(&mut conn, what, tables, work)
    }

    fn writing_on<T>(
        &self,
        conn: &mut PgConnection,
        what: &'static str,
        tables: &[&str],
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        let hold = self.owners.hold(&self.schema).ours(tables);
        let mut is_held = false;
        let done = conn.transaction(|conn| {
            conn.batch_execute(&hold.all())?;
            is_held = true;
            fault::point("record-held");
            work(conn)
        });
        done.map_err(|error| match is_held {
            true => doing(what)(error),
            false => self.refused(conn, tables, doing(what)(error)),
        })
    }

    /// Why the tables could not be held; another error where nothing is in the way.
    fn refused(&self, conn: &mut PgConnection, tables: &[&str], otherwise: StoreError) -> StoreError {
        let hold = self.owners.hold(&self.schema).ours(tables);
        let found = diesel::sql_query(hold.explanation()).load::<InTheWay>(conn);
        match found.ok().and_then(|mut all| (!all.is_empty()).then(|| all.swap_remove(0))) {
            Some(InTheWay { code, schema, name, owner, object }) => {
                StoreError::Refused(Box::new(hold.refused(vec![code, schema, name, owner, object])))
            }
            None => otherwise,
        }
    }

    /// All rows of the audit trail, oldest first, as their number orders them.
    fn operations<T>(&self, conn: &mut PgConnection, id: impl Fn(&T) -> i64) -> Result<Vec<T>, StoreError>
    where
        T: Copied,
    {
        let mut all: Vec<T> = T::copied(conn).map_err(doing("read the operations"))?;
        all.sort_by_key(id);
        Ok(all)
    }

    /// Give the operations without an end one: whoever holds the migration lock knows that they were
    /// killed, or lost their connection.
    ///
    /// # Errors
    /// `StoreError::Diesel`, `StoreError::Refused`.
    pub fn close_killed(&self, ledger_schema: &str) -> Result<(), StoreError> {
        let is_open = operation::ledger_schema.eq(ledger_schema).and(operation::outcome.is_null());
        self.writing("record that an operation was killed", &LAST, |conn| {
            diesel::update(operation::table.filter(is_open))
                .set((
                    operation::outcome.eq(Ended::Interrupted.as_str()),
                    operation::message.eq("it was killed, or lost its connection"),
                ))
                .execute(conn)?;
            diesel::update(last_operation::table.find(ledger_schema))
                .filter(last_operation::outcome.is_null())
                .set(last_operation::outcome.eq(Ended::Interrupted.as_str()))
                .execute(conn)
                .map(drop)
        })
    }

    /// Record how an operation ended.
    ///
    /// # Errors
    /// `StoreError::Diesel`, `StoreError::Refused`.
    pub fn end(&self, id: i64, ended: Ended, message: Option<&str>) -> Result<(), StoreError> {
        let mut conn = self.pool.get_timeout(END)?;
        self.writing_on(&mut conn, "record the operation's end", &LAST, |conn| {
            diesel::update(operation::table.find(id))
                .set((
                    operation::outcome.eq(ended.as_str()),
                    operation::message.eq(message),
                    operation::finished_at.eq(now_nullable()),
                ))
                .execute(conn)?;
            diesel::update(last_operation::table.filter(last_operation::id.eq(id)))
                .set(last_operation::outcome.eq(ended.as_str()))
                .execute(conn)
                .map(drop)
        })
    }

    /// Whether the newest run over the migrations of this ledger was a rollback that came to its end.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn has_just_undone(&self, ledger_schema: &str) -> Result<bool, StoreError> {
        let all: Vec<Run> = self.operations(&mut *self.get()?, |run: &Run| run.id)?;
        let moves = ["deploy", "migrate", "rollback", "reset"];
        let last = all
            .iter()
            .rfind(|run| run.ledger_schema == ledger_schema && moves.contains(&run.command.as_str()));
        Ok(last.is_some_and(|run| {
            run.command == "rollback" && run.outcome.as_deref() == Some(Ended::Done.as_str())
        }))
    }

    /// The runs, oldest first.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub(super) fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.operations(&mut *self.get()?, |run: &Run| run.id)
    }

    /// All rows of the audit trail with the ways back, oldest first.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub(super) fn rows(&self) -> Result<Vec<OperationRow>, StoreError> {
        self.operations(&mut *self.get()?, |row: &OperationRow| row.id)
    }

    /// The stored SQL of these versions.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn stored(&self, ledger_schema: &str, versions: &[String]) -> Result<Vec<StoredSql>, StoreError> {
        let all: Vec<StoredSql> =
            StoredSql::copied(&mut *self.get()?).map_err(doing("read the stored SQL"))?;
        let is_wanted =
            |row: &StoredSql| row.ledger_schema == ledger_schema && versions.contains(&row.version);
        Ok(all.into_iter().filter(is_wanted).collect())
    }

    /// Set the environment mark of this place.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn set_mark(&self, name: &str, facts: &Facts) -> Result<(), StoreError> {
        let values = (
            environment::name.eq(name),
            environment::database.eq(&facts.database),
            environment::system_identifier.eq(&facts.system_identifier),
            environment::set_by.eq(&facts.role),
            environment::set_at
                .eq(diesel::dsl::sql::<diesel::sql_types::Timestamptz>("pg_catalog.clock_timestamp()")),
        );
        self.writing("set the environment mark", &["environment"], |conn| {
            diesel::insert_into(environment::table)
                .values((environment::only_one.eq(true), values.clone()))
                .on_conflict(environment::only_one)
                .do_update()
                .set(values)
                .execute(conn)
                .map(drop)
        })
    }

    /// The seed files as they were last loaded.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn seeds(&self, ledger_schema: &str) -> Result<Vec<SeedRow>, StoreError> {
        let all: Vec<SeedRow> = SeedRow::copied(&mut *self.get()?).map_err(doing("read the seeds"))?;
        let mut mine: Vec<SeedRow> =
            all.into_iter().filter(|row| row.ledger_schema == ledger_schema).collect();
        mine.sort_by(|one, other| (&one.seed_set, &one.file).cmp(&(&other.seed_set, &other.file)));
        Ok(mine)
    }

    /// What a database that replaces this one must inherit. The number of its first operation is
    /// taken here, so that nobody who goes on writing here meanwhile can take the same.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn legacy(&self, mark: Option<Mark>) -> Result<Legacy, StoreError> {
        let mut conn = self.get()?;
        let next = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('operation', 'id')::pg_catalog.regclass)",
        ))
        .get_result(&mut conn)
        .map_err(doing("number the next operation"))?;
        let operations = self.operations(&mut conn, |row: &OperationRow| row.id)?;
        Ok(Legacy { operations, next, mark })
    }

    /// Take over what the replaced database left, also a second time; the mark is set for the place
    /// named by `facts`.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn inherit(&self, legacy: &Legacy, facts: &Facts) -> Result<(), StoreError> {
        use diesel::upsert::excluded;
        self.writing("carry the operations over", &LAST, |conn| {
            for rows in legacy.operations.chunks(1_000) {
                diesel::insert_into(operation::table)
                    .values(rows)
                    .on_conflict(operation::id)
                    .do_update()
                    .set((
                        operation::finished_at.eq(excluded(operation::finished_at)),
                        operation::outcome.eq(excluded(operation::outcome)),
                        operation::message.eq(excluded(operation::message)),
                    ))
                    .execute(conn)?;
            }
            diesel::sql_query(
                "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence('operation', 'id')::pg_catalog.regclass, \
                 greatest($1, (SELECT pg_catalog.max(id) OPERATOR(pg_catalog.+) 1::pg_catalog.int8 FROM operation)), false)",
            )
            .bind::<diesel::sql_types::BigInt, _>(legacy.next)
            .execute(conn)?;
            diesel::delete(last_operation::table).execute(conn)?;
            diesel::sql_query(NEWEST).execute(conn).map(drop)
        })?;
        match &legacy.mark {
            Some(mark) => self.set_mark(&mark.name, facts),
            None => Ok(()),
        }
    }
}

enum Creation {
    Diesel(diesel::result::Error),
    NotHeld(String),
    Migrating(String),
}

impl From<diesel::result::Error> for Creation {
    fn from(error: diesel::result::Error) -> Self {
        Self::Diesel(error)
    }
}

/// The tables of the audit trail.
pub(super) const LAST: [&str; 2] = ["operation", "last_operation"];

/// The newest operation of each ledger, into its row.
const NEWEST: &str = "INSERT INTO last_operation (ledger_schema, id, command, started_at, outcome, os_user, host, client_pid, \
     backend_pid) SELECT DISTINCT ON (ledger_schema) ledger_schema, id, command, started_at, outcome, os_user, host, \
     client_pid, backend_pid FROM operation ORDER BY ledger_schema, id DESC";

/// A statement that a query has made.
#[derive(diesel::QueryableByName)]
struct Made {
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// Who may read the audit trail, or write it, may do so with its newest rows too, which an upgrade has put into a table of
/// their own.
fn same_grants(conn: &mut PgConnection) -> QueryResult<()> {
    let grants = diesel::sql_query(
        "SELECT pg_catalog.format('GRANT %s ON last_operation TO %s', x.privilege_type, \
         CASE WHEN r.rolname IS NULL THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END) AS sql \
         FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) x LEFT JOIN pg_catalog.pg_roles r \
         ON r.oid OPERATOR(pg_catalog.=) x.grantee WHERE c.oid OPERATOR(pg_catalog.=) \
         'operation'::pg_catalog.regclass::pg_catalog.oid AND x.grantee OPERATOR(pg_catalog.<>) c.relowner",
    );
    for Made { sql } in grants.load::<Made>(conn)? {
        conn.batch_execute(&sql)?;
    }
    Ok(())
}

/// A row of `Hold::explanation`.
#[derive(diesel::QueryableByName)]
struct InTheWay {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    code: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    schema: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    name: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    owner: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    object: Option<String>,
}

fn now_nullable()
-> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>> {
    diesel::dsl::sql("pg_catalog.clock_timestamp()")
}

/// The versions of our own embedded migrations.
pub(super) fn embedded_versions() -> Vec<String> {
    use diesel::migration::MigrationSource;
    MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map(|all| all.iter().map(|one| one.name().version().to_string()).collect())
        .unwrap_or_default()
}

/// Diesel hides SQLSTATE, so the catalog is asked why the schema could not be created.
fn lacks_privilege(conn: &mut PgConnection, schema: &str) -> bool {
    use diesel::sql_types::{Bool, Text};
    diesel::select(
        diesel::dsl::sql::<Bool>(
            "NOT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname::pg_catalog.text \
             OPERATOR(pg_catalog.=) ",
        )
        .bind::<Text, _>(schema)
        .sql(") THEN pg_catalog.has_schema_privilege(")
        .bind::<Text, _>(schema)
        .sql(
            ", 'CREATE') ELSE pg_catalog.has_database_privilege(pg_catalog.current_database()::pg_catalog.text, \
             'CREATE') END",
        ),
    )
    .get_result(conn)
    .unwrap_or(false)
}
