//! Who stands in the way: a second session that looks while the first one waits. Afterwards the
//! evidence is gone, so it looks again and again and keeps what it saw last.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::engine::prepared::{HOLDS, Prepared};
use crate::pg::connect::{ConnectOptions, sleep};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};
use crate::pg::url::DatabaseUrl;

/// A statement that runs shorter than this is not looked at.
const SOON: Duration = Duration::from_millis(80);

/// How often a waiting statement is looked at.
const EVERY: Duration = Duration::from_millis(100);

/// A session that blocks ours, directly or by blocking one that does; or a prepared transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Its backend; 0 for a prepared transaction, which has none.
    pub pid: i32,
    /// The prepared transaction, where it is one.
    pub prepared: Option<Prepared>,
    /// Its role.
    pub role: Option<String>,
    /// Its application_name.
    pub application: Option<String>,
    /// `idle in transaction`, `active`, …; `None` where we may not see it.
    pub state: Option<String>,
    /// How old its transaction is, in seconds; where we may not see that, how long we have seen it.
    pub age_s: u64,
    /// Whether the age is that of the transaction.
    pub age_known: bool,
    /// The lock that it holds on the relation that we wait for.
    pub mode: Option<String>,
    /// Its query, shortened.
    pub query: Option<String>,
    /// Whether it is nobody's session: an autovacuum worker.
    pub autovacuum: bool,
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The relation that we wait for, where it is one.
    pub relation: Option<String>,
    relation_oid: Option<String>,
    /// Who blocks, nearest first.
    pub blockers: Vec<Blocker>,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(prepared) = &self.prepared {
            write!(f, "{prepared}")?;
            if let Some(mode) = &self.mode {
                write!(f, ", holds {mode}")?;
            }
            return write!(
                f,
                "; end it: {} or {}",
                prepared.rollback(),
                prepared.commit().trim_end_matches(';')
            );
        }
        write!(f, "pid {}", self.pid)?;
        for (label, value) in [("role", &self.role), ("application", &self.application)] {
            if let Some(value) = value {
                write!(f, ", {label} {value}")?;
            }
        }
        if let Some(state) = &self.state {
            write!(f, ", {state}")?;
        }
        if self.age_known {
            write!(f, ", transaction open for {} s", self.age_s)?;
        } else {
            write!(f, ", seen for {} s", self.age_s)?;
        }
        if let Some(mode) = &self.mode {
            write!(f, ", holds {mode}")?;
        }
        if let Some(query) = &self.query {
            write!(f, ": {query}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(relation) = &self.relation {
            write!(f, "`{relation}` is locked by ")?;
        } else {
            f.write_str("blocked by ")?;
        }
        for (index, blocker) in self.blockers.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            blocker.fmt(f)?;
        }
        Ok(())
    }
}

impl Sample {
    /// The prepared transactions among those in the way: waiting does not end them.
    pub fn prepared(&self) -> impl Iterator<Item = &Prepared> {
        self.blockers.iter().filter_map(|blocker| blocker.prepared.as_ref())
    }

    /// Which they are.
    fn keys(&self) -> Vec<(i32, Option<&str>)> {
        self.blockers
            .iter()
            .map(|one| (one.pid, one.prepared.as_ref().map(|prepared| prepared.gid.as_str())))
            .collect()
    }

    /// Whether an autovacuum worker is in the way: PostgreSQL ends it for us, but only after
    /// `deadlock_timeout`, so a shorter lock timeout never gets past it (docs 25.1.6).
    pub(super) fn is_autovacuum(&self) -> bool {
        self.blockers.iter().any(|blocker| blocker.autovacuum)
    }
}

/// The second session.
#[derive(Debug)]
pub(super) struct Watcher {
    url: DatabaseUrl,
    options: ConnectOptions,
    interrupt: Interrupt,
    pid: i32,
    session: Option<Session>,
    unreachable: bool,
    looked: Option<Instant>,
    seen: BTreeMap<i32, Instant>,
    last: Option<Sample>,
}

