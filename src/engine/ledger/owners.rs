//! Whose the tables of the record are, and who may own them when we write: objects are not trusted because of their name.

use std::collections::BTreeSet;

use crate::pg::ident::Ident;
use crate::pg::literal::Literal;

use super::LEDGER_TABLE;
use super::look::OURS;

/// How near an owner is to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The session's own role, or a superuser.
    Own,
    /// A role that the session's role is a member of, or the database's owner.
    Near,
    /// Any other role.
    Far,
}

/// A table of the record, or the bookkeeping schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its schema.
    pub schema: String,
    /// The table; nothing for the schema itself.
    pub table: Option<String>,
    /// As `pg_class.relkind`.
    pub kind: String,
    /// Its owner.
    pub owner: String,
    /// How near that is.
    pub standing: Standing,
    /// Whether the session may do with it what its owner may.
    pub is_ours_to_lock: bool,
}

impl Owned {
    /// What it is, for a sentence.
    pub fn name(&self) -> String {
        match &self.table {
            Some(table) => format!("{}.{table}", self.schema),
            None => self.schema.clone(),
        }
    }

    /// The word for what is there under a table's name; nothing for a table.
    pub fn other_kind(&self) -> Option<&'static str> {
        self.table.as_ref()?;
        kind_word(&self.kind)
    }
}

/// The word for a relation that is not an ordinary table.
pub fn kind_word(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "r" => return None,
        "v" => "a view",
        "m" => "a materialized view",
        "f" => "a foreign table",
        "p" => "a partitioned table",
        "S" => "a sequence",
        _ => "no table",
    })
}

/// Separates the columns and the rows of `query`.
const UNIT: char = '\u{2}';
const RECORD: char = '\u{1}';

/// Roles in the terms of the catalog: `own` is the session's roles and all superusers; `near` is these, what the session's
/// roles are members of (for a superuser, `pg_has_role` says yes to all), the database's owner, and the named ones. Two
/// common table expressions.
pub(super) fn roles(session: &str, named: &[String]) -> String {
    let named: Vec<String> = named.iter().map(|name| Literal(name).to_string()).collect();
    let named = named.iter().map(|name| format!("{name}, ")).collect::<String>();
    format!(
        "own (oid) AS (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolsuper \
         OR r.rolname OPERATOR(pg_catalog.=) ANY ({session})), \
         mine (oid) AS (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) ANY ({session}) \
         UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN mine ON mine.oid OPERATOR(pg_catalog.=) m.member), \
         near (oid) AS (SELECT oid FROM own UNION ALL SELECT oid FROM mine UNION ALL SELECT d.datdba \
         FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
         UNION ALL SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) \
         ANY (ARRAY[{named}'pg_database_owner']::pg_catalog.name[]))"
    )
}

/// The SQL expression of who owns what of the record, as one text; nothing where none of it is there.
pub(super) fn query(bookkeeping: &Ident) -> String {
    let ours: Vec<String> = OURS.iter().map(|name| Literal(name).to_string()).collect();
    format!(
        "(WITH RECURSIVE {roles} SELECT pg_catalog.string_agg(pg_catalog.concat_ws(pg_catalog.chr(2), k.schema, k.name, \
         k.kind, o.rolname, CASE WHEN k.owner OPERATOR(pg_catalog.=) ANY (SELECT oid FROM own) THEN 'own' \
         WHEN k.owner OPERATOR(pg_catalog.=) ANY (SELECT oid FROM near) THEN 'near' ELSE 'far' END, pg_catalog.pg_has_role(k.owner, 'MEMBER')), pg_catalog.chr(1)) \
         FROM (SELECT n.nspname, ''::pg_catalog.name, 'n'::pg_catalog.\"char\", n.nspowner FROM pg_catalog.pg_namespace n \
         WHERE n.nspname OPERATOR(pg_catalog.=) {schema} UNION ALL SELECT n.nspname, c.relname, c.relkind, c.relowner \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('{LEDGER_TABLE}')::pg_catalog.oid \
         OR (n.nspname OPERATOR(pg_catalog.=) {schema} AND c.relname OPERATOR(pg_catalog.=) \
         ANY (ARRAY[{ours}]::pg_catalog.name[]))) k (schema, name, kind, owner) \
         JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) k.owner)",
        roles = roles("ARRAY[session_user, current_user]::pg_catalog.name[]", &[]),
        schema = format_args!("{}::pg_catalog.name", Literal(bookkeeping.as_str())),
        ours = ours.join(", "),
    )
}

