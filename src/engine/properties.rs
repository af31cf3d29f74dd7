//! What belongs to a database as a whole, and what pg_dump leaves out without `--create`: owner, encoding and locale,
//! tablespace, settings, grants, comment.

use serde::{Deserialize, Serialize};

use super::marks::{self, READ_ONLY, Stopped};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::{self, Ident};
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// The properties of one database (docs 53.15 "pg_database").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// Its owner.
    pub owner: String,
    /// Its encoding's name.
    pub encoding: String,
    /// LC_COLLATE.
    pub collate: String,
    /// LC_CTYPE.
    pub ctype: String,
    /// The locale provider: `c` libc, `i` ICU, `b` builtin; always `c` before PostgreSQL 15.
    pub provider: String,
    /// The locale of ICU and builtin.
    pub locale: Option<String>,
    /// Additional ICU rules.
    pub icu_rules: Option<String>,
    /// Its tablespace.
    pub tablespace: String,
    /// CONNECTION LIMIT; −1 is none.
    pub connection_limit: i32,
    /// Its comment.
    pub comment: Option<String>,
    /// `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET`.
    pub settings: Vec<DatabaseSetting>,
    /// Grants to others than the owner; `None` where nothing was ever granted or revoked.
    pub grants: Option<Vec<DatabaseGrant>>,
    /// What a restore has set to refuse writes; it is not among the settings.
    #[serde(skip)]
    pub stopped: Option<Stopped>,
}

/// One setting of a database, or of a role in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseSetting {
    /// The role, or nobody's in particular.
    pub role: Option<String>,
    /// Its name.
    pub name: String,
    /// Its value as stored.
    pub value: String,
}

/// One grant on a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseGrant {
    /// The role; `None` is PUBLIC.
    pub grantee: Option<String>,
    /// `CONNECT`, `TEMPORARY`, `CREATE`.
    pub privilege: String,
    /// WITH GRANT OPTION.
    pub grantable: bool,
}

impl Properties {
    /// The flag with which pg_dump writes everything as UTF-8, as manifests and our own sessions have it, whatever the
    /// database's encoding is and the environment says; as it is where the server converts nothing (docs 24.3.4).
    pub fn encoding_flag(&self) -> String {
        let encoding = match self.encoding.as_str() {
            as_it_is @ ("SQL_ASCII" | "MULE_INTERNAL") => as_it_is,
            _ => "UTF8",
        };
        format!("--encoding={encoding}")
    }

    /// Without what pgkeel itself left on the database.
    #[must_use]
    pub fn unmarked(mut self) -> Self {
        self.stopped = marks::take_out(&mut self.settings).or(self.stopped);
        self.comment = marks::own_comment(self.comment);
        self
    }

    /// Whether a restore refuses writes in this database.
    pub fn is_stopped(&self) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| stopped.refuses)
    }

    /// Whether a session has to ask for writing, for whatever reason the database is read-only.
    pub fn is_read_only(&self) -> bool {
        self.is_stopped() || self.settings.iter().any(|setting| setting.name == READ_ONLY)
    }

    /// Read those of the database of this name; `None` if there is none. Any session of the server will do.
    ///
    /// # Errors
    /// What the server says.
    pub fn read(session: &mut Session, database: &str) -> Result<Option<Self>, PgError> {
        let locale = match session.server_version() {
            170_000.. => "d.datlocprovider, d.datlocale, d.daticurules",
            160_000.. => "d.datlocprovider, d.daticulocale, d.daticurules",
            150_000.. => "d.datlocprovider, d.daticulocale, NULL",
            _ => "'c', NULL, NULL",
        };
        let name = Literal(database);
        let rows = session.catalog(&format!(
            "SELECT pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, {locale}, t.spcname, \
             d.datconnlimit, shobj_description(d.oid, 'pg_database'), d.datacl IS NOT NULL \
             FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = {name}"
        ))?;
        if rows.rows.is_empty() {
            return Ok(None);
        }
        let cell = |column| rows.get(0, column).map(str::to_owned);
        let text = |column| cell(column).unwrap_or_default();
        let settings = session.catalog(&format!(
            "SELECT pg_get_userbyid(nullif(s.setrole, 0)), split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1) \
             FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, \
             unnest(s.setconfig) WITH ORDINALITY settings (setting, place) \
             WHERE d.datname = {name} ORDER BY s.setrole, place"
        ))?;
        let grants = session.catalog(&format!(
            "SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable \
             FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = {name} AND a.grantee <> d.datdba ORDER BY 1, 2"
        ))?;
        let has_grants = rows.get(0, 10) == Some("t");
        let read = Self {
            owner: text(0),
            encoding: text(1),
            collate: text(2),
            ctype: text(3),
            provider: text(4),
            locale: cell(5),
            icu_rules: cell(6).filter(|rules| !rules.is_empty()),
            tablespace: text(7),
            connection_limit: text(8).parse().unwrap_or(-1),
            comment: cell(9),
            settings: settings
                .rows
                .iter()
                .map(|row| DatabaseSetting {
                    role: row[0].clone(),
                    name: row[1].clone().unwrap_or_default(),
                    value: row[2].clone().unwrap_or_default(),
                })
                .collect(),
            grants: has_grants.then(|| {
                let grant = |row: &Vec<Option<String>>| DatabaseGrant {
                    grantee: row[0].clone(),
                    privilege: row[1].clone().unwrap_or_default(),
                    grantable: row[2].as_deref() == Some("t"),
                };
                grants.rows.iter().map(grant).collect()
            }),
            stopped: None,
        };
        Ok(Some(read.unmarked()))
    }
}

