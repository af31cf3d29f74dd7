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
    /// Not the database: PGDATABASE names the application's, never a shadow database or a pooler's console.
    NotTheDatabase,
}

/// The URL with what the environment gives and the URL leaves open.
pub(super) fn complete(
    url: DatabaseUrl,
    environment: &Environment,
    gives: Gives,
) -> Result<DatabaseUrl, ConfigError> {
    let mut url = url;
    for (variable, keyword) in VARIABLES {
        let left_out = keyword == "dbname" && gives == Gives::NotTheDatabase;
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
