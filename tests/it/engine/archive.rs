//! What pg_dump writes of `tests/cases/archive/awkward.sql`, in each format and codec that it has: our reader says of every
//! table what the server says.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use pgkeel::engine::archive::{
    Archive, Compression, Content, Digest, DigestSum, Entry, Format, read_blob_data, read_blob_list,
    read_custom, read_table_data, script,
};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::ident::Ident;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::{Incoming, Session};
use pgkeel::pg::tools::{Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;
use tempfile::TempDir;

use crate::support::cluster::{TestDb, search};

/// A database of the awkward kind, and a folder for its backups.
struct Shop {
    db: TestDb,
    dir: TempDir,
    session: Session,
}

/// Rows and digest by `schema/table`.
type Tables = BTreeMap<String, (u64, Digest)>;

impl Shop {
    fn new() -> Shop {
        let db = TestDb::new();
        let url = DatabaseUrl::parse(&db.url).unwrap();
        let mut session = Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/archive/awkward.sql");
        let sql = std::fs::read_to_string(file).unwrap().replace("archivist", "CURRENT_USER");
        session.query(&sql).unwrap();
        // As pg_dump has them.
        session
            .query("SET datestyle = ISO; SET intervalstyle = postgres; SET extra_float_digits = 3")
            .unwrap();
        Shop { db, dir: TempDir::with_prefix("pgkeel-archive-").unwrap(), session }
    }

    fn major(&self) -> u32 {
        u32::try_from(self.session.server_version() / 10_000).unwrap()
    }

    /// Runs pg_dump; false if this build of it lacks the codec.
    fn dump(&self, name: &str, options: &[&str]) -> bool {
        let program = Tools::find(&search(), "pg_dump", Wanted::AtLeast(self.major())).unwrap();
        let mut command = program.command();
        command.args(options).arg("-f").arg(self.dir.path().join(name)).arg("-d").arg(&self.db.url);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return true;
        }
        // The pg_dump of PostgreSQL 15 knows no codec by name.
        let lacks = if program.version.major < 16 { "invalid value" } else { "does not support" };
        assert!(options.iter().any(|option| option.contains("--compress")) && said.contains(lacks), "{said}");
        false
    }

    fn open(&self, name: &str) -> File {
        File::open(self.dir.path().join(name)).unwrap()
    }

    /// What the server says of the tables of an archive.
    fn server_says(&mut self, entries: &[Entry]) -> Tables {
        let tables = entries.iter().filter(|entry| entry.desc == "TABLE DATA");
        tables.map(|entry| (name(entry), self.server_says_of(entry))).collect()
    }

    fn server_says_of(&mut self, entry: &Entry) -> (u64, Digest) {
        let copy = entry.copy.as_deref().unwrap().replace("FROM stdin", "TO STDOUT");
        let mut sum = DigestSum::default();
        self.session
            .run(&copy, &mut |incoming| {
                if let Incoming::CopyRow(row) = incoming {
                    sum.add_line(row.strip_suffix(b"\n").unwrap_or(row));
                }
            })
            .unwrap();
        let (schema, table) = (Ident::new(entry.namespace.as_deref().unwrap()), Ident::new(&entry.tag));
        let counted =
            self.session.query_value(&format!("SELECT count(*) FROM ONLY {schema}.{table}")).unwrap();
        assert_eq!(counted.unwrap(), sum.rows().to_string(), "{}", entry.tag);
        (sum.rows(), sum.finish())
    }
}

fn name(entry: &Entry) -> String {
    format!("{}/{}", entry.namespace.as_deref().unwrap(), entry.tag)
}

fn known(content: Content) -> (u64, Digest) {
    (content.rows, content.digest)
}

/// The options of a codec; the plain ones are in every build.
fn codecs(format: &'static str) -> [(Vec<&'static str>, Compression); 4] {
    [
        (vec![format, "-Z0"], Compression::None),
        (vec![format, "-Z1"], Compression::Gzip),
        (vec![format, "--compress=lz4"], Compression::Lz4),
        (vec![format, "--compress=zstd"], Compression::Zstd),
    ]
}

