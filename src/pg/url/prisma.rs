//! Prisma's parameters: taken out of what libpq gets, kept as values, and translated where libpq has a word for it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{UrlError, bad};

/// How long to wait for a connection from the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolTimeout {
    /// Prisma's `pool_timeout=0`.
    Never,
    /// Then give up.
    After(Duration),
}

/// What Prisma's parameters said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prisma {
    pub(super) schema: Option<String>,
    pub(super) connection_limit: Option<u32>,
    pub(super) pool_timeout: Option<PoolTimeout>,
    pub(super) pgbouncer: bool,
    pub(super) notes: Vec<String>,
    ssl: SslAccept,
}

/// Prisma's `sslaccept`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum SslAccept {
    #[default]
    Unsaid,
    AnyCertificate,
    Strict,
}

impl Prisma {
    /// Take a parameter if it is one of Prisma's.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<bool, UrlError> {
        match name {
            "schema" => self.schema = Some(value.to_owned()).filter(|schema| !schema.is_empty()),
            "connection_limit" => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                self.connection_limit = Some(limit.ok_or_else(|| bad(name, "a number from 1 up", value))?);
            }
            "pool_timeout" => {
                let seconds: u64 = value.parse().map_err(|_| bad(name, "a number of seconds, 0 for ever", value))?;
                self.pool_timeout = Some(match seconds {
                    0 => PoolTimeout::Never,
                    _ => PoolTimeout::After(Duration::from_secs(seconds)),
                });
            }
            "pgbouncer" => {
                self.pgbouncer = value.parse().map_err(|_| bad(name, "`true` or `false`", value))?;
            }
            "sslaccept" => {
                self.ssl = match value {
                    "strict" => SslAccept::Strict,
                    "accept_invalid_certs" => SslAccept::AnyCertificate,
                    _ => return Err(bad(name, "`strict` or `accept_invalid_certs`", value)),
                };
            }
            "sslidentity" => return Err(UrlError::Pkcs12Identity),
            "socket_timeout" => self.note(
                "`socket_timeout` is not used: a migration may take its time. `options=-cstatement_timeout%3D60s` \
                 limits a statement.",
            ),
            // How Prisma's own client prepares statements: nothing here depends on it.
            "statement_cache_size" | "single_use_connections" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Say `sslaccept` in libpq's words. Prisma's `sslcert` is the authority's certificate; libpq's is the client's.
    pub(super) fn translate(&mut self, options: &mut BTreeMap<&'static str, String>) {
        let prisma_dialect = self.ssl != SslAccept::Unsaid;
        if options.contains_key("sslcert") && !options.contains_key("sslkey") {
            if prisma_dialect && !options.contains_key("sslrootcert") {
                let authority = options.remove("sslcert").expect("just found");
                options.insert("sslrootcert", authority);
                self.note(
                    "`sslcert` beside `sslaccept` is read as Prisma does, as the authority's certificate \
                           (`sslrootcert`).",
                );
            } else if !prisma_dialect {
                self.note(
                    "`sslcert` without `sslkey` is the client's certificate for libpq. If the authority's is \
                           meant, as in Prisma, write `sslrootcert`.",
                );
            }
        }
        let mode = options.get("sslmode").map_or("prefer", String::as_str);
        if self.ssl == SslAccept::Strict && ["allow", "prefer", "require"].contains(&mode) {
            options.insert("sslmode", "verify-full".to_owned());
            self.note("`sslaccept=strict` is read as `sslmode=verify-full`.");
        }
        // `accept_invalid_certs` needs no word: below verify-ca libpq accepts any certificate.
    }

    fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|note| note == text) {
            self.notes.push(text.to_owned());
        }
    }
}
