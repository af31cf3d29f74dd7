//! Takes libpq's variables out of our own environment: a PGPORT or PGOPTIONS that was meant for another server must not reach
//! the dev cluster or a scratch database, and libpq reads them for every connection that does not name the keyword.
#![expect(
    unsafe_code,
    reason = "changing the environment of a process is safe only before its second thread starts"
)]

use std::ffi::OsString;
use std::sync::OnceLock;

use super::libpq;

static REMOVED: OnceLock<Vec<(OsString, OsString)>> = OnceLock::new();

/// Each variable that libpq takes a parameter from, and the parameter (docs 34.15 "Environment Variables"). PGSERVICEFILE and
/// PGSYSCONFDIR are read only where a service is named, PGREQUIRESSL does not count on a unix socket, and PGAPPNAME and PGCLIENTENCODING are always overridden.
pub const VARIABLES: [(&str, &str); 34] = [
    ("PGSERVICE", "service"),
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGOPTIONS", "options"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLCOMPRESSION", "sslcompression"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLSNI", "sslsni"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGMINPROTOCOLVERSION", "min_protocol_version"),
    ("PGMAXPROTOCOLVERSION", "max_protocol_version"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGKRBSRVNAME", "krbsrvname"),
    ("PGGSSLIB", "gsslib"),
    ("PGGSSDELEGATION", "gssdelegation"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
    ("PGOAUTHCAFILE", "oauth_ca_file"),
];

/// Variables that libpq sends as settings of the session (docs 34.15, at the end). Our sessions set what they need.
const SETTINGS: [&str; 3] = ["PGDATESTYLE", "PGTZ", "PGGEQO"];

/// Whether libpq takes something from this variable.
pub fn is_libpq(variable: &str) -> bool {
    VARIABLES.iter().any(|(name, _)| *name == variable) || SETTINGS.contains(&variable)
}

/// Whether the libpq that we run with has this keyword.
pub fn is_known(keyword: &str) -> bool {
    libpq::keywords().iter().any(|known| known == keyword)
}

/// Remove these variables from our environment. Call it first of all in `main`: no other thread may run.
pub fn remove(variables: Vec<(OsString, OsString)>) {
    for (name, _) in &variables {
        // SAFETY: the caller is the first and only thread of the process.
        unsafe { std::env::remove_var(name) };
    }
    REMOVED.set(variables).ok();
}

/// What was removed: programs of the user's own get it back.
pub fn removed() -> &'static [(OsString, OsString)] {
    REMOVED.get().map_or(&[], Vec::as_slice)
}
