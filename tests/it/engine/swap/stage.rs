//! A server with a live database `shop` and one to take its place.

use diesel::connection::SimpleConnection;
use pgkeel::engine::operation::Opening;
use pgkeel::engine::swap::{Sessions, Swap, SwapError, Swapped, swap};
use pgkeel::engine::{Event, Observer};
use pgkeel::pg::cluster::ClusterSpec;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;

pub(super) use crate::support::clients::{Clients, Tally};
use crate::support::cluster::{PrivateCluster, private_cluster_with, words};
pub(super) use crate::support::opening::opening;

pub(super) const FRESH: &str = "shop__r_1";
pub(super) const ASIDE: &str = "shop__q_1";

/// The server; `shop` is older than `shop__r_1`, and both have the same table.
pub(super) struct Stage {
    pub(super) cluster: PrivateCluster,
    pub(super) opening: Opening,
}

/// What was said.
#[derive(Debug, Default)]
pub(super) struct Events(pub(super) Vec<Event>);

impl Observer for Events {
    fn event(&mut self, event: Event) {
        self.0.push(event);
    }
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ClusterSpec)) -> Self {
        let cluster = private_cluster_with(change);
        let admin = |sql: &str| cluster.connect("postgres").batch_execute(sql).unwrap();
        admin("CREATE DATABASE shop");
        cluster
            .connect("shop")
            .batch_execute("CREATE TABLE sold (client int, n int, PRIMARY KEY (client, n))")
            .unwrap();
        admin(&format!("CREATE DATABASE {FRESH} TEMPLATE shop"));
        admin("COMMENT ON DATABASE shop IS 'the old one'");
        let opening = opening(&cluster.running.url("shop"));
        Self { cluster, opening }
    }

    /// Owned by `owner`, and worked in by `app`; both can log in with their name as the password.
    pub(super) fn owned_by(mut self, options: &str) -> Self {
        self.sql(&format!(
            "CREATE ROLE owner LOGIN PASSWORD 'owner' {options}; CREATE ROLE app LOGIN PASSWORD 'app'; \
             ALTER DATABASE shop OWNER TO owner; ALTER DATABASE {FRESH} OWNER TO owner"
        ));
        self.cluster.connect("shop").batch_execute("GRANT SELECT, INSERT ON sold TO app").unwrap();
        self.opening = opening(&self.url_as("owner"));
        self
    }

    pub(super) fn url_as(&self, role: &str) -> String {
        let url = self.cluster.running.tcp_url("shop").unwrap();
        let (_, address) = url.rsplit_once('@').unwrap();
        format!("postgresql://{role}:{role}@{address}")
    }

    pub(super) fn sql(&self, sql: &str) {
        self.cluster.connect("postgres").batch_execute(sql).unwrap();
    }

    /// `name=oid` of the databases with this beginning of their names, `closed` where nobody can connect.
    pub(super) fn databases(&self) -> String {
        words(
            &mut self.cluster.connect("postgres"),
            "SELECT string_agg(concat_ws(' ', datname, CASE WHEN NOT datallowconn THEN 'closed' END, \
               shobj_description(oid, 'pg_database')), ', ' ORDER BY oid) AS value \
             FROM pg_database WHERE datname LIKE 'shop%'",
        )
    }

    /// The swap there.
    pub(super) fn there(&self) -> Swap<'_> {
        Swap {
            opening: &self.opening,
            live: "shop",
            fresh: FRESH,
            aside: ASIDE,
            aside_comment: "put aside",
            live_comment: Some("the new one"),
            bouncer: None,
            sessions: Sessions::Terminate,
        }
    }

    /// The swap back.
    pub(super) fn back(&self) -> Swap<'_> {
        Swap { fresh: ASIDE, aside: FRESH, live_comment: None, ..self.there() }
    }
}

/// Swap, and what was said meanwhile.
pub(super) fn run(what: &Swap<'_>) -> (Result<Swapped, SwapError>, Vec<Event>) {
    let mut events = Events::default();
    let done = swap(what, &mut events);
    (done, events.0)
}

pub(super) fn session(opening: &Opening) -> Session {
    Session::connect(&opening.url, &opening.options, &Interrupt::default()).unwrap()
}
