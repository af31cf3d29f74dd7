//! Decides which search_path a function without one may have while its rows are loaded: the one that sessions of the
//! database have, without schemas in which roles may have put code that must not run with the rights of this role.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::archive::{Archive, Entry};
use crate::engine::properties::Properties;
use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::session::Session;
use crate::pg::statements::{name, tokens};

/// The search_path of the database's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::restore) struct Path(Vec<String>);

impl Path {
    /// Of a database with these properties; else as PostgreSQL has it.
    pub(in crate::engine::restore) fn of(properties: Option<&Properties>) -> Self {
        let all = properties.map(|properties| properties.settings.as_slice()).unwrap_or_default();
        let of_all = all.iter().filter(|setting| setting.name == "search_path" && setting.role.is_none());
        let of_some = all.iter().filter(|setting| setting.name == "search_path" && setting.role.is_some());
        match of_all.chain(of_some).next() {
            Some(setting) => Self(tokens(&setting.value).into_iter().filter_map(name).collect()),
            None => Self(vec!["$user".into(), "public".into()]),
        }
    }
}

/// Who can have put code into a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Makers {
    roles: BTreeSet<String>,
    /// Everybody.
    public: bool,
}

/// The schemas of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine::restore) struct Schemas {
    makers: BTreeMap<String, Makers>,
    /// Whose code may run with the rights of the role that loads; nothing: anybody's, as the role is an ordinary one.
    trusted: Option<BTreeSet<String>>,
}

impl Schemas {
    /// Those of an archive. `owner` owns the database.
    pub(in crate::engine::restore) fn of(
        archive: &Archive,
        trusted: Option<BTreeSet<String>>,
        owner: Option<&str>,
        bookkeeping: &str,
    ) -> Self {
        let mut makers: BTreeMap<String, Makers> = BTreeMap::new();
        let role = |name: &str| match (name, owner) {
            ("pg_database_owner", Some(owner)) => owner.to_owned(),
            (name, _) => name.to_owned(),
        };
        let public = makers.entry("public".into()).or_default();
        // Since 15 it belongs to the owner of the database, where the archive does not say otherwise.
        let says = archive.entries.iter().any(|entry| entry.desc == "SCHEMA" && entry.tag == "public");
        let is_since_15 =
            crate::engine::restore::source::major(&archive.server_version).is_none_or(|major| major >= 15);
        if !says && is_since_15 {
            public.roles.insert(role("pg_database_owner"));
        }
        for entry in &archive.entries {
            match (entry.desc.as_str(), &entry.namespace) {
                ("SCHEMA", _) => {
                    makers.entry(entry.tag.clone()).or_default().roles.insert(role(&entry.owner));
                }
                // Before 15 everybody may create in public, where initdb made it so. What has been created is looked at, and
                // nobody else connects to the new database.
                ("ACL", _) if entry.tag == "SCHEMA public" && !is_since_15 => {
                    let before = makers.get("public").is_some_and(|makers| makers.public);
                    grants(entry, &mut makers, &role);
                    makers.entry("public".into()).or_default().public = before;
                }
                ("ACL", _) if entry.tag.starts_with("SCHEMA ") => grants(entry, &mut makers, &role),
                (_, Some(schema)) if !entry.owner.is_empty() => {
                    makers.entry(schema.clone()).or_default().roles.insert(role(&entry.owner));
                }
                _ => {}
            }
        }
        makers.remove(bookkeeping);
        Self { makers, trusted }
    }

    /// Their names.
    pub(in crate::engine::restore) fn names(&self) -> impl Iterator<Item = &str> {
        self.makers.keys().map(String::as_str)
    }

    /// Roles that are not trusted may create in these.
    pub(in crate::engine::restore) fn leave_out(&mut self, schemas: &[String]) {
        for schema in schemas {
            if let Some(makers) = self.makers.get_mut(schema) {
                makers.public = true;
            }
        }
    }

    /// Whether its code may run where that of `owner` runs.
    fn is_safe(&self, schema: &str, owner: &str) -> bool {
        let (Some(trusted), Some(makers)) = (&self.trusted, self.makers.get(schema)) else {
            return self.trusted.is_none() || self.makers.contains_key(schema);
        };
        !makers.public && makers.roles.iter().all(|role| role == owner || trusted.contains(role))
    }

    /// The list for a function or view in `schema` that `owner` owns, as SQL.
    pub(in crate::engine::restore) fn path(&self, of: &Path, schema: &str, owner: &str) -> Option<String> {
        let mut path: Vec<&str> = Vec::new();
        let user = |name: &str| name == "$user";
        let own = [schema].into_iter().filter(|own| !of.0.iter().any(|one| one == own));
        let given = of.0.iter().map(|one| if user(one) { owner } else { one.as_str() });
        // A session may have set another one: whatever else there is comes last.
        let rest = self.makers.keys().map(String::as_str);
        for one in own.chain(given).chain(rest) {
            let is_there = self.makers.contains_key(one) && !one.starts_with("pg_");
            if is_there && !path.contains(&one) && self.is_safe(one, owner) {
                path.push(one);
            }
        }
        let names: Vec<String> = path.iter().map(|one| Tidy(one).to_string()).collect();
        if names.is_empty() { None } else { Some(format!("{}, pg_temp", names.join(", "))) }
    }
}