/// The answer.
pub(super) fn parse(text: &str) -> Vec<Owned> {
    text.split(RECORD).filter(|row| !row.is_empty()).filter_map(owned).collect()
}

fn owned(row: &str) -> Option<Owned> {
    let mut cells = row.split(UNIT).map(str::to_owned);
    let (schema, table, kind, owner) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let standing = match cells.next()?.as_str() {
        "own" => Standing::Own,
        "near" => Standing::Near,
        _ => Standing::Far,
    };
    let table = Some(table).filter(|table| !table.is_empty());
    Some(Owned { schema, table, kind, owner, standing, is_ours_to_lock: cells.next()? == "t" })
}

/// Whose tables we write, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    /// The tables whose owner is neither the session's role nor a superuser: schema and name.
    pub(super) others: BTreeSet<(String, String)>,
    /// The roles that `trusted_owners` names.
    pub(super) trusted: Vec<String>,
    /// The session's roles: who connected, and who the role's settings make of it.
    pub(super) session: Vec<String>,
}

impl Owners {
    /// Another role counts as the session's own from now on.
    pub(super) fn join(&mut self, role: &str) {
        self.session.push(role.to_owned());
    }

    /// As they were read, and as those that are missing will be.
    pub fn of(facts: &super::Facts, trusted: &[String], bookkeeping: &Ident) -> Self {
        let others = facts.owned.iter().filter(|one| one.standing != Standing::Own);
        let mut others: BTreeSet<(String, String)> =
            others.filter_map(|one| Some((one.schema.clone(), one.table.clone()?))).collect();
        if facts.owner_of_new().is_some() {
            let missing =
                facts.missing(bookkeeping).map(|table| (bookkeeping.as_str().to_owned(), table.to_owned()));
            others.extend(missing);
            let schema = facts.ledger_schema.clone().filter(|_| !facts.has_ledger);
            others.extend(schema.map(|schema| (schema, LEDGER_TABLE.to_owned())));
        }
        let mut session = vec![facts.role.clone(), facts.current_role.clone()];
        session.dedup();
        Self { others, trusted: trusted.to_vec(), session }
    }
}

impl Owners {
    /// Whether what is owned so may be written.
    pub fn accepts(&self, one: &Owned) -> bool {
        strangers(std::slice::from_ref(one), &self.trusted).next().is_none()
    }
}

/// What may not be written, because of its owner.
pub fn strangers<'a>(owned: &'a [Owned], trusted: &'a [String]) -> impl Iterator<Item = &'a Owned> {
    owned.iter().filter(|one| one.standing == Standing::Far && !trusted.contains(&one.owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_back_and_judged() {
        let all = parse(
            "pgkeel\u{2}\u{2}n\u{2}m\u{2}far\u{2}f\u{1}public\u{2}__diesel_schema_migrations\u{2}v\u{2}o\u{2}own\u{2}t",
        );
        assert_eq!(
            all.iter().map(Owned::name).collect::<Vec<_>>(),
            ["pgkeel", "public.__diesel_schema_migrations"]
        );
        assert_eq!(all.iter().map(Owned::other_kind).collect::<Vec<_>>(), [None, Some("a view")]);
        assert_eq!(strangers(&all, &[]).map(|one| &*one.owner).collect::<Vec<_>>(), ["m"]);
        assert_eq!(strangers(&all, &["m".to_owned()]).count(), 0);
    }
}
