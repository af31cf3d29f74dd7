//! [`DatabaseUrl`]: where a database is and how to get in, read as libpq reads it, with Prisma's parameters understood.
//! It never shows a password. It opens nothing, and knows nothing of environments or files.

mod error;
mod keywords;
mod parse;
mod prisma;
mod show;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::str::FromStr;

pub use error::UrlError;
pub use keywords::LIBPQ as LIBPQ_KEYWORDS;
pub use prisma::PoolTimeout;

use super::secret::Secret;

/// A connection string, taken apart. `Debug` and `Display` show a URL with `****` for each secret.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    options: BTreeMap<&'static str, String>,
    prisma: prisma::Prisma,
    /// Variables of the environment that gave what the URL leaves open.
    completed_by: Vec<&'static str>,
}

/// One server that the URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name, address or socket directory; `None` where libpq decides (`PGHOST`, a service, the local socket).
    pub host: Option<String>,
    /// `None` where libpq decides.
    pub port: Option<u16>,
}

impl DatabaseUrl {
    /// Read a `postgres://` URL or a `key=value` string.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let scheme = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme));
        let pairs = match scheme {
            Some(("postgres" | "postgresql", rest)) => parse::uri(rest)?,
            Some((scheme, rest)) => return Err(foreign(scheme, rest)),
            None if text.starts_with(['"', '\'']) => return Err(UrlError::Quoted),
            None if text.contains('=') => parse::key_values(text)?,
            None => return Err(UrlError::Unrecognised),
        };
        Self::from_pairs(pairs)
    }

    fn from_pairs(pairs: parse::Pairs) -> Result<Self, UrlError> {
        let mut url =
            Self { options: BTreeMap::new(), prisma: prisma::Prisma::default(), completed_by: Vec::new() };
        // What comes after a secret, or in a list with a stray `@`, may be a piece of a password.
        let places = ["host", "user", "password"];
        let mut suspicious =
            pairs.iter().any(|(name, value)| value.contains('@') && !places.contains(&name.as_str()));
        for (name, value) in pairs {
            if name == "requiressl" {
                // libpq's own old word for it, kept to this day.
                let mode = if value.starts_with('1') { "require" } else { "prefer" };
                url.options.insert("sslmode", mode.to_owned());
            } else if !url.prisma.take(&name, &value)? {
                let Some(keyword) = keywords::libpq(&name) else {
                    return Err(match suspicious {
                        false => UrlError::UnknownParameter { instead: keywords::instead_of(&name), name },
                        true => UrlError::UnknownParameter {
                            name: "…".to_owned(),
                            instead: " It may be a piece of a password: percent-encode the password's special \
                                      characters (`&` is `%26`, `@` is `%40`), or quote it in the `key=value` form."
                                .to_owned(),
                        },
                    });
                };
                url.options.insert(keyword, value);
            }
            suspicious |= keywords::is_secret(&name);
        }
        url.prisma.translate(&mut url.options);
        url.validate()?;
        Ok(url)
    }

    fn validate(&self) -> Result<(), UrlError> {
        if let Some(mode) = self.get("sslmode").filter(|mode| !keywords::SSL_MODES.contains(mode)) {
            return Err(bad(
                "sslmode",
                "one of disable, allow, prefer, require, verify-ca, verify-full",
                mode,
            ));
        }
        let ports: Vec<&str> = self.get("port").map_or(Vec::new(), |ports| ports.split(',').collect());
        if !ports
            .iter()
            .all(|port| port.trim().is_empty() || port.trim().parse::<u16>().is_ok_and(|port| port > 0))
        {
            return Err(UrlError::Port);
        }
        let hosts = self.get("hostaddr").or(self.get("host")).unwrap_or_default().split(',').count();
        if ports.len() > 1 && ports.len() != hosts {
            return Err(UrlError::PortCount { hosts, ports: ports.len() });
        }
        Ok(())
    }

    /// The value of one of libpq's keywords; an empty one is no value, as in libpq.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.options.get(keyword).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Every server named, in order; one without host and port if none is.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let hosts = self.get("host").or(self.get("hostaddr")).unwrap_or_default().split(',');
        let ports: Vec<&str> = self.get("port").unwrap_or_default().split(',').map(str::trim).collect();
        hosts
            .enumerate()
            .map(|(at, host)| Endpoint {
                host: Some(host.to_owned()).filter(|host| !host.is_empty()),
                port: ports
                    .get(at)
                    .or(ports.first().filter(|_| ports.len() == 1))
                    .and_then(|port| port.parse().ok()),
            })
            .collect()
    }

    /// The first host, if one is named.
    pub fn host(&self) -> Option<String> {
        self.endpoints().into_iter().next().and_then(|endpoint| endpoint.host)
    }

    /// The first port, if one is named.
    pub fn port(&self) -> Option<u16> {
        self.endpoints().into_iter().next().and_then(|endpoint| endpoint.port)
    }

    /// The role, if one is named.
    pub fn user(&self) -> Option<&str> {
        self.get("user")
    }

    /// The password, if the URL holds it (it may come from a service, `PGPASSWORD` or a password file instead).
    pub fn password(&self) -> Option<Secret> {
        self.get("password").map(Secret::new)
    }

    /// The database, if one is named.
    pub fn database(&self) -> Option<&str> {
        self.get("dbname")
    }

    /// Prisma's `schema`: who connects sets `search_path` to it (not at start-up: a pooler refuses that).
    pub fn schema(&self) -> Option<&str> {
        self.prisma.schema.as_deref()
    }

    /// Prisma's `connection_limit`: the largest size of the pool.
    pub fn connection_limit(&self) -> Option<u32> {
        self.prisma.connection_limit
    }

    /// Prisma's `pool_timeout`: how long to wait for a connection from the pool.
    pub fn pool_timeout(&self) -> Option<PoolTimeout> {
        self.prisma.pool_timeout
    }

    /// Does the URL claim `pgbouncer=true`? A claim, not a proof: it only triggers the probe.
    pub fn says_pgbouncer(&self) -> bool {
        self.prisma.pgbouncer
    }

    /// What was read differently from what the author may think; full sentences without secrets.
    pub fn notes(&self) -> &[String] {
        &self.prisma.notes
    }

    /// Keywords and values for `PQconnectdbParams`, password included. Pass `expand_dbname = 0`: a database whose name
    /// contains `=` must not be taken for a connection string.
    pub fn params(&self) -> Vec<(&'static str, Secret)> {
        self.options.iter().map(|(keyword, value)| (*keyword, Secret::new(value))).collect()
    }

    /// The same as one `key='value'` string, for those who take nothing else (Diesel). Every value is quoted.
    pub fn conninfo(&self) -> Secret {
        let pairs: Vec<String> = self
            .options
            .iter()
            .map(|(keyword, value)| format!("{keyword}={}", parse::quoted(value)))
            .collect();
        pairs.join(" ").into()
    }

    /// The same as a URL, password included: for a child's environment, or `pgkeel dev url`.
    pub fn uri(&self) -> Secret {
        show::uri(self, show::Secrets::Exposed).into()
    }

    /// The same place, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.options.insert("dbname", name.to_owned());
        other
    }

    /// The same place with one of libpq's or Prisma's parameters set; in place of an earlier value.
    pub fn with_param(&self, name: &str, value: &str) -> Result<Self, UrlError> {
        let mut other = self.clone();
        if !other.prisma.take(name, value)? {
            let unknown =
                || UrlError::UnknownParameter { name: name.to_owned(), instead: keywords::instead_of(name) };
            other.options.insert(keywords::libpq(name).ok_or_else(unknown)?, value.to_owned());
        }
        other.prisma.translate(&mut other.options);
        other.validate()?;
        Ok(other)
    }

    /// The same with a parameter that a variable of the environment gives, where the URL leaves it open.
    ///
    /// # Errors
    /// As `with_param`.
    pub fn completed(self, variable: &'static str, keyword: &str, value: &str) -> Result<Self, UrlError> {
        if value.is_empty() || self.get(keyword).is_some() {
            return Ok(self);
        }
        let mut other = self.with_param(keyword, value)?;
        other.completed_by.push(variable);
        Ok(other)
    }

    /// The variables of the environment that gave what the URL leaves open.
    pub fn completed_by(&self) -> &[&'static str] {
        &self.completed_by
    }

    /// The same place without the password and whatever else is secret: for an argv, beside files that hold them.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut other = self.clone();
        other.options.retain(|keyword, _| !keywords::is_secret(keyword));
        other
    }

    /// What is secret beside the password, as for the key of a certificate.
    pub fn other_secrets(&self) -> Vec<(&'static str, Secret)> {
        let is_one = |keyword: &str| keywords::is_secret(keyword) && keyword != "password";
        self.params().into_iter().filter(|(keyword, _)| is_one(keyword)).collect()
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

fn is_scheme(text: &str) -> bool {
    let text = text.strip_prefix("jdbc:").unwrap_or(text);
    let letters = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(letters)
}

/// The refusal of a scheme that is not ours, with the form to write.
fn foreign(scheme: &str, rest: &str) -> UrlError {
    let lower = scheme.to_ascii_lowercase();
    let postgres =
        |name: &str| matches!(name, "postgres" | "postgresql" | "psql" | "pgsql" | "postgis" | "cockroachdb");
    let scheme = scheme.to_owned();
    match lower.as_str() {
        "prisma" | "prisma+postgres" | "prisma+postgresql" => UrlError::PrismaService { scheme },
        name if postgres(name.trim_start_matches("jdbc:").split('+').next().unwrap_or_default()) => {
            let write = match parse::uri(rest).and_then(DatabaseUrl::from_pairs) {
                Ok(url) => url.to_string(),
                Err(_) => "postgres://USER:****@HOST:5432/DATABASE".to_owned(),
            };
            UrlError::OtherDriver { scheme, write }
        }
        _ => UrlError::OtherDatabase { scheme },
    }
}

fn bad(parameter: &str, expected: &str, found: &str) -> UrlError {
    UrlError::Value {
        parameter: parameter.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