/// `GRANT ALL ON SCHEMA x TO a`, `GRANT CREATE ON SCHEMA x TO PUBLIC`.
fn grants(entry: &Entry, makers: &mut BTreeMap<String, Makers>, role: &dyn Fn(&str) -> String) {
    for statement in tokens(&entry.definition).split(|token| *token == ";") {
        let is = |token: &&str, word: &str| token.eq_ignore_ascii_case(word);
        let Some(on) = statement.iter().position(|token| is(token, "SCHEMA")) else { continue };
        let (privileges, rest) = statement.split_at(on);
        let gives = privileges.first().is_some_and(|first| is(first, "GRANT"))
            && privileges.iter().any(|token| is(token, "ALL") || is(token, "CREATE"));
        let (Some(schema), Some(to)) = (rest.get(1).and_then(|token| name(token)), rest.get(3)) else {
            continue;
        };
        if !gives {
            continue;
        }
        let makers = makers.entry(schema).or_default();
        if is(to, "PUBLIC") {
            makers.public = true;
        } else {
            makers.roles.extend(name(to).map(|to| role(&to)));
        }
    }
}

/// A function that finds others by the search_path of whoever calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    /// As `regprocedure`, with its schema.
    pub(super) name: String,
    pub(super) schema: String,
    pub(super) owner: String,
}

/// The functions that this role may alter and that have no search_path of their own.
pub(in crate::engine::restore) fn functions_query(server_version: i32) -> String {
    let atomic = if server_version >= 140_000 { "AND p.prosqlbody IS NULL" } else { "" };
    format!(
        "SELECT p.oid::pg_catalog.regprocedure, n.nspname, pg_catalog.pg_get_userbyid(p.proowner), p.oid \
         FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace \
           JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang \
         WHERE p.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid AND p.prokind OPERATOR(pg_catalog.=) 'f' \
           AND l.lanname OPERATOR(pg_catalog.<>) ALL ('{{c,internal}}') \
           AND p.prorettype OPERATOR(pg_catalog.<>) ALL \
             ('{{trigger,event_trigger}}'::pg_catalog.regtype[]::pg_catalog.oid[]) {atomic} \
           AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) s \
             WHERE pg_catalog.starts_with(s, 'search_path=')) \
           AND pg_catalog.pg_has_role(p.proowner, 'USAGE') \
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
             AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass \
             AND d.objid OPERATOR(pg_catalog.=) p.oid) ORDER BY 1"
    )
}

pub(super) fn functions(session: &mut Session) -> Result<Vec<Function>, PgError> {
    let query = functions_query(session.server_version());
    let rows = session.catalog(&query)?;
    let one = |row| {
        let cell = |column| rows.get(row, column).unwrap_or_default().to_owned();
        Function { name: cell(0), schema: cell(1), owner: cell(2) }
    };
    Ok((0..rows.rows.len()).map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::archive::{Compression, DataState, Format, Section};

    fn entry(desc: &str, tag: &str, namespace: Option<&str>, owner: &str, definition: &str) -> Entry {
        Entry {
            dump_id: 1,
            table_oid: 0,
            oid: 0,
            tag: tag.into(),
            desc: desc.into(),
            section: Section::PreData,
            definition: definition.into(),
            drop: String::new(),
            copy: None,
            namespace: namespace.map(str::to_owned),
            tablespace: None,
            owner: owner.into(),
            had_dumper: false,
            dependencies: vec![],
            file: None,
            state: DataState::Absent,
        }
    }

    fn path_of(entries: &[Entry], trusted: Option<&[&str]>, schema: &str, owner: &str) -> Option<String> {
        let archive = Archive {
            version: (1, 14, 0),
            format: Format::Custom,
            compression: Compression::None,
            created: None,
            database: "d".into(),
            server_version: "15.20".into(),
            dump_version: "15.20".into(),
            entries: entries.to_vec(),
        };
        let trusted = trusted.map(|roles| roles.iter().map(|role| (*role).to_owned()).collect());
        Schemas::of(&archive, trusted, Some("app"), "pgkeel").path(&Path::of(None), schema, owner)
    }

    #[test]
    fn a_schema_in_which_others_may_create_is_left_out_for_a_superuser() {
        let function = |owner: &str| entry("FUNCTION", "f()", Some("lib"), owner, "");
        let schema = |owner: &str| entry("SCHEMA", "lib", None, owner, "");
        let check = |entries: &[Entry], trusted: Option<&[&str]>, owner: &str, path: Option<&str>| {
            assert_eq!(path_of(entries, trusted, "lib", owner).as_deref(), path);
        };
        let both = [schema("postgres"), function("postgres")];
        check(&both, Some(&["postgres"]), "postgres", Some("lib, pg_temp"));
        check(&both, Some(&["postgres", "app"]), "postgres", Some("lib, public, pg_temp"));
        check(&both, None, "postgres", Some("lib, public, pg_temp"));
        // Code of another role is in it, or may come into it.
        check(&[schema("postgres"), function("evil")], Some(&["postgres"]), "postgres", None);
        check(&[schema("evil"), function("postgres")], Some(&["postgres"]), "postgres", None);
        let granted = |to: &str| {
            let acl = format!("GRANT ALL ON SCHEMA lib TO {to};\n");
            [schema("postgres"), entry("ACL", "SCHEMA lib", None, "postgres", &acl)]
        };
        check(&granted("evil"), Some(&["postgres"]), "postgres", None);
        check(&granted("PUBLIC"), Some(&["postgres"]), "postgres", None);
        let usage = entry("ACL", "SCHEMA lib", None, "postgres", "GRANT USAGE ON SCHEMA lib TO PUBLIC;\n");
        check(&[schema("postgres"), usage], Some(&["postgres"]), "postgres", Some("lib, pg_temp"));
        // Its owner's own code runs with the owner's rights anyway.
        let owners = [schema("app"), function("app")];
        check(&owners, Some(&["postgres"]), "app", Some("lib, public, pg_temp"));
    }
}
