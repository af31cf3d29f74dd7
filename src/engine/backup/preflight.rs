//! What must hold before a backup begins: a direct connection, a pg_dump that fits the server, the right to read every
//! row, room on disk. It creates nothing and locks nothing; whoever it lets pass may still fail, but not for these.

use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::codec::{Codec, NotACodec};
use crate::engine::archive::Compression;
use crate::pg::error::PgError;
use crate::pg::pooler::{self, Pooling};
use crate::pg::session::{Rows, Session};
use crate::pg::tools::client::ClientError;
use crate::pg::tools::{Program, Search, ToolError, Tools, Wanted, sibling, version_of};

/// What a backup needs to know before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The programs, all of one build.
    pub programs: Programs,
    /// How it is compressed.
    pub codec: Codec,
    /// The size of the database, in bytes.
    pub database_bytes: u64,
    /// What the backup may take on disk, in bytes: generous.
    pub estimate: u64,
    /// How many tables there are.
    pub tables: usize,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// PostgreSQL's programs that a backup needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// pg_dump.
    pub dump: Program,
    /// pg_restore of the same build.
    pub restore: Program,
    /// pg_dumpall of the same build, where it is installed.
    pub dumpall: Option<Program>,
}

/// What is asked for, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Where the backups lie.
    pub root: &'a Path,
    /// Where programs are looked for.
    pub search: &'a Search,
    /// `auto`, or a codec.
    pub compression: &'a str,
    /// Whether the rows are wanted.
    pub rows: Rowly,
}

/// Whether rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rowly {
    /// They are.
    Wanted,
    /// The schema alone.
    Not,
}

/// Why a backup cannot begin; nothing was created.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
    /// A pooler stands between.
    #[error(
        "a connection pooler stands between pgkeel and `{database}`: one backup needs several sessions of one server"
    )]
    Pooler {
        /// The database.
        database: String,
    },
    /// No pg_dump that fits the server.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A program does not run.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A codec that does not exist.
    #[error(transparent)]
    Codec(#[from] NotACodec),
    /// A codec that this pg_dump does not have.
    #[error("`{}` (PostgreSQL {}) was built without `{codec}`", program.path.display(), program.version)]
    NoCodec {
        /// The codec.
        codec: Codec,
        /// The program.
        program: Box<Program>,
    },
    /// Policies hide rows from the role.
    #[error(
        "row security hides rows of {} from role `{role}`: the backup would lack them in silence",
        names(tables)
    )]
    RowSecurity {
        /// The tables, quoted.
        tables: Vec<String>,
        /// Those that the role owns, where FORCE applies the policies to it.
        forced: Vec<String>,
        /// The role.
        role: String,
    },
    /// The role may not read everything.
    #[error("role `{role}` may not read {}", names(relations))]
    NoSelect {
        /// Tables and sequences, quoted.
        relations: Vec<String>,
        /// What its owner would run.
        grants: Vec<String>,
        /// The role.
        role: String,
    },
    /// The role may not read large objects.
    #[error("role `{role}` may not read {count} of the large objects")]
    NoLargeObjects {
        /// How many.
        count: u64,
        /// The role.
        role: String,
    },
    /// Too little room.
    #[error("`{}` has {} MiB free, and the backup may need {} MiB", dir.display(), free >> 20, needed.div_ceil(1 << 20))]
    Space {
        /// Where.
        dir: PathBuf,
        /// So many bytes are free.
        free: u64,
        /// So many may be needed.
        needed: u64,
    },
    /// The server cannot lock so many tables.
    #[error(
        "a backup locks {needed} tables and sequences, and the server has room for about {room} locks: \
         max_locks_per_transaction must be {setting} at least"
    )]
    Locks {
        /// So many.
        needed: u64,
        /// What the server has room for.
        room: u64,
        /// The setting that would do.
        setting: u64,
    },
}

