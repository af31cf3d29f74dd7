//! Our own tables through Diesel: its migrations create them, its query builder writes them, an
//! r2d2 pool holds the connections. Opened only when something is to be written or shown at length;
//! a no-op never comes here.

use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::ConnectionManager;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use r2d2::{CustomizeConnection, ManageConnection, Pool, PooledConnection};

use crate::pg::connect::{with_defaults, with_limits};
use crate::pg::ident::Ident;
use crate::pg::settings;
use crate::pg::url::DatabaseUrl;

use super::records::doing;
pub use super::records::{
    Author, Ended, Guarded, Legacy, NewOperation, PoolSize, SeedRow, StoreError, StoredSql, WayBack,
};
use super::schema::{environment, migration, operation, seed};
use super::{Bookkeeping, Facts, Mark};

/// Our own tables' migrations, run with `search_path` set to the bookkeeping schema.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("src/engine/ledger/migrations");

/// The bookkeeping tables of one database.
pub struct Store {
    pool: Pool<Connecting>,
    schema: Ident,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.schema)
    }
}

/// Gives every connection of the pool the bookkeeping schema as its search_path.
#[derive(Debug)]
struct Settings(Ident);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(&format!(
            "{}SET search_path = {}; SET lock_timeout = '30s'; SET client_encoding = 'UTF8'; \
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
    pub fn connect(url: &DatabaseUrl, schema: &Ident, size: PoolSize) -> Result<Self, StoreError> {
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
        Ok(Self { pool, schema: schema.clone() })
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
        let mut conn = self.get()?;
        let created: Result<(), Creation> = conn.transaction(|conn| {
            // Two applications' first deploys may come here together: one waits for the other.
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('pgkeel bookkeeping', 0))")
                .execute(conn)?;
            if facts.bookkeeping == Bookkeeping::Absent {
                conn.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", self.schema))?;
            }
            conn.run_pending_migrations(MIGRATIONS).map_err(|e| Creation::Migrating(e.to_string()))?;
            Ok(())
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
            Err(Creation::Migrating(message)) => {
                Err(StoreError::Migrating { schema: schema.into(), message })
            }
        }
    }

    /// Record that an operation begins; returns its number.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn begin(&self, new: &NewOperation<'_>) -> Result<i64, StoreError> {
        diesel::insert_into(operation::table)
            .values((
                operation::command.eq(new.command),
                operation::environment.eq(new.environment),
                operation::ledger_schema.eq(new.ledger_schema),
                operation::os_user.eq(&new.author.os_user),
                operation::host.eq(&new.author.host),
                operation::client_pid.eq(i32::try_from(std::process::id()).unwrap_or_default()),
                operation::backend_pid.eq(new.backend_pid),
                operation::tool_version.eq(env!("CARGO_PKG_VERSION")),
            ))
            .returning(operation::id)
            .get_result(&mut self.get()?)
            .map_err(doing("record the operation"))
    }

    /// Give the operations without an end one: whoever holds the migration lock knows that they were
    /// killed, or lost their connection.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn close_killed(&self, ledger_schema: &str) -> Result<(), StoreError> {
        diesel::update(
            operation::table
                .filter(operation::ledger_schema.eq(ledger_schema).and(operation::outcome.is_null())),
        )
        .set((
            operation::outcome.eq(Ended::Interrupted.as_str()),
            operation::message.eq("it was killed, or lost its connection"),
        ))
        .execute(&mut self.get()?)
        .map(drop)
        .map_err(doing("record that an operation was killed"))
    }

    /// Record how an operation ended.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn end(&self, id: i64, ended: Ended, message: Option<&str>) -> Result<(), StoreError> {
        diesel::update(operation::table.find(id))
            .set((
                operation::outcome.eq(ended.as_str()),
                operation::message.eq(message),
                operation::finished_at.eq(diesel::dsl::sql::<
                    diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>,
                >("clock_timestamp()")),
            ))
            .execute(&mut self.pool.get_timeout(END)?)
            .map(drop)
            .map_err(doing("record the operation's end"))
    }

    /// Whether the newest run over the migrations of this ledger was a rollback that came to its end.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn has_just_undone(&self, ledger_schema: &str) -> Result<bool, StoreError> {
        let last: Option<(String, Option<String>)> = operation::table
            .filter(operation::ledger_schema.eq(ledger_schema))
            .filter(operation::command.eq_any(["deploy", "migrate", "rollback", "reset"]))
            .order(operation::id.desc())
            .select((operation::command, operation::outcome))
            .first(&mut self.get()?)
            .optional()
            .map_err(doing("read the operations"))?;
        Ok(last == Some(("rollback".into(), Some(Ended::Done.as_str().into()))))
    }

    /// The stored SQL of these versions.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn stored(&self, ledger_schema: &str, versions: &[String]) -> Result<Vec<StoredSql>, StoreError> {
        migration::table
            .filter(migration::ledger_schema.eq(ledger_schema).and(migration::version.eq_any(versions)))
            .select((
                migration::version,
                migration::name,
                migration::transactional,
                migration::up_sql,
                migration::down_sql,
                migration::operation_id,
            ))
            .load(&mut self.get()?)
            .map_err(doing("read the stored SQL"))
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
            environment::set_at.eq(diesel::dsl::sql::<diesel::sql_types::Timestamptz>("clock_timestamp()")),
        );
        diesel::insert_into(environment::table)
            .values((environment::only_one.eq(true), values.clone()))
            .on_conflict(environment::only_one)
            .do_update()
            .set(values)
            .execute(&mut self.get()?)
            .map(drop)
            .map_err(doing("set the environment mark"))
    }

    /// The seed files as they were last loaded.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn seeds(&self, ledger_schema: &str) -> Result<Vec<SeedRow>, StoreError> {
        seed::table
            .filter(seed::ledger_schema.eq(ledger_schema))
            .order((seed::seed_set, seed::file))
            .load(&mut self.get()?)
            .map_err(doing("read the seeds"))
    }

    /// What a database that replaces this one must inherit. The number of its first operation is
    /// taken here, so that nobody who goes on writing here meanwhile can take the same.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn legacy(&self, mark: Option<Mark>) -> Result<Legacy, StoreError> {
        let mut conn = self.get()?;
        let next = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "nextval(pg_get_serial_sequence('operation', 'id'))",
        ))
        .get_result(&mut conn)
        .map_err(doing("number the next operation"))?;
        let operations =
            operation::table.order(operation::id).load(&mut conn).map_err(doing("read the operations"))?;
        Ok(Legacy { operations, next, mark })
    }

    /// Take over what the replaced database left, also a second time; the mark is set for the place
    /// named by `facts`.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn inherit(&self, legacy: &Legacy, facts: &Facts) -> Result<(), StoreError> {
        use diesel::upsert::excluded;
        let mut conn = self.get()?;
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
                .execute(&mut conn)
                .map_err(doing("carry the operations over"))?;
        }
        diesel::sql_query(
            "SELECT setval(pg_get_serial_sequence('operation', 'id'), \
             greatest($1, (SELECT max(id) + 1 FROM operation)), false)",
        )
        .bind::<diesel::sql_types::BigInt, _>(legacy.next)
        .execute(&mut conn)
        .map_err(doing("carry the operations over"))?;
        drop(conn);
        match &legacy.mark {
            Some(mark) => self.set_mark(&mark.name, facts),
            None => Ok(()),
        }
    }
}

enum Creation {
    Diesel(diesel::result::Error),
    Migrating(String),
}

impl From<diesel::result::Error> for Creation {
    fn from(error: diesel::result::Error) -> Self {
        Self::Diesel(error)
    }
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
        diesel::dsl::sql::<Bool>("NOT CASE WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname = ")
            .bind::<Text, _>(schema)
            .sql(") THEN has_schema_privilege(")
            .bind::<Text, _>(schema)
            .sql(", 'CREATE') ELSE has_database_privilege(current_database(), 'CREATE') END"),
    )
    .get_result(conn)
    .unwrap_or(false)
}
