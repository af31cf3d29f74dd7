//! All that a round trip must leave as it was: objects, rows, sequences, large objects, the database's own properties, what
//! can be written, and what `status` and `drift` say.

use std::collections::BTreeMap;

use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;
use serde_json::{Value, json};

use crate::support::dump;

use super::probe;
use super::stand::Stand;

/// How many differences are named.
const NAMED: usize = 8;

/// Everything but what is the server's own, the ledger's and pgkeel's.
pub(super) const OWN: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pgkeel', 'pg_toast') \
     AND n.nspname !~ '^pg_(toast_)?temp_' AND c.relname <> '__diesel_schema_migrations'";

/// What a database is like.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    dump: Vec<String>,
    facts: BTreeMap<String, String>,
}

pub(super) fn session(url: &str) -> Session {
    let url = DatabaseUrl::parse(url).unwrap();
    Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap()
}

/// The rows of a query, NULL as text.
pub(super) fn rows(session: &mut Session, sql: &str) -> Vec<Vec<String>> {
    let answers = session.query(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let text = |cell: Option<String>| cell.unwrap_or_else(|| "NULL".to_owned());
    let last = answers.into_iter().next_back().expect("a query has an answer");
    last.rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

impl State {
    pub(super) fn read(stand: &Stand) -> Self {
        let url = &stand.place.db.url;
        let dump = dump::lines(&dump::schema(
            url,
            &[
                "--encoding=UTF8",
                "--exclude-schema=pgkeel",
                "--exclude-table=public.__diesel_schema_migrations",
            ],
        ));
        let mut facts = BTreeMap::new();
        let mut session = session(url);
        facts.extend(digests(&mut session));
        let sequences = sequences(&mut session);
        facts.extend(sequences.iter().map(|(name, values)| (format!("sequence {name}"), values.clone())));
        for (what, sql) in [("large object", LARGE_OBJECTS), ("database", DATABASE)] {
            for mut row in rows(&mut session, sql) {
                facts.insert(format!("{what} {}", row.remove(0)), row.join(" | "));
            }
        }
        facts.extend(probe::writes(&mut session, &stand.place.url_text()));
        // Attempts to write have taken numbers.
        for (name, values) in &sequences {
            session.query(&format!("SELECT setval($name${name}$name$, {values})")).unwrap();
        }
        facts.insert("status".to_owned(), status(stand));
        Self { dump, facts }
    }

    /// What another one has otherwise.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let only = |these: &Self, those: &Self, word: &str| -> Vec<String> {
            let lines = these.dump.iter().filter(|line| !those.dump.contains(line));
            lines.map(|line| format!("pg_dump {word}: {line}")).collect()
        };
        let mut all = [only(self, other, "lacks"), only(other, self, "has")].concat();
        if all.is_empty() && self.dump != other.dump {
            all.push("pg_dump has the same lines in another order".to_owned());
        }
        let names =
            self.facts.keys().chain(other.facts.keys().filter(|name| !self.facts.contains_key(*name)));
        for name in names {
            let (was, is) = (self.facts.get(name), other.facts.get(name));
            if was != is {
                let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "nothing".to_owned());
                all.push(format!("{name}: was {}, is {}", text(was), text(is)));
            }
        }
        if all.len() > NAMED {
            let more = all.len() - NAMED;
            all.truncate(NAMED);
            all.push(format!("and {more} more differences"));
        }
        all
    }
}

/// The rows of each table, in any order; partitions together, because the partition of a row can depend on an OID.
fn digests(session: &mut Session) -> BTreeMap<String, String> {
    let relations = format!(
        "SELECT c.oid::regclass::text, coalesce(pg_partition_root(c.oid), c.oid)::regclass::text, c.relispopulated \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND {OWN} ORDER BY 1"
    );
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for row in rows(session, &format!("SET search_path = pg_catalog; {relations}")) {
        let [relation, root, is_filled] = row.as_slice() else { unreachable!("three columns") };
        if is_filled == "f" {
            texts.insert(format!("rows of {root}"), "not filled".to_owned());
            continue;
        }
        let sql = format!(
            "SELECT count(*), coalesce(sum(hashtextextended((one_row.*)::text COLLATE \"C\", 0)::numeric), 0) \
             FROM ONLY {relation} AS one_row"
        );
        let found = rows(session, &sql).remove(0);
        let number = |at: usize| found[at].parse::<i128>().unwrap();
        let sum = sums.entry(format!("rows of {root}")).or_default();
        *sum = (sum.0 + number(0), sum.1 + number(1));
    }
    texts.extend(sums.into_iter().map(|(name, (count, sum))| (name, format!("{count}, digest {sum:x}"))));
    texts
}

/// Where each sequence is, as arguments of `setval`.
fn sequences(session: &mut Session) -> BTreeMap<String, String> {
    let all = format!(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'S' AND {OWN}"
    );
    let names: Vec<String> = rows(session, &all).into_iter().map(|mut row| row.remove(0)).collect();
    let place = |name: &String| {
        let row = rows(session, &format!("SELECT last_value, is_called FROM {name}")).remove(0);
        format!("{}, '{}'", row[0], row[1])
    };
    let places: Vec<String> = names.iter().map(place).collect();
    names.into_iter().zip(places).collect()
}

const LARGE_OBJECTS: &str = "SELECT oid, lomowner::regrole, lomacl, md5(lo_get(oid)), length(lo_get(oid)), \
     obj_description(oid, 'pg_largeobject') FROM pg_largeobject_metadata";

const DATABASE: &str = "SELECT 'itself', datdba::regrole, pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, \
       (SELECT string_agg(one::text, ' ' ORDER BY one::text) FROM unnest(coalesce(datacl, acldefault('d', datdba))) one), \
       shobj_description(d.oid, 'pg_database'), \
       (SELECT string_agg(concat_ws(' ', setrole::regrole, setconfig), '; ' ORDER BY setrole) FROM pg_db_role_setting \
        WHERE setdatabase = d.oid) \
     FROM pg_database d WHERE datname = current_database()";

/// What the program says of its migrations, and of what differs from what they make.
fn status(stand: &Stand) -> String {
    let ran = stand.place.run(&["status", "--check", "drift", "--json"]);
    let Ok(found) = serde_json::from_str::<Value>(&ran.stdout) else { return ran.text().to_owned() };
    let migrations: Vec<Value> = found["migrations"]
        .as_array()
        .map(|all| all.iter().map(|one| json!([one["version"], one["state"], one["note"]])).collect())
        .unwrap_or_default();
    let drift = ["state", "differences", "because"].map(|name| &found["drift"][name]);
    json!([ran.code, found["state"], found["writingStopped"], found["otherLedgers"], migrations, drift])
        .to_string()
}
