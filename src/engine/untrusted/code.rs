//! Finds the code in a catalog that roles other than superusers wrote. Building the definitions in another database and
//! inserting rows runs it there.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Functions of PostgreSQL and its extensions that run SQL given as text, or reach outside of the database. A call of one
/// leaves no row in pg_depend.
const RUNNING: [&str; 16] = [
    "to_xml",
    "dblink",
    "lo_import",
    "lo_export",
    "lo_put",
    "pg_read_",
    "pg_ls_",
    "pg_stat_file",
    "pg_file_",
    "set_config",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
    "xpath_table",
    "pg_reload_conf",
];

/// The roles of the server that a catalog was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Superusers and roles that can become one.
    trusted: BTreeSet<String>,
    /// The role that read it and the roles that it is a member of.
    mine: BTreeSet<String>,
}

/// An object of a role other than a superuser that is a function or calls one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// `function public.f(integer)`
    pub what: String,
    /// Its owner.
    pub owner: String,
    /// Whether the role that read the catalog is this owner or a member of it.
    pub is_mine: bool,
    /// Whether only a record that a lesser role can change says that the object exists.
    pub is_claimed: bool,
}

impl Roles {
    /// Read them.
    ///
    /// # Errors
    /// What the server says.
    pub fn read(session: &mut Session) -> Result<Self, PgError> {
        let rows = session.catalog(
            "SELECT r.rolname, \
               r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s \
                 WHERE s.rolsuper AND pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER')), \
               r.rolname OPERATOR(pg_catalog.=) current_user \
                 OR NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER') \
             FROM pg_catalog.pg_roles r, pg_catalog.pg_roles me WHERE me.rolname OPERATOR(pg_catalog.=) current_user",
        )?;
        let of = |column| {
            (0..rows.rows.len())
                .filter(|row| rows.get(*row, column) == Some("t"))
                .filter_map(|row| rows.get(row, 0).map(str::to_owned))
                .collect()
        };
        Ok(Self { trusted: of(1), mine: of(2) })
    }

    /// Without the reading role's own: for definitions that it did not write.
    #[must_use]
    pub fn of_others(self) -> Self {
        Self { mine: BTreeSet::new(), ..self }
    }

    /// Whether a role is a superuser, or can become one.
    pub fn trusts(&self, role: &str) -> bool {
        self.trusted.contains(role)
    }

    fn of(&self, fact: &Fact, owner: &str) -> Code {
        Code {
            what: fact.id.to_string(),
            owner: owner.to_owned(),
            is_mine: self.mine.contains(owner),
            is_claimed: false,
        }
    }
}

/// Functions, aggregates and operators of roles other than superusers, and their objects that call a function of any role.
pub fn code(catalog: &Catalog, roles: &Roles) -> Vec<Code> {
    let owner = |fact: &Fact| owner(catalog, fact);
    let lesser = |fact: &Fact| owner(fact).filter(|owner| !roles.trusts(owner));
    let mut found: BTreeSet<Code> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut todo: Vec<usize> = Vec::new();
    for (at, fact) in catalog.facts().iter().enumerate() {
        if is_code(fact) {
            found.extend(lesser(fact).map(|owner| roles.of(fact, &owner)));
            todo.push(at);
        } else if runs_text(fact) {
            found.extend(lesser(fact).map(|owner| roles.of(fact, &owner)));
        }
    }
    while let Some(at) = todo.pop() {
        for (above, _) in catalog.needed(at) {
            if seen.insert(*above) {
                let fact = &catalog.facts()[*above];
                found.extend(lesser(fact).map(|owner| roles.of(fact, &owner)));
                todo.push(*above);
            }
        }
    }
    found.into_iter().collect()
}

/// The same for a catalog that is stored in a table of a lesser role, which can claim any owner in it: a superuser's code is
/// believed only where the live catalog has the same.
pub fn recorded(stored: &Catalog, live: &Catalog, roles: &Roles) -> Vec<Code> {
    let mut found = code(stored, roles);
    let claimed = stored.facts().iter().filter(|fact| is_code(fact) && live.fact(&fact.id) != Some(fact));
    let of = |fact: &Fact| roles.of(fact, &owner(stored, fact).unwrap_or_default());
    found.extend(claimed.map(|fact| Code { is_claimed: true, ..of(fact) }));
    found
}