/// The first names, and how many more.
fn names(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What pg_dump dumps of pg_class: nothing of the system's, nobody's temporary tables, no member of an extension but its
/// tables of configuration (docs 38.17.3 "Extension Configuration Tables"). For relations `c` in schemas `n`.
pub(super) const DUMPED: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't' \
     AND (NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
     OR EXISTS (SELECT FROM pg_extension e WHERE c.oid = ANY (e.extconfig)))";

/// Look whether a backup can be taken, as the role of this session.
///
/// # Errors
/// See `PreflightError`.
pub fn preflight(session: &mut Session, wish: Wish<'_>) -> Result<Ready, PreflightError> {
    let asked = Codec::parse(wish.compression)?;
    let about = about(session)?;
    let pid = session.query_value("SELECT pg_catalog.pg_backend_pid()")?.and_then(|pid| pid.parse().ok());
    if pooler::prove(session, pid.unwrap_or_default())? != Pooling::Direct {
        return Err(PreflightError::Pooler { database: about.database });
    }
    let mut notes = Vec::new();
    let programs = programs(session, wish.search, &mut notes)?;
    let codec = codec(session, asked, &programs.dump)?;
    if wish.rows == Rowly::Wanted {
        reads_everything(session, &about.role)?;
    }
    locks(&about)?;
    let estimate = match (wish.rows, codec.method) {
        (Rowly::Not, _) => 0,
        // Measured: gzip:1 and zstd:3 make a fifteenth to a fifth of it.
        (Rowly::Wanted, Compression::None) => about.bytes / 10 * 11,
        (Rowly::Wanted, _) => about.bytes / 4,
    };
    // The schema itself, SHA256SUMS, the manifest.
    let estimate = estimate + 1024 * (about.tables + 1024);
    space(wish.root, estimate)?;
    let tables = usize::try_from(about.tables).unwrap_or(usize::MAX);
    Ok(Ready { programs, codec, database_bytes: about.bytes, estimate, tables, notes })
}

/// What the server says of itself.
struct About {
    database: String,
    role: String,
    bytes: u64,
    tables: u64,
    sequences: u64,
    locks: u64,
    sessions: u64,
}

fn about(session: &mut Session) -> Result<About, PgError> {
    let rows = session.catalog(&format!(
        "SELECT current_database(), session_user, pg_database_size(current_database()), \
         count(*) FILTER (WHERE c.relkind IN ('r', 'p')), count(*) FILTER (WHERE c.relkind = 'S'), \
         current_setting('max_locks_per_transaction'), \
         current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {DUMPED}"
    ))?;
    let text = |column| rows.get(0, column).unwrap_or_default().to_owned();
    let number = |column| rows.get(0, column).and_then(|cell| cell.parse().ok()).unwrap_or_default();
    Ok(About {
        database: text(0),
        role: text(1),
        bytes: number(2),
        tables: number(3),
        sequences: number(4),
        locks: number(5),
        sessions: number(6),
    })
}

/// pg_dump of the server's own major version, else of the nearest later one, whose programs then restore it too.
fn programs(session: &Session, search: &Search, notes: &mut Vec<String>) -> Result<Programs, PreflightError> {
    let major = u32::try_from(session.server_version() / 10_000).unwrap_or_default();
    let dump = match Tools::find(search, "pg_dump", Wanted::Major(major)) {
        Ok(dump) => dump,
        Err(missing) => match Tools::find(search, "pg_dump", Wanted::AtLeast(major)) {
            Ok(newer) => {
                notes.push(format!(
                    "pg_dump {major} was not found: {} of `{}` is used, and a restore requires the programs of version {}",
                    newer.version,
                    newer.dir().display(),
                    newer.version.major
                ));
                newer
            }
            Err(_) => return Err(missing.into()),
        },
    };
    let of_its_build = |name: &str| {
        sibling(&dump.path, name).and_then(|path| Some(Program { version: version_of(&path)?, path }))
    };
    let restore = match of_its_build("pg_restore") {
        Some(restore) => restore,
        None => Tools::find(search, "pg_restore", Wanted::Major(dump.version.major))?,
    };
    let dumpall = of_its_build("pg_dumpall");
    Ok(Programs { dump, restore, dumpall })
}

fn codec(session: &Session, asked: Option<Codec>, pg_dump: &Program) -> Result<Codec, PreflightError> {
    let interrupt = session.interrupt();
    match asked {
        None => Ok(Codec::best(pg_dump, interrupt)?),
        Some(codec) if codec.is_in(pg_dump, interrupt)? => Ok(codec),
        Some(codec) => Err(PreflightError::NoCodec { codec, program: Box::new(pg_dump.clone()) }),
    }
}

/// Every row must be there for this role. pg_dump itself would fail on the first table that row security restricts, but
/// only once it comes to it.
fn reads_everything(session: &mut Session, role: &str) -> Result<(), PreflightError> {
    let first =
        |rows: Rows| -> Vec<String> { rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect() };
    let role = || role.to_owned();
    let name = "format('%I.%I', n.nspname, c.relname)";
    let hidden = session.catalog(&format!(
        "SELECT {name}, pg_has_role(c.relowner, 'USAGE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid) AND {DUMPED} ORDER BY 1"
    ))?;
    if !hidden.rows.is_empty() {
        let is_own = |row: &usize| hidden.get(*row, 1) == Some("t");
        let forced = (0..hidden.rows.len()).filter(is_own).filter_map(|row| hidden.get(row, 0));
        let forced = forced.map(str::to_owned).collect();
        return Err(PreflightError::RowSecurity { tables: first(hidden), forced, role: role() });
    }
    let unread = session.catalog(&format!(
        "SELECT {name}, CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN \
         format('GRANT USAGE ON SCHEMA %I TO %I;', n.nspname, current_user) ELSE \
         format('GRANT SELECT ON %s %s TO %I;', CASE c.relkind WHEN 'S' THEN 'ALL SEQUENCES IN SCHEMA' ELSE 'ALL TABLES IN SCHEMA' END, \
         quote_ident(n.nspname), current_user) END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'S') AND {DUMPED} AND NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind \
         WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END) ORDER BY 1"
    ))?;
    if !unread.rows.is_empty() {
        let mut grants: Vec<String> = unread.rows.iter().filter_map(|row| row[1].clone()).collect();
        grants.sort();
        grants.dedup();
        return Err(PreflightError::NoSelect { relations: first(unread), grants, role: role() });
    }
    let objects = session.catalog(
        "SELECT count(*) FROM pg_largeobject_metadata o WHERE current_setting('lo_compat_privileges') = 'off' \
         AND NOT pg_has_role(o.lomowner, 'USAGE') AND NOT EXISTS (SELECT FROM aclexplode(o.lomacl) a \
         WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))",
    )?;
    match objects.get(0, 0).and_then(|count| count.parse().ok()) {
        None | Some(0) => Ok(()),
        Some(count) => Err(PreflightError::NoLargeObjects { count, role: role() }),
    }
}

/// The table of locks is shared: about max_locks_per_transaction × (max_connections + max_prepared_transactions) objects
/// (docs 20.12 "Lock Management").
fn locks(about: &About) -> Result<(), PreflightError> {
    let (needed, room) = (about.tables + about.sequences, about.locks * about.sessions);
    // Others lock things, too.
    let wanted = needed + needed / 10;
    if wanted <= room || about.sessions == 0 {
        return Ok(());
    }
    Err(PreflightError::Locks { needed, room, setting: wanted.div_ceil(about.sessions) })
}

/// Room where the backups lie, or would.
fn space(root: &Path, needed: u64) -> Result<(), PreflightError> {
    let Some(dir) = root.ancestors().find(|dir| dir.exists()) else { return Ok(()) };
    // A file system that does not say fails, if it does, while it is written to.
    let Ok(stat) = statvfs(dir) else { return Ok(()) };
    #[expect(clippy::useless_conversion, reason = "their types differ between systems")]
    let free = u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size()));
    if free >= needed { Ok(()) } else { Err(PreflightError::Space { dir: dir.to_owned(), free, needed }) }
}
