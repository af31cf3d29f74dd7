//! The text of a query for one version of the server, and the phrases that many queries share. It asks nothing.

use super::UNREADABLE;
use super::read::SECRET;
use crate::pg::attver::ATTRIBUTE_VERSION;

/// A query for this version of the server: a line that ends in `--+150000` is for 15 and later, one in `--<150000` for
/// those before (a line may have both); `{…}` are the phrases that many queries share.
pub(super) fn prepared(sql: &str, version: i32) -> String {
    let mut text = String::with_capacity(sql.len());
    for line in sql.lines() {
        let (mut body, mut wanted) = (line, true);
        while let Some((before, note)) = body.rsplit_once("--") {
            let bound = note.get(1..).and_then(|at| at.trim().parse::<i32>().ok());
            match (note.as_bytes().first(), bound) {
                (Some(b'+'), Some(least)) => wanted &= version >= least,
                (Some(b'<'), Some(below)) => wanted &= version < below,
                _ => break,
            }
            body = before;
        }
        if wanted {
            text.push_str(body);
            text.push('\n');
        }
    }
    with_phrases(&text)
}

/// A phrase may be made of phrases.
fn with_phrases(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (before, after) = rest.split_at(at);
        let (phrase, after) = after[2..].split_once("}}").expect("every phrase ends");
        done.push_str(before);
        done.push_str(&with_phrases(&expanded(phrase)));
        rest = after;
    }
    done + rest
}

fn expanded(phrase: &str) -> String {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    match words[..] {
        // A schema that is the user's.
        ["user", n] => format!("{n}.nspname !~ '^pg_' AND {n}.nspname <> 'information_schema'"),
        // Not made by an extension: a set that is read once per query (docs 53.18, `DEPENDENCY_EXTENSION`).
        ["own", class, oid] if class.parse::<u32>().is_ok() => format!(
            "{oid} NOT IN (SELECT e.objid FROM pg_depend e WHERE e.refclassid = 3079 AND e.classid = {class} AND e.deptype = 'e')"
        ),
        ["own", class, oid] => format!(
            "({class}, {oid}) NOT IN (SELECT e.classid, e.objid FROM pg_depend e WHERE e.refclassid = 3079 AND e.deptype = 'e')"
        ),
        ["comment", class, oid] => format!(
            "(SELECT d.description FROM pg_description d WHERE d.objoid = {oid} AND d.classoid = {class} AND d.objsubid = 0)"
        ),
        // Of objects that all databases share: roles, databases, subscriptions' owners.
        ["acl", acl, kind, owner] => {
            let (now, usual) =
                (granted(acl, owner), granted(&format!("acldefault('{kind}', {owner})"), owner));
            format!("CASE WHEN {acl} IS NOT NULL THEN CASE WHEN {now} <> {usual} THEN {now} END END")
        }
        ["grants", acl, owner] => granted(acl, owner),
        // In a list whose entries have several fields: as in COPY, so that names may hold what separates them.
        ["line", text] => format!(
            "replace(replace(replace({text}, E'\\\\', E'\\\\\\\\'), E'\\n', E'\\\\n'), E'\\t', E'\\\\t')"
        ),
        ["owner", owner] => format!("pg_get_userbyid({owner})"),
        // Options sorted by name: their order has no meaning.
        ["options", options] => listed(options, "true"),
        // Options of a column without those that the server writes for itself.
        ["column_options", options] => listed(options, &set_by_user("o")),
        ["set_by_user", option] => set_by_user(option),
        ["secret", option] => secret(option),
        // Whether somebody may see a user mapping's options (docs 54.34, `pg_user_mappings`).
        ["mapping", m, s] => format!(
            "{m}.umuser <> 0 AND {m}.usename = current_user AND (pg_has_role({s}.srvowner, 'USAGE') \
             OR has_server_privilege({s}.oid, 'USAGE')) OR {m}.umuser = 0 AND pg_has_role({s}.srvowner, 'USAGE') \
             OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)"
        ),
        // By declaration alone (docs, ALTER FUNCTION, `DEPENDS ON EXTENSION`).
        ["extensions", class, oid] => format!(
            "(SELECT string_agg(quote_ident(x.extname), E'\\n' ORDER BY x.extname) FROM pg_depend b \
             JOIN pg_extension x ON x.oid = b.refobjid \
             WHERE b.classid = {class} AND b.objid = {oid} AND b.refclassid = 3079 AND b.deptype = 'x')"
        ),
        // The operators and functions of an operator class, or those that are loose in a family.
        ["members", class, oid] => {
            include_str!("sql/shared/members.sql").replace("$1", class).replace("$2", oid)
        }
        ["routine"] => include_str!("sql/shared/routine.sql").to_owned(),
        ["parameters"] => include_str!("sql/shared/parameters.sql").to_owned(),
        ["unreadable"] => format!("'{UNREADABLE}'"),
        _ => unreachable!("no phrase `{phrase}`"),
    }
}

/// Grants as lines `grantee PRIVILEGE [*] [by grantor]`, sorted; `*` may be handed on, and a grantor is somebody else than
/// the owner.
fn granted(acl: &str, owner: &str) -> String {
    let name = |role: &str| format!("quote_ident(pg_get_userbyid(x.{role}))");
    format!(
        "(SELECT coalesce(string_agg(DISTINCT (format('%s %s%s%s', CASE WHEN x.grantee = 0 THEN 'PUBLIC' \
         WHEN x.grantee = {owner} THEN '@owner' ELSE {} END, x.privilege_type, \
         CASE WHEN x.is_grantable AND x.grantee <> {owner} THEN ' *' ELSE '' END, \
         CASE WHEN x.grantor <> {owner} THEN ' by ' || {} ELSE '' END)) COLLATE \"C\", E'\\n'), '') FROM aclexplode({acl}) x)",
        name("grantee"),
        name("grantor"),
    )
}

/// Options as lines, those that hold for `condition`; a secret's value is left out.
fn listed(options: &str, condition: &str) -> String {
    format!(
        "(SELECT string_agg(CASE WHEN {} THEN split_part(o, '=', 1) || '={SECRET}' \
         ELSE replace(replace(o, E'\\\\', E'\\\\\\\\'), E'\\n', E'\\\\n') END, E'\\n' ORDER BY o COLLATE \"C\") \
         FROM unnest({options}) o WHERE {condition})",
        secret("o")
    )
}

/// Whether a user set this option of a column; the server has set the others for itself.
fn set_by_user(option: &str) -> String {
    format!("pg_catalog.substr({option}, 1, {}) <> '{ATTRIBUTE_VERSION}'", ATTRIBUTE_VERSION.len())
}

/// Whether an option's name says that its value is a secret.
fn secret(option: &str) -> String {
    format!(
        "split_part({option}, '=', 1) ~* \
         '(passwo?r?d?|passphrase|pwd|secret|token|credentials?|(api|access|private|secret|service|sa|account)_?key)$'"
    )
}
