//! What belongs to a database as a whole: encoding, locale, tablespace, owner, settings, grants. The
//! new one is made like the old one.

use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// The statement that creates `fresh` like `old`: owner, encoding, locale, tablespace, limit.
///
/// # Errors
/// What the server says.
pub(super) fn creation(admin: &mut Session, old: &str, fresh: &str) -> Result<String, PgError> {
    let Locale { same, clause } = Locale::of(admin.server_version());
    // template1 may hold what the DBA wants in every database; it serves where its locale fits. To name a tablespace
    // takes a right that the template's own does not.
    let rows = admin.catalog(&format!(
        "SELECT format('CREATE DATABASE %I OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s TEMPLATE %I', \
         {fresh}, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datconnlimit, \
         CASE WHEN (d.encoding, d.datcollate, d.datctype{of_d}) IS NOT DISTINCT FROM \
           (one.encoding, one.datcollate, one.datctype{of_one}) THEN 'template1' ELSE 'template0' END){clause} || \
         CASE WHEN d.dattablespace = one.dattablespace THEN '' ELSE format(' TABLESPACE %I', t.spcname) END \
         FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace, pg_database one \
         WHERE d.datname = {old} AND one.datname = 'template1'",
        of_d = same("d"),
        of_one = same("one"),
        fresh = Literal(fresh),
        old = Literal(old),
    ))?;
    let missing = || PgError::Unexpected("the database is not in pg_database".into());
    rows.get(0, 0).map(str::to_owned).ok_or_else(missing)
}

/// Where the server keeps a database's locale provider, and how CREATE DATABASE names it.
struct Locale {
    /// The columns that must be the same as the template's, beside encoding, LC_COLLATE and LC_CTYPE.
    same: fn(&str) -> String,
    /// What is appended to the statement, as SQL.
    clause: &'static str,
}

impl Locale {
    fn of(server_version: i32) -> Self {
        match server_version {
            170_000.. => Self {
                same: |d| format!(", {d}.datlocprovider, {d}.datlocale, {d}.daticurules"),
                clause: " || CASE d.datlocprovider \
                    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', d.datlocale) || \
                      coalesce(format(' ICU_RULES %L', nullif(d.daticurules, '')), '') \
                    WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', d.datlocale) \
                    ELSE ' LOCALE_PROVIDER libc' END",
            },
            160_000.. => Self {
                same: |d| format!(", {d}.datlocprovider, {d}.daticulocale, {d}.daticurules"),
                clause: " || CASE d.datlocprovider \
                    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', d.daticulocale) || \
                      coalesce(format(' ICU_RULES %L', nullif(d.daticurules, '')), '') \
                    ELSE ' LOCALE_PROVIDER libc' END",
            },
            150_000.. => Self {
                same: |d| format!(", {d}.datlocprovider, {d}.daticulocale"),
                clause: " || CASE d.datlocprovider \
                    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', d.daticulocale) \
                    ELSE ' LOCALE_PROVIDER libc' END",
            },
            _ => Self { same: |_| String::new(), clause: "" },
        }
    }
}

/// The statements that give `fresh` the settings and grants of `old`.
///
/// # Errors
/// What the server says.
pub(super) fn settings_and_grants(
    admin: &mut Session,
    old: &str,
    fresh: &str,
) -> Result<Vec<String>, PgError> {
    let settings = admin.catalog(&format!(
        "SELECT CASE WHEN s.setrole = 0 THEN format('DATABASE %I', {fresh}) \
           ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), {fresh}) END, \
         split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1) \
         FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) setting \
         WHERE d.datname = {old}",
        old = Literal(old),
        fresh = Literal(fresh),
    ))?;
    let grants = admin.catalog(&format!(
        "WITH d AS (SELECT * FROM pg_database WHERE datname = {old}) \
         SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {fresh}) FROM d WHERE d.datacl IS NOT NULL \
         UNION ALL \
         SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, {fresh}, \
           CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, \
           CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
         FROM d, aclexplode(d.datacl) a WHERE a.grantee <> d.datdba",
        old = Literal(old),
        fresh = Literal(fresh),
    ))?;
    let cell = |row: &[Option<String>], column: usize| row.get(column).cloned().flatten().unwrap_or_default();
    let settings = settings.rows.iter().map(|row| alter(&cell(row, 0), &cell(row, 1), &cell(row, 2)));
    let grants = grants.rows.iter().map(|row| cell(row, 0));
    Ok(settings.chain(grants).collect())
}

/// Run the statements of `settings_and_grants`.
///
/// # Errors
/// What the server says. A setting that only a superuser may make was made by one: it is left out,
/// and not ours to lose the reset over.
pub(super) fn apply(admin: &mut Session, statements: &[String]) -> Result<(), PgError> {
    for statement in statements {
        match admin.query(statement) {
            Err(error) if error.failure() != PgFailure::NoPrivilege => return Err(error),
            _ => {}
        }
    }
    Ok(())
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
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (part, after) = quoted.split_once('"')?;
                name.push_str(part);
                match after.strip_prefix('"') {
                    Some(more) => {
                        name.push('"');
                        quoted = more;
                    }
                    None => {
                        rest = after.trim_start();
                        break;
                    }
                }
            }
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
