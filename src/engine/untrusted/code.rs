//! Finds the code in a catalog that roles other than superusers wrote. Building the definitions in another database and
//! inserting rows runs it there.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Functions of PostgreSQL that only compute, types with a modifier, and words of SQL that stand before a parenthesis. A
/// call of another one may run SQL given as text or reach outside of the database, and leaves no row in pg_depend.
const HARMLESS: &str = " abs age avg array_agg array_length array_to_string bit bool_and bool_or bpchar btrim cardinality \
     ceil char char_length character clock_timestamp coalesce concat concat_ws count current_setting date_part date_trunc \
     decimal dense_rank encode every extract first_value float floor format gen_random_uuid greatest initcap interval \
     json_build_object jsonb_agg jsonb_array_length jsonb_build_object jsonb_typeof lag last_value lead least left length \
     lower lpad ltrim make_date max md5 min nextval now nullif numeric octet_length percentile_cont position rank replace \
     right round row row_number rpad rtrim split_part statement_timestamp string_agg strpos substr substring sum time \
     timestamp timezone to_char to_date to_timestamp to_tsvector transaction_timestamp trim trunc upper varbit varchar \
     varying ";

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
        } else if matches!(fact.id.kind, Kind::Rule | Kind::Trigger) || calls(fact) {
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

/// Whether an expression of it calls a function that is not known to be harmless.
fn calls(fact: &Fact) -> bool {
    fact.attributes().any(|(name, value)| {
        let text = value.unwrap_or_default();
        name != "comment"
            && !text.starts_with("FOREIGN KEY")
            && names_before_parenthesis(text).any(|name| !is_harmless(&name))
    })
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.split(' ').any(|known| known == name)
}

/// The words that stand directly before a parenthesis, in lower case; of a quoted name its closing quote.
fn names_before_parenthesis(text: &str) -> impl Iterator<Item = String> {
    text.match_indices('(').filter_map(|(at, _)| {
        let before = &text[..at];
        if before.ends_with('"') {
            return Some("\"".to_owned());
        }
        let begin = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        (begin < before.len()).then(|| before[begin..].to_lowercase())
    })
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
        check(&alone("mallory", "CHECK (lower(a) <> ''::character varying(10))"), &[]);
        check(&alone("mallory", "FOREIGN KEY (a) REFERENCES b(id)"), &[]);
        for text in ["CHECK (pg_drop_replication_slot('a') IS NULL)", "CHECK (public.\"Odd\"(a))"] {
            check(&alone("mallory", text), &["constraint public.t.c of mallory"]);
        }
        let rule = |owner: &str| {
            catalog(&[(id(Kind::Table, ""), owner, ""), (id(Kind::Rule, "r"), "", "")], &[(1, 0)])
        };
        check(&rule("mallory"), &["rule public.t.r of mallory"]);
        check(&rule("dev"), &[]);
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
