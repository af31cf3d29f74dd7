//! Describes a database that has no ledger: how many tables it has, and the ledgers that other migration tools left there.
//! A platform's own ledgers (those of a hosted service's schemas, or of roles that the session is no member of) do not count.
//! Asked only where the search_path finds no ledger of Diesel's, so that an ordinary run pays nothing for it.

use serde::Serialize;

use super::ledger::LEDGER_TABLE;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// A database without a ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmanaged {
    /// Tables, partitioned and foreign ones included, without partitions, what extensions own, and an empty ledger of Diesel's.
    pub tables: u64,
    /// Ledgers of other tools.
    pub ledgers: Vec<ForeignLedger>,
}

/// The table in which another tool records its migrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignLedger {
    /// The tool.
    pub tool: String,
    /// The table, with its schema.
    pub table: String,
}

/// A tool, its table, and columns that this table has. Where two tools share a name, the columns tell them apart; the first
/// that fits counts. Sources: the tools' own documentation and the SQL that they send.
const KNOWN: [(&str, &str, &[&str]); 24] = [
    ("Prisma", "_prisma_migrations", &["migration_name", "checksum"]),
    ("sqlx", "_sqlx_migrations", &["version", "checksum"]),
    ("golang-migrate", "schema_migrations", &["version", "dirty"]),
    ("Supabase", "schema_migrations", &["version", "statements"]),
    ("Ecto", "schema_migrations", &["version", "inserted_at"]),
    ("dbmate or Rails", "schema_migrations", &["version"]),
    ("Flyway", "flyway_schema_history", &["installed_rank", "version"]),
    ("Alembic", "alembic_version", &["version_num"]),
    ("Django", "django_migrations", &["app", "name", "applied"]),
    ("goose", "goose_db_version", &["version_id", "is_applied"]),
    ("Sqitch", "changes", &["change_id", "script_hash"]),
    ("Liquibase", "databasechangelog", &["id", "md5sum"]),
    ("drizzle-kit", "__drizzle_migrations", &["hash", "created_at"]),
    ("knex", "knex_migrations", &["name", "batch"]),
    ("Sequelize", "SequelizeMeta", &["name"]),
    ("TypeORM", "migrations", &["timestamp", "name"]),
    ("Laravel", "migrations", &["migration", "batch"]),
    ("MikroORM", "mikro_orm_migrations", &["name", "executed_at"]),
    ("node-pg-migrate", "pgmigrations", &["name", "run_on"]),
    ("refinery", "refinery_schema_history", &["version", "checksum"]),
    ("SeaORM", "seaql_migrations", &["version", "applied_at"]),
    ("Kysely", "kysely_migration", &["name", "timestamp"]),
    ("Entity Framework", "__EFMigrationsHistory", &["MigrationId"]),
    ("Atlas", "atlas_schema_revisions", &["version", "hash"]),
];

impl Unmanaged {
    /// Look; reads the catalogs alone.
    ///
    /// # Errors
    /// What the server says.
    pub fn look(session: &mut Session, bookkeeping: &Ident) -> Result<Self, PgError> {
        let rows = session.catalog(&query(bookkeeping))?;
        let mut found = Self::default();
        for row in 0..rows.rows.len() {
            let text = |column| rows.get(row, column).unwrap_or_default();
            match text(0) {
                "" => found.tables = text(1).parse().unwrap_or_default(),
                tool => {
                    found.ledgers.push(ForeignLedger { tool: tool.to_owned(), table: text(1).to_owned() })
                }
            }
        }
        Ok(found)
    }
}

fn query(bookkeeping: &Ident) -> String {
    let known: Vec<String> = KNOWN
        .iter()
        .enumerate()
        .map(|(rank, (tool, table, columns))| {
            let columns: Vec<String> = columns.iter().map(|column| Literal(column).to_string()).collect();
            format!("({rank}, {}, {}, ARRAY[{}])", Literal(tool), Literal(table), columns.join(", "))
        })
        .collect();
    format!(
        "WITH relation AS (SELECT c.oid, n.nspname, c.relname, pg_has_role(c.relowner, 'MEMBER') \
         AND n.nspname <> ALL (ARRAY['auth', 'realtime', 'storage', 'supabase_functions']::name[]) AS is_theirs FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' \
         AND c.relname <> '{LEDGER_TABLE}' AND n.nspname <> ALL (ARRAY['pg_catalog', 'pg_toast', 'information_schema', {ours}]::name[]) \
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) \
         SELECT '', count(*)::text FROM relation UNION ALL (SELECT l.tool, format('%I.%I', l.nspname, l.relname) FROM (\
         SELECT DISTINCT ON (r.oid) k.tool, r.nspname, r.relname FROM relation r \
         JOIN (VALUES {known}) k (rank, tool, name, columns) ON r.relname = k.name::name \
         WHERE r.is_theirs AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
         AND a.attname = ANY (k.columns::name[])) = cardinality(k.columns) ORDER BY r.oid, k.rank) l \
         ORDER BY l.nspname, l.relname)",
        ours = Literal(bookkeeping.as_str()),
        known = known.join(", "),
    )
}