/// From what a database is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `template0` or `template1`.
    pub name: &'static str,
    /// Its tablespace: to name another takes a right that the template's own does not.
    pub tablespace: String,
}

impl Template {
    /// The one that holds nothing.
    ///
    /// # Errors
    /// What the server says.
    pub fn empty(session: &mut Session) -> Result<Self, PgError> {
        let template = Properties::read(session, "template0")?.unwrap_or_default();
        Ok(Self { name: "template0", tablespace: template.tablespace })
    }

    /// template1, which may hold what the DBA wants in every database, where its locale fits; else the empty one.
    ///
    /// # Errors
    /// What the server says.
    pub fn fitting(session: &mut Session, wanted: &Properties) -> Result<Self, PgError> {
        let one = Properties::read(session, "template1")?.unwrap_or_default();
        let name = if one.locale() == wanted.locale() { "template1" } else { "template0" };
        Ok(Self { name, tablespace: one.tablespace })
    }
}

impl Properties {
    /// What a template must have in common.
    fn locale(&self) -> [Option<&str>; 6] {
        let Self { encoding, collate, ctype, provider, locale, icu_rules, .. } = self;
        let [encoding, collate, ctype, provider] =
            [encoding, collate, ctype, provider].map(|text| Some(text.as_str()));
        [encoding, collate, ctype, provider, locale.as_deref(), icu_rules.as_deref()]
    }

    /// The statement that creates `fresh` with this owner (without one: the role that creates it), encoding, locale, tablespace and limit, on a server of this
    /// version (docs CREATE DATABASE).
    pub fn creation(&self, fresh: &str, template: &Template, server_version: i32) -> String {
        let owner = match self.owner.as_str() {
            "" => String::new(),
            owner => format!(" OWNER {}", Ident::new(owner)),
        };
        let mut sql = format!(
            "CREATE DATABASE {}{owner} ENCODING {} LC_COLLATE {} LC_CTYPE {} CONNECTION LIMIT {} TEMPLATE {}",
            Ident::new(fresh),
            Literal(&self.encoding),
            Literal(&self.collate),
            Literal(&self.ctype),
            self.connection_limit,
            template.name,
        );
        if server_version >= 150_000 {
            let locale = Literal(self.locale.as_deref().unwrap_or_default());
            sql.push_str(&match self.provider.as_str() {
                "i" => format!(" LOCALE_PROVIDER icu ICU_LOCALE {locale}"),
                "b" => format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {locale}"),
                _ => " LOCALE_PROVIDER libc".to_owned(),
            });
        }
        if let Some(rules) = self.icu_rules.as_deref().filter(|_| server_version >= 160_000) {
            sql.push_str(&format!(" ICU_RULES {}", Literal(rules)));
        }
        if self.tablespace != template.tablespace {
            sql.push_str(&format!(" TABLESPACE {}", Ident::new(&self.tablespace)));
        }
        sql
    }