/// Who holds one of the relations with these oids, other than this session.
pub(crate) fn holders(session: &Session, oids: &[String]) -> Option<Sample> {
    Watcher::of(session).holders(oids, Duration::ZERO)
}

impl Watcher {
    /// Watches the session; connects when there is something to look at.
    pub(super) fn of(session: &Session) -> Self {
        let mut options = session.options().at_once().for_ours();
        options.application_name.push_str(" (watcher)");
        Self {
            url: session.url().clone(),
            options,
            interrupt: session.interrupt().clone(),
            pid: session.server_pid(),
            session: None,
            unreachable: false,
            looked: None,
            seen: BTreeMap::new(),
            last: None,
        }
    }

    /// A new statement begins: what was seen before is of no interest.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// What was seen last.
    pub(super) fn take(&mut self) -> Option<Sample> {
        self.last.take()
    }

    /// The statement has been waiting for an answer for `elapsed`: look, if it is time to. Returns
    /// what is in the way where that is worth telling: others than before.
    pub(super) fn look(&mut self, elapsed: Duration) -> Option<Sample> {
        if elapsed < SOON || self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return None;
        }
        let pid = self.pid;
        let sample = self.ask(&blocking(pid)).map(|rows| self.sample(&rows))?;
        self.looked = Some(Instant::now());
        if sample.blockers.is_empty() {
            return None;
        }
        let is_news = self.last.as_ref().is_none_or(|last| last.keys() != sample.keys());
        self.last = Some(sample.clone());
        is_news.then_some(sample)
    }

    /// How a CREATE INDEX or REINDEX of ours is getting on (docs 28.4.4), in words.
    pub(super) fn phase(&mut self) -> Option<String> {
        let pid = self.pid;
        let rows = self.ask(&format!(
            "SELECT phase, CASE WHEN blocks_total > 0 THEN 100 * blocks_done / blocks_total END \
             FROM pg_stat_progress_create_index WHERE pid = {pid}"
        ))?;
        let phase = rows.get(0, 0)?;
        Some(match rows.get(0, 1) {
            Some(percent) => format!("{phase}, {percent} %"),
            None => phase.to_owned(),
        })
    }

    /// Sessions with a transaction older than `older_than` that hold one of the relations with these
    /// oids: we wait outside of the queue behind them.
    pub(super) fn holders(&mut self, oids: &[String], older_than: Duration) -> Option<Sample> {
        let pid = self.pid;
        let rows = self.ask(&holding(pid, oids, older_than))?;
        let sample = self.sample(&rows);
        (!sample.blockers.is_empty()).then_some(sample)
    }

    /// Wait outside the lock queue until those who were seen have let go, at most for `limit`.
    /// Returns how long that took.
    pub(super) fn wait_until_gone(&mut self, sample: &Sample, limit: Duration) -> Result<Duration, PgError> {
        let begin = Instant::now();
        let Some(relation) = &sample.relation_oid else { return Ok(Duration::ZERO) };
        let pids: Vec<_> = sample.blockers.iter().map(|blocker| blocker.pid.to_string()).collect();
        let gids: Vec<_> = sample.prepared().map(|prepared| Literal(&prepared.gid).to_string()).collect();
        let held = format!(
            "SELECT count(*) FROM pg_locks l WHERE granted AND relation = {relation}::oid AND (pid IN ({}) \
             OR EXISTS (SELECT FROM pg_prepared_xacts p WHERE {HOLDS} AND p.gid = ANY (ARRAY[{}]::text[])))",
            pids.join(", "),
            gids.join(", ")
        );
        while begin.elapsed() < limit {
            match self.ask(&held) {
                Some(rows) if rows.get(0, 0) != Some("0") => sleep(EVERY, &self.interrupt)?,
                _ => break,
            }
        }
        Ok(begin.elapsed())
    }

    /// Ask on the second session; whoever cannot connect sees nothing.
    fn ask(&mut self, query: &str) -> Option<Rows> {
        if self.unreachable {
            return None;
        }
        if self.session.is_none() {
            match Session::connect(&self.url, &self.options, &Interrupt::default()) {
                Ok(session) => self.session = Some(session),
                Err(_) => self.unreachable = true,
            }
        }
        self.session.as_mut()?.catalog(query).ok()
    }

    fn sample(&mut self, rows: &Rows) -> Sample {
        let mut sample = Sample::default();
        for row in 0..rows.rows.len() {
            let text = |column| rows.get(row, column).map(str::to_owned);
            let Some(pid) = text(0).and_then(|pid| pid.parse().ok()) else { continue };
            let first_seen = *self.seen.entry(pid).or_insert_with(Instant::now);
            let age = text(4).and_then(|age| age.parse().ok());
            let prepared = text(10).map(|gid| Prepared {
                gid,
                owner: text(1).unwrap_or_default(),
                database: text(11).unwrap_or_default(),
                age_s: age.unwrap_or_default(),
            });
            // Without pg_read_all_stats the columns are NULL, or say so in English.
            let query = text(5).filter(|query| !query.is_empty() && !query.starts_with("<insufficient"));
            sample.relation = sample.relation.or_else(|| text(7));
            sample.relation_oid = sample.relation_oid.or_else(|| text(8));
            sample.blockers.push(Blocker {
                pid,
                prepared,
                role: text(1),
                application: text(2).filter(|name| !name.is_empty()),
                state: text(3),
                age_s: age.unwrap_or_else(|| first_seen.elapsed().as_secs()),
                age_known: age.is_some(),
                mode: text(6),
                query,
                autovacuum: text(9).as_deref() == Some("t"),
            });
        }
        sample
    }
}

