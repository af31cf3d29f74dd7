//! A database of the campaign with its roles and its project, before the first step.

use diesel::connection::SimpleConnection;

use crate::support::cluster::{self, unique};
use crate::support::restored::Place;
use crate::support::role::Role;
use crate::support::skipped::skipped;

use super::case::{By, Case, Runner};
use super::extension::Written;

/// Dropped with this value, together with what restores left.
#[derive(Debug)]
pub(super) struct Stand {
    _owner: Option<Role>,
    _reader: Role,
    pub(super) place: Place,
    _extension: Option<Written>,
}

impl Stand {
    /// `None` where this server cannot have such a database.
    pub(super) fn new(case: &Case, runner: Runner) -> Option<Self> {
        let mut place = Place::new();
        place.file("pgkeel.toml", "");
        let extension = match has_all(case, &place).then(|| extension(case, &place)).flatten() {
            Some(extension) => extension,
            None => {
                skipped(&case.name);
                return None;
            }
        };
        let database = place.db.name.clone();
        if let Some(options) = &case.create {
            // A test's database is a copy of the template, which has the server's own locale.
            cluster::admin()
                .batch_execute(&format!("DROP DATABASE {database}"))
                .and_then(|()| {
                    let sql = format!("CREATE DATABASE {database} TEMPLATE template0 {options}");
                    cluster::admin().batch_execute(&sql)
                })
                .unwrap();
        }
        let reader = Role::new(&mut place, "");
        let owner = match runner {
            Runner::Superuser => None,
            Runner::CreateDb => {
                let owner = Role::owner(&mut place, "CREATEDB");
                // A swap ends the sessions of other roles that may connect.
                place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
                Some(owner)
            }
            Runner::Owner => Some(Role::owner(&mut place, "")),
        };
        let owner_name = owner.as_ref().map_or_else(|| place.words("current_user"), |role| role.name.clone());
        let extension_name = extension.as_ref().map_or("", |(name, _)| name);
        for (at, (by, sql)) in case.parts.iter().enumerate() {
            let sql = sql
                .replace("{reader}", &reader.name)
                .replace("{owner}", &owner_name)
                .replace("{database}", &database)
                .replace("{extension}", extension_name);
            match by {
                By::Superuser => {
                    place.sql(&sql);
                }
                By::Migration => {
                    place.migration(&format!("2025010{}000000_part", at + 1), &sql, "SELECT 1;");
                    place.run(&["deploy"]).exits(0);
                }
            }
        }
        let extension = extension.map(|(_, written)| written);
        Some(Self { _owner: owner, _reader: reader, place, _extension: extension })
    }

    /// A table that is in no backup: it tells the database that was damaged from one that was restored.
    pub(super) fn damage(&self, runner: Runner) {
        let owner = match (runner, &self._owner) {
            (Runner::Superuser, _) | (_, None) => String::new(),
            (_, Some(role)) => format!("; ALTER TABLE {DAMAGE} OWNER TO {}", role.name),
        };
        self.place.sql(&format!("CREATE TABLE {DAMAGE} (){owner}"));
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.place.words(&format!("to_regclass('{DAMAGE}') IS NOT NULL")) == "true"
    }

    pub(super) fn mend(&self) {
        self.place.sql(&format!("DROP TABLE {DAMAGE}"));
    }
}

const DAMAGE: &str = "public.roundtrip_damage";

impl Drop for Stand {
    /// Databases that a role owns must go before it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for name in self.place.beside() {
            self.place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
        }
    }
}

fn has_all(case: &Case, place: &Place) -> bool {
    let version = place.number("current_setting('server_version_num')::bigint / 10000");
    let has = |name: &String| {
        place.number(&format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{name}'")) == 1
    };
    let icu = || place.number("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") > 0;
    let preloads = |name: &String| {
        let all = place.words("current_setting('shared_preload_libraries')");
        all.split(',').any(|one| one.trim() == name)
    };
    version >= i64::from(case.server)
        && case.until.is_none_or(|until| version <= i64::from(until))
        && case.preload.iter().all(preloads)
        && case.needs.iter().all(has)
        && (!case.icu || icu())
}

/// `None` if it is needed and cannot be written.
#[expect(clippy::option_option, reason = "that it needs none is one answer, that it cannot have it another")]
fn extension(case: &Case, place: &Place) -> Option<Option<(String, Written)>> {
    if !case.parts.iter().any(|(_, sql)| sql.contains("{extension}")) {
        return Some(None);
    }
    let name = unique("keel");
    let sharedir = place.words("SELECT setting FROM pg_config WHERE name = 'SHAREDIR'");
    Some(Some((name.clone(), Written::write(&sharedir, &name)?)))
}