#[test]
fn a_folder_of_each_codec_holds_what_the_server_has() {
    let mut shop = Shop::new();
    for (options, compression) in codecs("-Fd") {
        let folder = format!("{compression}");
        if !shop.dump(&folder, &options) {
            continue;
        }
        let archive = Archive::read_toc(&mut shop.open(&format!("{folder}/toc.dat"))).unwrap();
        assert_eq!((archive.format, archive.compression), (Format::Directory, compression));
        let open = |file: &str| shop.open(&format!("{folder}/{file}{}", compression.suffix()));
        let mut found = Tables::new();
        for entry in archive.entries.iter().filter(|entry| entry.desc == "TABLE DATA") {
            let mut file = open(entry.file.as_deref().unwrap());
            found.insert(name(entry), known(read_table_data(&mut file, compression).unwrap()));
        }
        let blobs = archive.entries.iter().find(|entry| entry.desc == "BLOBS").unwrap();
        let list = shop.open(&format!("{folder}/{}", blobs.file.as_deref().unwrap()));
        let sizes: Vec<_> = read_blob_list(&mut { list })
            .unwrap()
            .iter()
            .map(|blob| (blob.oid, read_blob_data(&mut open(&blob.file), compression).unwrap()))
            .collect();
        assert_eq!(sizes, [(4_100_001, 14), (4_100_002, 0), (4_100_003, 10_000)]);
        assert_eq!(found, shop.server_says(&archive.entries), "{compression}");
        assert_eq!(found.len(), 6, "{found:?}");
    }
}

#[test]
fn a_custom_archive_of_each_codec_holds_what_the_server_has() {
    let mut shop = Shop::new();
    for (options, compression) in codecs("-Fc") {
        let file = format!("{compression}");
        if !shop.dump(&file, &options) {
            continue;
        }
        let contents = read_custom(&mut shop.open(&file), &mut |_, _| {}).unwrap();
        assert_eq!(contents.archive.compression, compression);
        let entries = &contents.archive.entries;
        let tables: Tables = contents
            .tables
            .iter()
            .map(|(id, content)| (name(contents.archive.entry(*id).unwrap()), known(*content)))
            .collect();
        assert_eq!(tables, shop.server_says(entries), "{compression}");
        assert_eq!((tables.len(), contents.objects, contents.object_bytes), (6, 3, 10_014));
        assert_eq!(contents.size, shop.open(&file).metadata().unwrap().len());
    }
}

#[test]
fn the_head_names_database_versions_roles_and_extensions() {
    let mut shop = Shop::new();
    let user = shop.session.query_value("SELECT current_user").unwrap().unwrap();
    assert!(shop.dump("archive", &["-Fc", "-Z0"]));
    let archive = Archive::read_toc(&mut shop.open("archive")).unwrap();
    assert_eq!(archive.database, shop.db.name);
    let major = shop.major().to_string();
    assert!(archive.server_version.starts_with(&major), "{}", archive.server_version);
    assert!(archive.dump_version.starts_with(&major), "{}", archive.dump_version);
    assert!(archive.created.is_some());
    assert!(archive.roles().contains(&user), "{:?}", archive.roles());
    assert!(archive.extensions().is_empty());
    let definitions: String = archive.entries.iter().map(|entry| entry.definition.as_str()).collect();
    assert!(definitions.contains("COPY public.trap (a) FROM stdin;"), "the function is there as it was");
}

#[test]
fn a_script_holds_what_the_server_has_and_a_restored_one_has_the_same_digests() {
    let mut shop = Shop::new();
    assert!(shop.dump("shop.sql", &["-Fp"]) && shop.dump("archive", &["-Fc"]));
    let script = script::read(&mut shop.open("shop.sql"), Compression::None).unwrap();
    assert!(script.complete && !script.creates_database && !script.connects);
    let found: Tables = script
        .tables
        .iter()
        .map(|table| (format!("{}/{}", table.schema.as_deref().unwrap(), table.name), known(table.content)))
        .collect();
    let archive = Archive::read_toc(&mut shop.open("archive")).unwrap();
    assert_eq!(found, shop.server_says(&archive.entries));

    // Restored, the rows may lie in another order: they are put into one here.
    shop.session
        .query(
            "CREATE TABLE turned AS SELECT * FROM files ORDER BY id DESC; TRUNCATE files; \
                INSERT INTO files (id, content) SELECT id, content FROM turned; DROP TABLE turned",
        )
        .unwrap();
    assert_eq!(found, shop.server_says(&archive.entries));
    shop.session.query("UPDATE files SET content = content || '\\x00' WHERE id = 7").unwrap();
    let now = shop.server_says(&archive.entries);
    let changed: Vec<_> = found.iter().filter(|(name, known)| now[*name] != **known).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
}

#[test]
fn a_script_with_create_database_says_so() {
    let shop = Shop::new();
    assert!(shop.dump("shop.sql", &["-Fp", "--create", "--inserts"]));
    let script = script::read(&mut shop.open("shop.sql"), Compression::None).unwrap();
    assert!(script.complete && script.creates_database && script.connects);
    assert_eq!((script.tables.len(), script.inserts), (0, 433));
}