/// The columns of a sample, from `a` (pg_stat_activity) and what is said of mode and relation.
fn columns(mode: &str, relation: &str) -> String {
    format!(
        "a.pid, a.usename, a.application_name, a.state, \
         extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, \
         left(regexp_replace(a.query, '\\s+', ' ', 'g'), 120), {mode}, {relation}::regclass::text, \
         {relation}::text, a.usesysid IS NULL, NULL::text, NULL::text"
    )
}

/// The same of a prepared transaction `p`.
fn columns_of_prepared(mode: &str, relation: &str) -> String {
    format!(
        "0, p.owner, NULL, NULL, extract(epoch FROM clock_timestamp() - p.prepared)::bigint, NULL, {mode}, \
         {relation}::regclass::text, {relation}::text, false, p.gid, p.database::text"
    )
}

/// Which mode waits for which (docs 13.3.1, table 13.2), as an SQL condition on the modes of two locks.
fn conflict(held: &str, wanted: &str) -> String {
    let pairs = [
        ("AccessShare", "AccessExclusive"),
        ("RowShare", "Exclusive AccessExclusive"),
        ("RowExclusive", "Share ShareRowExclusive Exclusive AccessExclusive"),
        ("ShareUpdateExclusive", "ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive"),
        ("Share", "RowExclusive ShareUpdateExclusive ShareRowExclusive Exclusive AccessExclusive"),
        (
            "ShareRowExclusive",
            "RowExclusive ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive",
        ),
        (
            "Exclusive",
            "RowShare RowExclusive ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive",
        ),
    ];
    let cases: Vec<_> = pairs
        .iter()
        .map(|(one, others)| format!("WHEN '{one}Lock' THEN '{}Lock'", others.replace(' ', "Lock ")))
        .collect();
    format!(
        "({held} = 'AccessExclusiveLock' OR {wanted} = ANY (string_to_array(CASE {held} {} END, ' ')))",
        cases.join(" ")
    )
}

