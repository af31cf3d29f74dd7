//! Completes a URL by libpq's variables, as libpq itself would, so that they reach the databases that a person names and no
//! other. Where a service is named, its file gives the rest.

use super::ConfigError;
use super::layers::Environment;
use super::origin::Origin;
use crate::pg::environ::{VARIABLES, is_known};
use crate::pg::url::DatabaseUrl;

/// What the variables may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    /// All parameters.
    All,
    /// Who connects and how it is encrypted, never where to: a shadow database is emptied, and a console pauses pools.
    Credentials,
}

/// Parameters that choose no server, no database and no setting of the session.
const CREDENTIALS: [&str; 10] = [
    "password",
    "passfile",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "channel_binding",
    "require_auth",
];

/// The URL with what the environment gives and the URL leaves open.
pub(super) fn complete(
    url: DatabaseUrl,
    environment: &Environment,
    gives: Gives,
) -> Result<DatabaseUrl, ConfigError> {
    let mut url = url;
    for (variable, keyword) in VARIABLES {
        let left_out = gives == Gives::Credentials && !CREDENTIALS.contains(&keyword);
        let by_service = url.get("service").is_some() && !["password", "passfile"].contains(&keyword);
        let Some(value) = environment.text(variable)?.filter(|_| !left_out && !by_service) else { continue };
        if value.is_empty() || !is_known(keyword) {
            continue;
        }
        url = url.completed(variable, keyword, value).map_err(|cause| ConfigError::Url {
            origin: Box::new(Origin::Env(variable.to_owned())),
            cause: Box::new(cause),
        })?;
    }
    Ok(url)
}
