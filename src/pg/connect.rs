//! From a URL to a connection: our settings, deadlines, Ctrl-C, and why it failed.

use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::error::{ConnectCause, ConnectError, PgError, PgFailure};
use super::interrupt::Interrupt;
use super::libpq::{Conn, Polling};
use super::settings::{self, Limits, SearchPath};
use super::url::DatabaseUrl;

/// How to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectOptions {
    /// Shown in pg_stat_activity, so that a waiting colleague can be told who holds the lock.
    pub application_name: String,
    /// How long one attempt may take, where the URL has no `connect_timeout`.
    pub timeout: Duration,
    /// For how long a server that does not answer yet is tried again; zero: once.
    pub wait: Duration,
    /// Whether the role's and the database's own limits count.
    pub limits: Limits,
    /// Whose search_path the session starts with.
    pub path: SearchPath,
}

impl ConnectOptions {
    /// The same for SQL that a person runs as if in psql: the limits of role and database count.
    #[must_use]
    pub fn as_found(&self) -> Self {
        Self { limits: Limits::AsFound, ..self.clone() }
    }

    /// The same for a session on which only statements of ours run.
    #[must_use]
    pub fn for_ours(&self) -> Self {
        Self { limits: Limits::Ours, path: SearchPath::Ours, ..self.clone() }
    }

    /// The same for a second connection beside one that works: no waiting, little patience.
    #[must_use]
    pub fn at_once(&self) -> Self {
        Self { wait: Duration::ZERO, timeout: Duration::from_secs(3).min(self.timeout), ..self.clone() }
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            application_name: "pgkeel".into(),
            timeout: Duration::from_secs(10),
            wait: Duration::ZERO,
            limits: Limits::Ours,
            path: SearchPath::Theirs,
        }
    }
}

/// Connect, again and again while `wait` allows it and waiting can help.
pub(super) fn establish(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    interrupt: &Interrupt,
) -> Result<(Conn, Limits), PgError> {
    let begin = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        match once(url, options, interrupt) {
            Err(PgError::Connect(error)) if error.may_pass() && begin.elapsed() + pause < options.wait => {
                sleep(pause, interrupt)?;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            ended => return ended,
        }
    }
}

/// Sleep in small pieces, so that Ctrl-C is obeyed.
///
/// # Errors
/// `PgError::Interrupted`.
pub fn sleep(duration: Duration, interrupt: &Interrupt) -> Result<(), PgError> {
    let until = Instant::now() + duration;
    loop {
        if interrupt.is_raised() {
            return Err(PgError::Interrupted);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
}

/// What every connection of ours is given where the URL says nothing else. A dead peer must not
/// hold a deploy for two hours (docs 34.1.2 "keepalives").
const DEFAULTS: [(&str, &str); 6] = [
    ("fallback_application_name", "pgkeel"),
    ("connect_timeout", "10"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "60000"),
];

/// The same place with our defaults, for whoever connects by himself (Diesel).
pub fn with_defaults(url: &DatabaseUrl) -> DatabaseUrl {
    DEFAULTS.iter().fold(url.clone(), |url, (key, value)| match url.get(key) {
        Some(_) => url,
        None => url.with_param(key, value).unwrap_or(url),
    })
}

/// The same URL with our limits, for Diesel, which connects on its own: none of the role's or the database's counts.
pub fn with_limits(url: &DatabaseUrl) -> DatabaseUrl {
    match settings::options(url, SearchPath::Theirs) {
        Some(options) => url.with_param("options", &options).unwrap_or_else(|_| url.clone()),
        None => url.clone(),
    }
}

/// Connect with our limits, in the first message of all. A pooler may refuse to pass them on (PgBouncer: 08P01): then
/// without, and each message of ours has to set them.
fn once(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    interrupt: &Interrupt,
) -> Result<(Conn, Limits), PgError> {
    let ours = settings::options(url, options.path).filter(|_| options.limits == Limits::Ours);
    let Some(ours) = ours else {
        return Ok((with_options(url, options, interrupt, None)?, Limits::AsFound));
    };
    match with_options(url, options, interrupt, Some(ours)) {
        Err(PgError::Connect(error)) if error.may_be_for_options() => {
            Ok((with_options(url, options, interrupt, None)?, Limits::AsFound))
        }
        ended => {
            let conn = ended?;
            settings::learn(url, conn.server_version());
            Ok((conn, Limits::Ours))
        }
    }
}

fn with_options(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    interrupt: &Interrupt,
    ours: Option<String>,
) -> Result<Conn, PgError> {
    let mut params: Vec<(String, String)> = with_defaults(url)
        .params()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.expose().to_owned()))
        .collect();
    if url.get("application_name").is_none() {
        params.push(("application_name".into(), options.application_name.clone()));
    }
    params.retain(|(key, _)| key != "client_encoding");
    params.push(("client_encoding".into(), "UTF8".into()));
    if let Some(ours) = ours {
        params.retain(|(key, _)| key != "options");
        params.push(("options".into(), ours));
    }
    let timeout = url
        .get("connect_timeout")
        .and_then(|value| value.parse().ok())
        .filter(|seconds| *seconds > 0)
        .map_or(options.timeout, Duration::from_secs);
    let hosts = host_list(&params);
    let mut last = None;
    // libpq itself goes on to the next host when one refuses; only a silent one is ours to skip.
    for skip in 0..hosts.max(1) {
        match attempt(&without_first_hosts(&params, skip), url, timeout, interrupt) {
            Err(PgError::Connect(error)) if error.cause == ConnectCause::TimedOut => {
                last = Some(PgError::Connect(error));
            }
            ended => return ended,
        }
    }
    Err(last.unwrap_or(PgError::Interrupted))
}

