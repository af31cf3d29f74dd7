//! manifest.json: what a backup holds and how it was proved. A value; the file is the folder's matter. It carries its
//! own checksum in its first line, so that not one changed byte of it passes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::name::BackupId;
use crate::engine::archive::Digest;
use crate::engine::migrations::folder::sha256;
use crate::engine::properties::Properties;
use crate::engine::restorability::Finding;

/// The version of this format that we write; later ones only add fields.
pub const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// SHA-256 of the file's bytes, these 64 digits taken as zeros.
    pub checksum: String,
    /// See `FORMAT`.
    pub format: u32,
    /// Its name.
    pub id: BackupId,
    /// Grows by one with each backup of the folder: clocks may jump.
    pub sequence: u64,
    /// The user's word for it.
    pub label: Option<String>,
    /// Why it was taken.
    pub reason: Reason,
    /// Never pruned while this stands.
    pub pinned: Option<Pin>,
    /// What of the database is in it.
    pub scope: Scope,
    /// In which form.
    pub layout: Layout,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was complete and read back.
    pub finished_at: DateTime<Utc>,
    /// Version of pgkeel.
    pub tool: String,
    /// Version of pg_dump.
    pub pg_dump: String,
    /// The oldest major version whose pg_restore can read it.
    pub pg_restore_min_major: u32,
    /// Where it comes from.
    pub source: Source,
    /// The moment that it holds.
    pub snapshot: Snapshot,
    /// The migrations that were applied then.
    pub migrations: Migrations,
    /// The extensions that it needs.
    pub extensions: Vec<Extension>,
    /// The roles that it names: owners and grantees.
    pub roles: Vec<String>,
    /// Tables with data, in order of schema and name.
    pub tables: Vec<TableContent>,
    /// Sequences.
    pub sequences: Vec<SequenceState>,
    /// Large objects.
    pub large_objects: LargeObjects,
    /// Every file of the backup but this one.
    pub files: Vec<FileSum>,
    /// As pg_dump was told: `gzip:1`, `zstd:3`, `none`.
    pub compression: String,
    /// To whom it is encrypted.
    pub encryption: Option<Encryption>,
    /// SHA-256 of the lines of its schema's text; see `schema_text::fingerprint`.
    pub schema_sha256: Option<String>,
    /// How long pg_dump took, in ms.
    pub dump_ms: u64,
    /// How long reading back took, in ms.
    pub check_ms: u64,
    /// How it was proved, oldest first.
    pub verifications: Vec<Verification>,
    /// What to type without pgkeel, in the backup's folder.
    pub by_hand: Vec<String>,
    /// The code that loading it evaluates; `None` where it is not known, as earlier versions did not look for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Vec<Code>>,
    /// What is known to get in the way of its restore; `None` where it was not looked for, as by earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
}

/// A routine or operator that loading a backup evaluates, or a table whose expressions run a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// `FUNCTION public.f(integer)`.
    pub object: String,
    /// Its owner.
    pub owner: String,
}

/// Why a backup was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Somebody asked for it.
    Manual,
    /// Before a deploy.
    PreDeploy,
    /// Before a rollback.
    PreRollback,
    /// Before a restore in place.
    PreRestore,
    /// Before a reset.
    PreReset,
    /// Before SQL of a person's own that can destroy.
    PreExecute,
}

impl Reason {
    /// The word in names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::PreDeploy => "pre-deploy",
            Self::PreRollback => "pre-rollback",
            Self::PreRestore => "pre-restore",
            Self::PreReset => "pre-reset",
            Self::PreExecute => "pre-execute",
        }
    }
}

/// Why a backup is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: Option<String>,
}

/// What of the database is in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything.
    Full,
    /// No rows.
    Schema,
    /// Rows alone.
    Data,
}

/// The form of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `dump/`: pg_dump -Fd.
    Directory,
    /// `dump.pgdump`: pg_dump -Fc, as a stream (encrypted: `dump.pgdump.age`).
    Custom,
    /// `dump.sql`: pg_dump -Fp (encrypted: `dump.sql.age`).
    Plain,
}

/// Where a backup comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The database.
    pub database: String,
    /// Its oid.
    pub oid: u32,
    /// The server, as host and port; no user, no password.
    pub server: String,
    /// The cluster, where we may know.
    pub system_identifier: Option<String>,
    /// As PQserverVersion: 150018 is 15.18.
    pub server_version: i32,
    /// The environment's name: the mark's, else the configuration's.
    pub environment: Option<String>,
    /// The role that took it.
    pub role: String,
    /// The size of the database, in bytes.
    pub bytes: i64,
    /// What belongs to the database as a whole.
    pub properties: Properties,
    /// Settings of the session under which the rows were written that change their text: `bytea_output`, ….
    pub session: Vec<(String, String)>,
}

/// The moment that a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// By the server's clock.
    pub at: DateTime<Utc>,
    /// The write-ahead log's position, as a target for point-in-time recovery.
    pub lsn: Option<String>,
    /// `pg_current_snapshot()`.
    pub snapshot: String,
}

