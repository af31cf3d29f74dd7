//! Takes altered default privileges out for the time of a restore in place: pg_dump writes grants as they differ from those of
//! a database without altered ones, and objects that are created here would get the altered ones as well.

use crate::pg::error::PgError;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::Session;

/// The altered default privileges of one role for one kind of object.
#[derive(Debug)]
pub(super) struct Altered {
    /// Everywhere, or in this schema.
    schema: Option<String>,
    /// What leaves them as in a new database.
    reset: Vec<String>,
    /// What brings them back from there.
    put_back: Vec<String>,
}

/// Rows that this role may alter: for each, the statement before its privileges, its schema, and three lists of what
/// follows: revokes of what it has, grants and revokes of what PostgreSQL gives by default, grants of what it has.
const ALTERED: &str = "SELECT pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s ', o.rolname, \
         CASE WHEN n.oid IS NULL THEN '' ELSE pg_catalog.format(' IN SCHEMA %I', n.nspname) END), n.nspname, \
       (SELECT pg_catalog.json_agg(DISTINCT pg_catalog.format('REVOKE ALL ON %s FROM %s', k.word, g.name)) \
        FROM pg_catalog.aclexplode(d.defaclacl) x, LATERAL {grantee}), \
       (SELECT pg_catalog.json_agg(pg_catalog.format('GRANT %s ON %s TO %s', x.privilege_type, k.word, g.name)) \
        FROM pg_catalog.aclexplode(pg_catalog.acldefault(k.kind::pg_catalog.\"char\", d.defaclrole)) x, LATERAL {grantee} WHERE n.oid IS NULL), \
       (SELECT pg_catalog.json_agg(DISTINCT pg_catalog.format('REVOKE ALL ON %s FROM %s', k.word, g.name)) \
        FROM pg_catalog.aclexplode(pg_catalog.acldefault(k.kind::pg_catalog.\"char\", d.defaclrole)) x, LATERAL {grantee} WHERE n.oid IS NULL), \
       (SELECT pg_catalog.json_agg(pg_catalog.format('GRANT %s ON %s TO %s%s', x.privilege_type, k.word, g.name, \
           CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)) \
        FROM pg_catalog.aclexplode(d.defaclacl) x, LATERAL {grantee}) \
     FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) d.defaclrole \
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) d.defaclnamespace \
       JOIN (VALUES ('r', 'r', 'TABLES'), ('S', 's', 'SEQUENCES'), ('f', 'f', 'FUNCTIONS'), ('T', 'T', 'TYPES'), \
           ('n', 'n', 'SCHEMAS'), ('L', 'L', 'LARGE OBJECTS')) k (type, kind, word) \
         ON k.type::pg_catalog.\"char\" OPERATOR(pg_catalog.=) d.defaclobjtype \
     WHERE pg_catalog.pg_has_role(d.defaclrole, 'USAGE') ORDER BY 1, k.word";

/// The grantee of `x` as SQL.
const GRANTEE: &str = "(SELECT CASE WHEN x.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
       ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END) g (name)";

/// Read them.
///
/// # Errors
/// What the server says.
pub(super) fn read(session: &mut Session) -> Result<Vec<Altered>, PgError> {
    let rows = session.catalog(&ALTERED.replace("{grantee}", GRANTEE))?;
    let mut all = Vec::new();
    for row in 0..rows.rows.len() {
        let before = rows.get(row, 0).unwrap_or_default();
        let list = |column| -> Vec<String> {
            let found: Vec<String> =
                rows.get(row, column).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
            found.into_iter().map(|rest| format!("{before}{rest}")).collect()
        };
        all.push(Altered {
            schema: rows.get(row, 1).map(str::to_owned),
            reset: [list(2), list(3)].concat(),
            put_back: [list(4), list(5)].concat(),
        });
    }
    Ok(all)
}

/// As SQL, before anything is dropped.
pub(super) fn reset(all: &[Altered]) -> String {
    all.iter().flat_map(|one| &one.reset).map(|sql| format!("{sql};\n")).collect()
}

/// Bring those back that the archive does not bring, where their schema is still there.
pub(super) fn put_back(all: &[Altered], comes_back: impl Fn(Option<&str>) -> bool) -> String {
    let kept = all.iter().filter(|one| !comes_back(one.schema.as_deref()));
    let rows: Vec<String> = kept
        .flat_map(|one| one.put_back.iter().map(|sql| (one.schema.as_deref(), sql)))
        .enumerate()
        .map(|(at, (schema, sql))| format!("({at}, {}::pg_catalog.name, {})", Nullable(schema), Literal(sql)))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "SELECT v.sql FROM (VALUES {}) v (at, schema, sql) WHERE v.schema IS NULL OR EXISTS (\
           SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) v.schema) ORDER BY v.at \\gexec\n",
        rows.join(", ")
    )
}