fn is_code(fact: &Fact) -> bool {
    matches!(fact.id.kind, Kind::Function | Kind::Procedure | Kind::Aggregate | Kind::Operator)
}

fn runs_text(fact: &Fact) -> bool {
    let runs = |text: &str| RUNNING.iter().any(|word| text.contains(word));
    fact.attributes().any(|(name, value)| name != "comment" && value.is_some_and(runs))
}

/// Who owns it: for a part of something, who owns the whole.
fn owner(catalog: &Catalog, fact: &Fact) -> Option<String> {
    let own = |fact: &Fact| match fact.names().any(|name| name == "owner") {
        true => fact.get("owner").map(str::to_owned),
        false => None,
    };
    let relations = [Kind::Table, Kind::View, Kind::MaterializedView];
    let whole = match fact.id.kind {
        Kind::Index => Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""),
        _ => fact.id.clone(),
    };
    let mut wholes =
        relations.into_iter().chain([Kind::Domain, Kind::Publication]).map(|kind| whole.of(kind));
    own(fact).or_else(|| wholes.find_map(|id| catalog.fact(&id).and_then(own)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::catalog::Hold;
    use std::sync::Arc;

    /// Facts from names, owners (empty: the kind has none) and definitions.
    fn catalog(facts: &[(Id, &str, &str)], edges: &[(usize, usize)]) -> Catalog {
        let names =
            |names: &[&str]| -> Arc<[String]> { names.iter().map(|name| (*name).to_owned()).collect() };
        let fact = |(id, owner, text): &(Id, &str, &str)| match *owner {
            "" => Fact::made(id.clone(), names(&["definition"]), vec![Some((*text).to_owned())]),
            owner => {
                let values = vec![Some(owner.to_owned()), Some((*text).to_owned())];
                Fact::made(id.clone(), names(&["owner", "definition"]), values)
            }
        };
        let edges: Vec<_> = edges.iter().map(|(from, to)| (*from, *to, Hold::Normal)).collect();
        Catalog::new(150_000, "dev".into(), facts.iter().map(fact).collect(), &edges, Vec::new())
    }

    fn roles() -> Roles {
        Roles { trusted: BTreeSet::from(["dev".to_owned()]), mine: BTreeSet::from(["app".to_owned()]) }
    }

    fn id(kind: Kind, sub: &str) -> Id {
        let name = if kind == Kind::Function { "f" } else { "t" };
        Id::new(kind, "public", name, sub)
    }

    #[track_caller]
    fn check(catalog: &Catalog, expected: &[&str]) {
        let said =
            |one: Code| format!("{} of {}{}", one.what, one.owner, if one.is_mine { " (mine)" } else { "" });
        assert_eq!(code(catalog, &roles()).into_iter().map(said).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn functions_of_lesser_roles_are_code_and_so_is_what_calls_any_function_for_them() {
        let with = |function: &str, table: &str, text: &str| {
            let facts = [
                (id(Kind::Function, ""), function, ""),
                (id(Kind::Table, ""), table, ""),
                (id(Kind::Constraint, "c"), "", text),
            ];
            catalog(&facts, &[(2, 0), (2, 1)])
        };
        check(&with("dev", "dev", ""), &[]);
        check(&with("app", "dev", ""), &["function public.f() of app (mine)"]);
        check(&with("mallory", "dev", ""), &["function public.f() of mallory"]);
        check(&with("dev", "mallory", ""), &["constraint public.t.c of mallory"]);
        let alone = |table: &str, text: &str| {
            catalog(&[(id(Kind::Table, ""), table, ""), (id(Kind::Constraint, "c"), "", text)], &[(1, 0)])
        };
        check(&alone("mallory", "CHECK (a > 0)"), &[]);
        let text = "CHECK (query_to_xml('SELECT 1', true, true, '') IS NOT NULL)";
        check(&alone("mallory", text), &["constraint public.t.c of mallory"]);
        check(&alone("dev", text), &[]);
    }

    #[test]
    fn what_a_record_claims_of_a_superuser_must_be_there() {
        let of = |owner, text| catalog(&[(id(Kind::Function, ""), owner, text)], &[]);
        let (there, other) = (of("dev", "a"), of("dev", "b"));
        assert_eq!(recorded(&there, &there, &roles()), []);
        let claimed = recorded(&other, &there, &roles());
        assert!(claimed.len() == 1 && claimed[0].is_claimed, "{claimed:?}");
    }
}