/// The ledger at that moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Migrations {
    /// The ledger's schema.
    pub ledger_schema: Option<String>,
    /// Applied versions, sorted.
    pub applied: Vec<String>,
}

impl Migrations {
    /// The newest applied version.
    pub fn head(&self) -> Option<&str> {
        self.applied.last().map(String::as_str)
    }
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its schema.
    pub schema: String,
}

/// The rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableContent {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Rows in the backup.
    pub rows: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Their digest, whatever their order.
    pub digest: Option<Digest>,
    /// The columns that are written, in order, as pg_dump lists them: `(id, "Name")`.
    pub columns: String,
    /// Rows inserted, updated and deleted since the statistics began, as the server counted at the snapshot.
    pub written: Option<u64>,
}

/// Where a sequence stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SequenceState {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its last value.
    pub last_value: i64,
    /// Whether that was used.
    pub is_called: bool,
}

/// Large objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LargeObjects {
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A file of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSum {
    /// As seen from the backup's folder, with `/`.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256, in hex.
    pub sha256: String,
}

/// Encryption with age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    /// Public keys.
    pub recipients: Vec<String>,
}

/// How far a backup was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// The manifest and the sizes of all files.
    L0,
    /// And every file's checksum, everything decoded, rows counted.
    L1,
    /// And restored into a scratch database, which was compared.
    L2,
    /// And the contents of every table compared.
    L3,
}

/// One verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// How far.
    pub level: Level,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Whether all was as it should be.
    pub passed: bool,
    /// What was not, or what could not be looked at.
    pub notes: Vec<String>,
    /// How long it took, in ms.
    pub took_ms: u64,
    /// Of L2 and L3: how long the restore took, in ms.
    pub restore_ms: Option<u64>,
    /// Of L2 and L3: the server's version.
    pub server_version: Option<i32>,
}

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is no manifest, or a damaged one.
    #[error("it cannot be read as a manifest: {0}")]
    Unreadable(String),
    /// Its checksum does not fit.
    #[error("its checksum does not fit its content: it was damaged or edited")]
    Checksum,
    /// It was written by a newer pgkeel.
    #[error("it has format {found}, and this pgkeel reads {FORMAT}: use the pgkeel that wrote it")]
    Format {
        /// What it says.
        found: u32,
    },
}

const START: &[u8] = b"{\n  \"checksum\": \"";

impl Manifest {
    /// The file's bytes, checksum included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let zeros = Self { checksum: "0".repeat(64), ..self.clone() };
        let mut bytes = serde_json::to_vec_pretty(&zeros).expect("a manifest has no map with odd keys");
        bytes.push(b'\n');
        let checksum = sha256(&bytes);
        bytes[START.len()..START.len() + 64].copy_from_slice(checksum.as_bytes());
        bytes
    }

    /// Read the file's bytes.
    ///
    /// # Errors
    /// See `ManifestError`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        let unreadable = |error: serde_json::Error| ManifestError::Unreadable(error.to_string());
        let digits = START.len()..START.len() + 64;
        if !bytes.starts_with(START) || bytes.len() < digits.end {
            return Err(ManifestError::Unreadable("it does not begin with its checksum".into()));
        }
        let mut zeros = bytes.to_vec();
        zeros[digits.clone()].fill(b'0');
        if sha256(&zeros).as_bytes() != &bytes[digits] {
            return Err(ManifestError::Checksum);
        }
        // The format first: a newer one may hold what we cannot read.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(unreadable)?;
        if head.format > FORMAT {
            return Err(ManifestError::Format { found: head.format });
        }
        let mut manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        // Earlier versions kept what a restore had set at that moment.
        manifest.source.properties = manifest.source.properties.unmarked();
        Ok(manifest)
    }

    /// The best level that this backup has passed, and when.
    pub fn proved(&self) -> Option<(Level, DateTime<Utc>)> {
        let passed = self.verifications.iter().filter(|verification| verification.passed);
        passed.map(|verification| (verification.level, verification.at)).max()
    }

    /// Whether a verification found damage, and none since that looks as closely has passed: a look at sizes alone does
    /// not clear what reading every byte has found.
    pub fn is_damaged(&self) -> bool {
        self.failures().next().is_some()
    }

    /// The last restore on trial that failed, where no look at the files themselves found damage.
    pub fn failed_trial(&self) -> Option<&Verification> {
        if self.failures().any(|failed| failed.level < Level::L2) {
            return None;
        }
        self.failures().last()
    }

    /// The verifications that failed and that no later one has cleared.
    fn failures(&self) -> impl Iterator<Item = &Verification> {
        let cleared = |at: usize, level| {
            self.verifications[at + 1..].iter().any(|later| later.passed && later.level >= level)
        };
        let all = self.verifications.iter().enumerate();
        all.filter(move |(at, one)| !one.passed && !cleared(*at, one.level)).map(|(_, one)| one)
    }

    /// Bytes on disk, without this file.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Whether it was taken of this database of this cluster.
    pub fn is_of(&self, database: &str, system_identifier: Option<&str>) -> bool {
        let same_cluster = match (self.source.system_identifier.as_deref(), system_identifier) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        self.source.database == database && same_cluster
    }
}