fn host_list(params: &[(String, String)]) -> usize {
    params.iter().find(|(key, _)| key == "host").map_or(1, |(_, hosts)| hosts.split(',').count())
}

/// The same parameters without the first `skip` entries of each per-host list.
fn without_first_hosts(params: &[(String, String)], skip: usize) -> Vec<(String, String)> {
    let shorten = |value: &str| {
        let parts: Vec<_> = value.split(',').collect();
        if parts.len() > skip { parts[skip..].join(",") } else { value.to_owned() }
    };
    params
        .iter()
        .map(|(key, value)| match key.as_str() {
            "host" | "hostaddr" | "port" => (key.clone(), shorten(value)),
            _ => (key.clone(), value.clone()),
        })
        .collect()
}

fn attempt(
    params: &[(String, String)],
    url: &DatabaseUrl,
    timeout: Duration,
    interrupt: &Interrupt,
) -> Result<Conn, PgError> {
    let deadline = Instant::now() + timeout;
    let fail = |message: String, cause| ConnectError { target: url.to_string(), message, cause };
    let mut conn = Conn::start(params).map_err(|message| fail(message, ConnectCause::Other))?;
    if conn.is_bad() {
        return Err(diagnose(&conn, params, url).into());
    }
    let mut polling = Polling::Write;
    loop {
        let flags = match polling {
            Polling::Done => break,
            Polling::Failed => return Err(diagnose(&conn, params, url).into()),
            Polling::Read => PollFlags::POLLIN,
            Polling::Write => PollFlags::POLLOUT,
        };
        if interrupt.is_raised() {
            return Err(PgError::Interrupted);
        }
        if Instant::now() > deadline {
            return Err(
                fail(format!("no answer within {} s", timeout.as_secs()), ConnectCause::TimedOut).into()
            );
        }
        let ready = match conn.socket() {
            None => true,
            Some(socket) => {
                let tick = PollTimeout::from(100u8);
                !matches!(nix::poll::poll(&mut [PollFd::new(socket.as_fd(), flags)], tick), Ok(0))
            }
        };
        if ready {
            polling = conn.poll_connect();
        }
    }
    conn.set_nonblocking();
    Ok(conn)
}

/// Sort a failed attempt: by the SQLSTATE that verbose errors carry, else by our own look at the
/// host. The text itself decides nothing.
fn diagnose(conn: &Conn, params: &[(String, String)], url: &DatabaseUrl) -> ConnectError {
    let text = conn.error_message();
    let (message, cause) = match sqlstate_in(&text) {
        Some((sqlstate, message)) => (
            format!("{message} (SQLSTATE {sqlstate})"),
            ConnectCause::Refused(PgFailure::of_sqlstate(sqlstate)),
        ),
        None => (text.clone(), look_at_host(params).unwrap_or(ConnectCause::Other)),
    };
    ConnectError { target: url.to_string(), message: redact(message, url), cause }
}

/// libpq may echo parameters; a password never goes on.
fn redact(message: String, url: &DatabaseUrl) -> String {
    match url.password() {
        Some(password) if !password.expose().is_empty() => message.replace(password.expose(), "****"),
        _ => message,
    }
}

/// Verbose errors read `SEVERITY:  SQLSTATE: message`, in every language; the last one counts.
fn sqlstate_in(text: &str) -> Option<(&str, &str)> {
    text.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once(":  ")?;
        let (code, message) = rest.split_once(": ")?;
        let is_code = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        is_code.then_some((code, message))
    })
}

fn look_at_host(params: &[(String, String)]) -> Option<ConnectCause> {
    let get = |key: &str| params.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let port = get("port").and_then(|p| p.split(',').next()).filter(|p| !p.is_empty()).unwrap_or("5432");
    let host = get("hostaddr").or_else(|| get("host"))?.split(',').next()?;
    if host.starts_with('/') {
        let path = format!("{host}/.s.PGSQL.{port}");
        return (!Path::new(&path).exists()).then_some(ConnectCause::NoSocket(path));
    }
    let address = format!("{host}:{port}");
    match (host, port.parse::<u16>().ok()?).to_socket_addrs() {
        Err(_) => Some(ConnectCause::UnknownHost(host.to_owned())),
        Ok(addresses) => {
            let closed = addresses.into_iter().all(|a| {
                TcpStream::connect_timeout(&a, Duration::from_secs(2))
                    .is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused)
            });
            closed.then_some(ConnectCause::ClosedPort(address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sqlstate_is_found_in_any_language() {
        let check =
            |text: &str, code: Option<&str>| assert_eq!(sqlstate_in(text).map(|(c, _)| c), code, "{text}");
        check("connection to server at \"db\", port 5432 failed: FATAL:  28P01: nope", Some("28P01"));
        check(
            "… fehlgeschlagen: FATAL:  3D000: Datenbank »x« existiert nicht\nORT:  InitPostgres",
            Some("3D000"),
        );
        check("could not translate host name \"db\" to address", None);
        check("FATAL:  password authentication failed", None);
    }

    #[test]
    fn a_silent_host_is_left_out_with_its_port() {
        let params = vec![("host".into(), "a,b,c".into()), ("port".into(), "1,2,3".into())];
        let check = |skip, host: &str, port: &str| {
            let rest = without_first_hosts(&params, skip);
            assert_eq!((rest[0].1.as_str(), rest[1].1.as_str()), (host, port));
        };
        check(0, "a,b,c", "1,2,3");
        check(2, "c", "3");
    }
}
