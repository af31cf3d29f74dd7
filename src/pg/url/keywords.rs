//! The parameters that a connection string may hold: libpq's through version 19, Prisma's, and those of other
//! drivers that people bring along. An unknown one is refused, as libpq does: a typing error in `sslmode` must not
//! pass in silence.

/// Every keyword that libpq 19 or an older one knows, in the order of its documentation.
pub const LIBPQ: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "require_auth",
    "channel_binding",
    "connect_timeout",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "replication",
    "gssencmode",
    "sslmode",
    "sslnegotiation",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslkeylogfile",
    "sslpassword",
    "sslcertmode",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "min_protocol_version",
    "max_protocol_version",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "scram_client_key",
    "scram_server_key",
    "service",
    "servicefile",
    "target_session_attrs",
    "load_balance_hosts",
    "oauth_issuer",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
    "oauth_ca_file",
];

/// Prisma's own parameters: understood and taken out before libpq sees the rest.
pub(super) const PRISMA: &[&str] = &[
    "schema",
    "connection_limit",
    "pool_timeout",
    "pgbouncer",
    "sslaccept",
    "sslidentity",
    "statement_cache_size",
    "socket_timeout",
    "single_use_connections",
];

/// What other drivers call it, and what to write here.
const FOREIGN: &[(&str, &str)] = &[
    ("currentSchema", "`schema=…`"),
    ("search_path", "`schema=…`, or `options=-csearch_path%3D…` for several"),
    ("pool", "`connection_limit=…`"),
    ("pool_size", "`connection_limit=…`"),
    ("max_connections", "`connection_limit=…`"),
    ("timeout", "`connect_timeout=…`"),
    ("statement_timeout", "`options=-cstatement_timeout%3D…`"),
    ("ssl", "`sslmode=require`, or `sslmode=disable`"),
    ("uselibpqcompat", "nothing in its place: libpq's meaning of `sslmode` is the one used here"),
    ("sslfactory", "`sslmode=require`"),
    ("username", "`user=…`"),
    ("database", "`dbname=…`"),
];

/// The values of `sslmode`, weakest first.
pub(super) const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

const SECRET: &[&str] =
    &["password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"];

/// libpq's keyword of that name, as a constant.
pub(super) fn libpq(name: &str) -> Option<&'static str> {
    LIBPQ.iter().find(|keyword| **keyword == name).copied()
}

/// May the value be shown?
pub(super) fn is_secret(keyword: &str) -> bool {
    SECRET.contains(&keyword)
}

/// What to write instead of a parameter that nobody here knows; empty if nothing comes near.
pub(super) fn instead_of(name: &str) -> String {
    match FOREIGN.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(name)) {
        Some((_, write)) => format!(" Write {write}."),
        None => crate::pg::nearest::did_you_mean(name, LIBPQ.iter().chain(PRISMA).copied()),
    }
}
