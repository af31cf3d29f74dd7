//! The lines that restore a backup without pgkeel, by what a PostgreSQL package brings, for the folder of the backup. Pure.

use super::manifest::{Layout, Scope};
use super::name::slug;
use crate::engine::properties::Properties;
use crate::pg::shell::word;

/// What the lines depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) database: &'a str,
    pub(super) layout: Layout,
    pub(super) scope: Scope,
    /// The dump's file or folder.
    pub(super) dump: &'a str,
    pub(super) encrypted: bool,
    pub(super) has_globals: bool,
    pub(super) jobs: u32,
}

/// The lines.
pub(super) fn lines(shape: Shape<'_>, properties: &Properties) -> Vec<String> {
    let target = format!("{}_restored", slug(shape.database));
    let mut lines = vec!["sha256sum --check SHA256SUMS".to_owned()];
    if shape.has_globals {
        lines.push(match shape.encrypted {
            true => {
                "# roles, where they are missing: age -d -i KEYS globals.sql.age | psql -X -d postgres".into()
            }
            false => "# roles, where they are missing: psql -X -d postgres -f globals.sql".into(),
        });
    }
    if shape.scope != Scope::Data {
        lines.push(createdb(&target, properties));
    }
    let dump = shape.dump;
    lines.push(match (shape.encrypted, shape.layout) {
        (false, Layout::Plain) => format!("psql -X -v ON_ERROR_STOP=1 -d {target} -f {dump}"),
        (false, _) => format!("pg_restore -j {} --exit-on-error -d {target} {dump}", shape.jobs),
        (true, Layout::Plain) => {
            format!("age -d -i KEYS {dump} > dump.sql && psql -X -v ON_ERROR_STOP=1 -d {target} -f dump.sql")
        }
        (true, _) => format!("age -d -i KEYS {dump} | pg_restore --exit-on-error -d {target}"),
    });
    lines
}

fn createdb(target: &str, properties: &Properties) -> String {
    let mut line = format!(
        "createdb -T template0 -E {} --lc-collate={} --lc-ctype={}",
        word(&properties.encoding),
        word(&properties.collate),
        word(&properties.ctype)
    );
    if let Some(locale) = &properties.locale {
        let (provider, option) = match properties.provider.as_str() {
            "b" => ("builtin", "builtin-locale"),
            _ => ("icu", "icu-locale"),
        };
        line.push_str(&format!(" --locale-provider={provider} --{option}={}", word(locale)));
    }
    format!("{line} {target}")
}
