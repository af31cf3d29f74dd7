//! The whole of a restore as statements and commands that a DBA could type: what a dry run shows, and what is left to do by
//! hand where pgkeel cannot go on.

use crate::engine::backup::manifest::Layout;
use crate::engine::properties::{Properties, Template};
use crate::engine::swap::{self, Swap};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;
use crate::pg::shell;

use super::fill::Filling;

/// The steps, in order. `swap` is left out for a copy beside.
///
/// # Errors
/// What the server says.
pub fn steps(
    admin: &mut Session,
    filling: &Filling<'_>,
    fresh: &str,
    place: Option<&Properties>,
    swap: Option<&Swap<'_>>,
) -> Result<Vec<String>, PgError> {
    let mut notes = Vec::new();
    let made = filling.properties(admin, place, &mut notes)?;
    let template = Template::empty(admin)?;
    let mut steps: Vec<String> =
        filling.roles.iter().map(|role| format!("CREATE ROLE {} NOLOGIN;", Ident::new(role))).collect();
    steps.push(format!("{};", made.creation(fresh, &template, admin.server_version())));
    steps.push(format!("-- {}", by_hand(filling, fresh)));
    steps.push(format!("-- in {}: ANALYZE;", Ident::new(fresh)));
    let given = place.or(filling.source.manifest().map(|manifest| &manifest.source.properties));
    steps
        .extend(given.iter().flat_map(|given| given.settings_and_grants(fresh)).map(|sql| format!("{sql};")));
    if let Some(given) = given.filter(|given| given.connection_limit >= 0) {
        let limit = given.connection_limit;
        steps.push(format!("ALTER DATABASE {} CONNECTION LIMIT {limit};", Ident::new(fresh)));
    }
    if let Some(swap) = swap {
        steps.extend(swap::sql(swap));
    }
    Ok(steps)
}

/// The command that loads it, without pgkeel.
pub fn by_hand(filling: &Filling<'_>, fresh: &str) -> String {
    let path = shell::word(&filling.source.payload().display().to_string());
    let conninfo = shell::dbname(fresh);
    let given = filling.ownership.flags().into_iter().chain(filling.select.flags());
    let mut flags: String = given.map(|flag| format!(" {}", flag.to_string_lossy())).collect();
    for schema in &filling.select.schemas {
        flags.push_str(&format!(" --schema={}", shell::word(schema)));
    }
    if filling.select.no_event_triggers {
        flags.push_str(" --use-list=LIST (`pg_restore -l`, without event triggers)");
    }
    if filling.source.is_rows_alone() {
        let schema =
            |section| format!("pg_restore --exit-on-error{flags} --section={section} -d {conninfo} SCHEMA");
        let rows = match (filling.source.made_by(), filling.source.layout()) {
            (Some(made_by), Layout::Plain) => format!("{made_by} | psql -X -v ON_ERROR_STOP=1 -d {conninfo}"),
            (Some(made_by), _) => format!("{made_by} | pg_restore --exit-on-error --data-only -d {conninfo}"),
            (None, Layout::Plain) => format!("psql -X -v ON_ERROR_STOP=1 -d {conninfo} -f {path}"),
            (None, _) => format!("pg_restore --exit-on-error --data-only -d {conninfo} {path}"),
        };
        return format!(
            "pg_dump -Fc --schema-only -f SCHEMA && {} && {rows} && {}",
            schema("pre-data"),
            schema("post-data")
        );
    }
    if let Some(made_by) = filling.source.made_by() {
        return match filling.source.layout() {
            Layout::Plain => format!("{made_by} | psql -X -v ON_ERROR_STOP=1 -d {conninfo}"),
            _ => format!("{made_by} | pg_restore --exit-on-error{flags} -d {conninfo}"),
        };
    }
    match (filling.source.layout(), filling.source.is_encrypted()) {
        (Layout::Plain, false) => format!("psql -X -v ON_ERROR_STOP=1 -d {conninfo} -f {path}"),
        (Layout::Plain, true) => format!("age -d -i KEYS {path} | psql -X -v ON_ERROR_STOP=1 -d {conninfo}"),
        (_, true) => format!("age -d -i KEYS {path} | pg_restore --exit-on-error{flags} -d {conninfo}"),
        (_, false) => {
            format!("pg_restore --exit-on-error --jobs={}{flags} -d {conninfo} {path}", filling.jobs)
        }
    }
}
