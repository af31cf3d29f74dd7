//! What belongs to a database as a whole, and what pg_dump leaves out without `--create`: owner, encoding and locale,
//! tablespace, settings, grants, comment.

use serde::{Deserialize, Serialize};

use crate::pg::error::PgError;
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
             FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) setting \
             WHERE d.datname = {name} ORDER BY s.setrole, setting"
        ))?;
        let grants = session.catalog(&format!(
            "SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable \
             FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = {name} AND a.grantee <> d.datdba ORDER BY 1, 2"
        ))?;
        let has_grants = rows.get(0, 10) == Some("t");
        Ok(Some(Self {
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
        }))
    }
}
