//! A [`DatabaseUrl`] as a URL, for people with `****` and for programs with its secrets.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{DatabaseUrl, PoolTimeout, keywords};
use crate::pg::secret::REDACTED;

/// What stands where a secret is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    Redacted,
    Exposed,
}

const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ADDRESS: &AsciiSet = &PART.remove(b':');
const VALUE: &AsciiSet = &PART.remove(b'/').remove(b':').remove(b',');

/// Render a URL that [`DatabaseUrl::parse`] and libpq read back as the same.
pub(super) fn uri(url: &DatabaseUrl, secrets: Secrets) -> String {
    let value = |keyword: &str, value: &str, set: &'static AsciiSet| match secrets {
        Secrets::Redacted if keywords::is_secret(keyword) => REDACTED.to_owned(),
        _ => encode(value, set),
    };
    let mut out = "postgres://".to_owned();
    if url.user().is_some() || url.password().is_some() {
        out.push_str(&encode(url.user().unwrap_or_default(), PART));
        if let Some(password) = url.get("password") {
            out.push(':');
            out.push_str(&value("password", password, PART));
        }
        out.push('@');
    }
    let place = place(url);
    out.push_str(place.as_deref().unwrap_or_default());
    if let Some(database) = url.database() {
        out.push('/');
        out.push_str(&encode(database, PART));
    }

    let in_place: &[&str] = if place.is_some() { &["host", "port"] } else { &[] };
    let said = ["user", "password", "dbname"];
    let options =
        url.options.iter().filter(|(keyword, _)| !said.contains(keyword) && !in_place.contains(keyword));
    let mut query: Vec<String> =
        options.map(|(keyword, text)| format!("{keyword}={}", value(keyword, text, VALUE))).collect();
    query.extend(url.schema().map(|schema| format!("schema={}", encode(schema, VALUE))));
    query.extend(url.connection_limit().map(|limit| format!("connection_limit={limit}")));
    query.extend(url.pool_timeout().map(|timeout| match timeout {
        PoolTimeout::Never => "pool_timeout=0".to_owned(),
        PoolTimeout::After(time) => format!("pool_timeout={}", time.as_secs()),
    }));
    query.extend(url.says_pgbouncer().then(|| "pgbouncer=true".to_owned()));
    if !query.is_empty() {
        out.push('?');
        out.push_str(&query.join("&"));
    }
    out
}

/// `host:port,…`, or `None` if it must go into the query: socket directories read badly with `%2F`, and a host list
/// that does not pair with its ports cannot stand here.
fn place(url: &DatabaseUrl) -> Option<String> {
    let endpoints = if url.get("host").is_none() && url.get("hostaddr").is_some() {
        return None;
    } else {
        url.endpoints()
    };
    let mut parts = Vec::new();
    for endpoint in endpoints {
        let host = endpoint.host.unwrap_or_default();
        if host.starts_with(['/', '@']) {
            return None;
        }
        let host =
            if host.contains(':') { format!("[{}]", encode(&host, ADDRESS)) } else { encode(&host, PART) };
        parts.push(endpoint.port.map_or(host.clone(), |port| format!("{host}:{port}")));
    }
    Some(parts.join(","))
}

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&uri(self, Secrets::Redacted))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