    /// The statements that give `fresh` these settings and grants.
    pub fn settings_and_grants(&self, fresh: &str) -> Vec<String> {
        let fresh = Ident::new(fresh);
        let settings = self.settings.iter().map(|setting| {
            let whose = match &setting.role {
                None => format!("DATABASE {fresh}"),
                Some(role) => format!("ROLE {} IN DATABASE {fresh}", Ident::new(role)),
            };
            alter(&whose, &setting.name, &setting.value)
        });
        let revoked = self.grants.iter().map(|_| format!("REVOKE ALL ON DATABASE {fresh} FROM PUBLIC"));
        // A manifest may say anything; these are all that there are (docs 5.8, table 5.2).
        let is_one = |grant: &&DatabaseGrant| PRIVILEGES.contains(&grant.privilege.as_str());
        let grants = self.grants.iter().flatten().filter(is_one).map(|grant| {
            let grantee = grant.grantee.as_ref().map_or("PUBLIC".into(), |role| Ident::new(role).to_string());
            let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
            format!("GRANT {} ON DATABASE {fresh} TO {grantee}{option}", grant.privilege)
        });
        settings.chain(revoked).chain(grants).collect()
    }
}

/// What can be granted on a database.
const PRIVILEGES: [&str; 3] = ["CONNECT", "CREATE", "TEMPORARY"];

/// Run the statements of `settings_and_grants`. Returns what was left out, as sentences: a setting that only a superuser may
/// make, and one of an older server that this one does not take.
///
/// # Errors
/// What the server says but for that.
pub fn apply(admin: &mut Session, statements: &[String]) -> Result<Vec<String>, PgError> {
    let mut left_out = Vec::new();
    for statement in statements {
        match admin.query(statement) {
            Err(error) if error.failure() == PgFailure::NoPrivilege => {
                left_out.push(format!("a superuser has to run: {statement};"));
            }
            Err(PgError::Server(error))
                if statement.starts_with("ALTER ") && is_not_taken(&error.0.sqlstate) =>
            {
                left_out.push(format!("left out, because this server does not take it: {statement};"));
            }
            ended => drop(ended?),
        }
    }
    Ok(left_out)
}

/// That there is no such setting, that it has no such value, or that it can no longer be changed, as
/// `standard_conforming_strings` since 19.
fn is_not_taken(sqlstate: &str) -> bool {
    ["42704", "22023", "0A000"].contains(&sqlstate)
}

/// `ALTER … SET`. Everybody may write the settings of his own role, so that none of their text
/// reaches the statement unquoted.
fn alter(whose: &str, name: &str, value: &str) -> String {
    // The settings that hold a list of quoted names (GUC_LIST_QUOTE; as pg_dump's variable_is_guc_list_quote).
    const LISTS: [&str; 6] = [
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    ];
    let names = if LISTS.contains(&name.to_lowercase().as_str()) { names(value) } else { None };
    let value = match names {
        Some(names) => names.iter().map(|name| Literal(name).to_string()).collect::<Vec<_>>().join(", "),
        None => Literal(value).to_string(),
    };
    format!("ALTER {whose} SET {} TO {value}", Ident::new(name))
}

/// The names in a list as the server stores it, each bare or in double quotes; `None` where the text
/// is no such list, or an empty one.
fn names(list: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = list.trim_start();
    loop {
        let mut name = String::new();
        if rest.starts_with('"') {
            let (quoted, after) = ident::quoted(rest)?;
            (name, rest) = (quoted, after.trim_start());
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            name.push_str(rest[..end].trim_end());
            rest = &rest[end..];
            if name.is_empty() || name.contains('"') {
                return None;
            }
        }
        names.push(name);
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_list_is_quoted_by_itself() {
        let check = |name: &str, value: &str, sql: &str| {
            assert_eq!(alter("DATABASE d", name, value), format!("ALTER DATABASE d SET \"{name}\" TO {sql}"));
        };
        check("search_path", "public", "E'public'");
        check("search_path", "public, \"Odd, name\"", "E'public', E'Odd, name'");
        check("search_path", "\"$user\", \"a\"\"b\" ,c", "E'$user', E'a\"b', E'c'");
        check("search_path", "\"\"", "E''");
        check("search_path", "", "E''");
        check("Search_Path", "a, b", "E'a', E'b'");
        check("work_mem", "5MB", "E'5MB'");
        check("DateStyle", "ISO, DMY", "E'ISO, DMY'");
    }

    #[test]
    fn text_that_is_no_list_stays_one_literal() {
        let check = |value: &str, sql: &str| {
            assert_eq!(
                alter("DATABASE d", "search_path", value),
                format!("ALTER DATABASE d SET \"search_path\" TO {sql}")
            );
        };
        check("public; DROP DATABASE shop", "E'public; DROP DATABASE shop'");
        check("a'; DROP TABLE b; --", "E'a''; DROP TABLE b; --'");
        check("\"open", "E'\"open'");
        check("a, , b", "E'a, , b'");
        check("a\"b\\", "E'a\"b\\\\'");
    }
}