/// The chain of those who block `pid`, nearest first.
fn blocking(pid: i32) -> String {
    format!(
        "WITH RECURSIVE chain (pid, depth) AS (\
           SELECT b, 1 FROM unnest(pg_blocking_pids({pid})) b \
           UNION SELECT b, depth + 1 FROM chain, unnest(pg_blocking_pids(chain.pid)) b WHERE depth < 5), \
         near AS (SELECT pid, min(depth) AS depth FROM chain GROUP BY pid), \
         wanted AS (SELECT relation, database FROM pg_locks WHERE pid = {pid} AND NOT granted AND relation IS NOT NULL LIMIT 1) \
         (SELECT {} FROM near JOIN pg_stat_activity a USING (pid) LEFT JOIN wanted ON true \
         LEFT JOIN LATERAL (SELECT max(mode) AS mode FROM pg_locks h WHERE h.pid = a.pid AND h.granted \
           AND h.relation = wanted.relation AND h.database = wanted.database) held ON true \
         ORDER BY near.depth, a.pid LIMIT 20) \
         UNION ALL (SELECT DISTINCT ON (p.gid) {} FROM pg_locks w JOIN pg_locks l ON l.granted \
         AND l.locktype = w.locktype AND ROW(l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid::text, \
           l.classid, l.objid, l.objsubid) IS NOT DISTINCT FROM ROW(w.database, w.relation, w.page, w.tuple, w.virtualxid, \
           w.transactionid::text, w.classid, w.objid, w.objsubid) AND {} \
         JOIN pg_prepared_xacts p ON {HOLDS} LEFT JOIN wanted ON true \
         WHERE NOT w.granted AND (w.pid = {pid} OR w.pid IN (SELECT pid FROM near)) LIMIT 20)",
        columns("held.mode", "wanted.relation"),
        columns_of_prepared("l.mode", "wanted.relation"),
        conflict("l.mode", "w.mode")
    )
}

/// Those who hold one of the relations in a transaction that is older.
fn holding(pid: i32, oids: &[String], older_than: Duration) -> String {
    format!(
        "WITH held AS (SELECT l.* FROM pg_locks l WHERE l.granted \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND l.relation = ANY ('{{{}}}'::oid[])) \
         (SELECT DISTINCT ON (a.pid) {} FROM held l JOIN pg_stat_activity a USING (pid) \
         WHERE a.pid <> {pid} AND a.usesysid IS NOT NULL \
         AND a.xact_start < clock_timestamp() - interval '{older} ms' LIMIT 20) \
         UNION ALL (SELECT DISTINCT ON (p.gid) {} FROM held l JOIN pg_prepared_xacts p ON {HOLDS} \
         WHERE p.prepared < clock_timestamp() - interval '{older} ms' LIMIT 20)",
        oids.join(", "),
        columns("l.mode", "l.relation"),
        columns_of_prepared("l.mode", "l.relation"),
        older = older_than.as_millis()
    )
}

/// A statement that fails (division by zero, 22012) where an old transaction holds one of the
/// relations: to queue behind it would stall everybody else. Names as quoted for `to_regclass`.
pub(super) fn queue_guard(relations: &[String], older_than: Duration) -> String {
    let names: Vec<_> =
        relations.iter().map(|name| format!("pg_catalog.to_regclass({})", Literal(name))).collect();
    format!(
        "SELECT 1 OPERATOR(pg_catalog./) (NOT EXISTS (SELECT FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a \
         ON a.pid OPERATOR(pg_catalog.=) l.pid LEFT JOIN pg_catalog.pg_prepared_xacts p ON {HOLDS} WHERE l.granted \
         AND l.database OPERATOR(pg_catalog.=) (SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
         AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.oid[]) \
         AND (p.gid IS NOT NULL OR a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() \
         AND a.usesysid IS NOT NULL) \
         AND coalesce(p.prepared, a.xact_start) OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) interval '{} ms')))::pg_catalog.int4; ",
        names.join(", "),
        older_than.as_millis()
    )
}
