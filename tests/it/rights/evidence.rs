//! What planted code leaves behind when it runs: one line of the server's log.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use serde_json::Value;

use crate::support::cluster;

/// Begins the message of each line.
const MARK: &str = "PLANTED ";

/// Reports, once in a session, the role it runs as, and the one that it can become. `fine` is a role that has no more rights than the owner
/// of the code: the owner, or a role that was made for the run and is a member of nothing else.
const BODY: &str = r#"
DECLARE
  who text := current_user;
  could text := current_user;
  fine boolean;
BEGIN
IF current_setting('planted.seen_{hash}', true) IS DISTINCT FROM who THEN
  PERFORM set_config('planted.seen_{hash}', who, false);
  BEGIN
    RESET SESSION AUTHORIZATION;
    could := current_user;
    SET ROLE NONE;
    could := current_user;
    RAISE EXCEPTION 'back';
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  fine := could = '{mallory}' OR (could <> ALL ('{ours}'::text[]) AND NOT EXISTS (
    SELECT FROM pg_roles r WHERE r.rolname = could::name AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb
      OR r.rolreplication OR r.rolbypassrls OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = r.oid AND g.rolname <> '{mallory}'))));
  RAISE LOG 'PLANTED %', json_build_object('tag', '{tag}', 'plant', '{plant}', 'who', who, 'could', could,
    'session', session_user, 'fine', fine, 'database', current_database(),
    'application', current_setting('application_name'), 'query', left(current_query(), 3000));
END IF;
"#;

/// Who plants, and in which database.
#[derive(Debug, Clone)]
pub(super) struct Planter {
    /// The role.
    pub(super) mallory: String,
    /// All roles of the test that the planter must not become.
    pub(super) ours: Vec<String>,
    /// The name of the test's database: copies of the plants keep it.
    pub(super) tag: String,
}

impl Planter {
    /// `CREATE FUNCTION` of code that reports itself as `plant`: `head` is the function's name and arguments, and
    /// `returns` its type with what PostgreSQL is to believe of it.
    pub(super) fn function(&self, plant: &str, head: &str, returns: &str, result: &str) -> String {
        let mut hash = DefaultHasher::new();
        plant.hash(&mut hash);
        let body = BODY
            .replace("{mallory}", &self.mallory)
            .replace("{ours}", &format!("{{{}}}", self.ours.join(",")))
            .replace("{tag}", &self.tag)
            .replace("{plant}", plant)
            .replace("{hash}", &hash.finish().to_string());
        format!(
            "CREATE FUNCTION {head} RETURNS {returns} LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp \
             AS $planted${body} RETURN {result};\nEND\n$planted$;\n"
        )
    }
}

/// One run of planted code.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) plant: String,
    pub(super) could: String,
    pub(super) is_fine: bool,
    /// Database, application and statement.
    pub(super) place: String,
}

/// Reads the traces of one tag, each once.
#[derive(Debug)]
pub(super) struct Watch {
    log: PathBuf,
    tag: String,
    at: u64,
}

impl Watch {
    /// From now on.
    pub(super) fn start(tag: &str) -> Self {
        let log =
            cluster::log().expect("these tests read the server's log: run them without TEST_DATABASE_URL");
        let at = log.metadata().unwrap().len();
        Self { log, tag: tag.to_owned(), at }
    }

    /// What ran since the last call.
    pub(super) fn traces(&mut self) -> Vec<Trace> {
        let mut file = File::open(&self.log).unwrap();
        file.seek(SeekFrom::Start(self.at)).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        // Other tests write to the same log: its last line may not be there as a whole.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.at += whole as u64;
        let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
        text.lines().filter_map(|line| trace(line, &self.tag)).collect()
    }
}

fn trace(line: &str, tag: &str) -> Option<Trace> {
    let (_, json) = line.split_once(&format!("LOG:  {MARK}"))?;
    let json: Value = serde_json::from_str(json).unwrap();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let query: String = text("query").split_whitespace().collect::<Vec<_>>().join(" ");
    (text("tag") == tag).then(|| Trace {
        plant: text("plant"),
        could: text("could"),
        is_fine: json["fine"] == true,
        place: format!("{} [{}] {query}", text("database"), text("application")),
    })
}
