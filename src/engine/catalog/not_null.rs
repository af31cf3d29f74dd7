//! Names of NOT NULL constraints: which of them are compared, and where each is.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Catalog, Fact, Kind};

/// Whether a name looks like `table_column_not_null` or `domain_not_null`, perhaps with a number (`ChooseConstraintName`).
pub(super) fn is_given(kind: Kind, name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    name.strip_suffix("_not_null").is_some_and(|of| kind == Kind::Domain || of.contains('_'))
}

/// Where the names of NOT NULL constraints are, by schema and name; made when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct NotNulls(OnceLock<HashMap<(String, String), Vec<usize>>>);

impl Clone for NotNulls {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for NotNulls {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NotNulls {}

impl Catalog {
    /// The columns of a schema whose NOT NULL constraints have this name.
    pub fn not_null_named(&self, schema: &str, name: &str) -> impl Iterator<Item = &Fact> {
        let all = self.not_nulls.0.get_or_init(|| {
            let mut all: HashMap<(String, String), Vec<usize>> = HashMap::new();
            for (at, fact) in self.facts.iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Column) {
                if let Some(name) = fact.get("_not_null_constraint") {
                    all.entry((fact.id.schema.clone(), name.to_owned())).or_default().push(at);
                }
            }
            all
        });
        let at = all.get(&(schema.to_owned(), name.to_owned()));
        at.into_iter().flatten().map(|at| &self.facts[*at])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, Id, Scope, UNREADABLE};
    use super::*;

    #[test]
    fn names_of_not_null_constraints_are_compared_where_people_gave_them() {
        let check = |kind, one: Option<&str>, other: Option<&str>, differs: bool| {
            let fact = |value: Option<&str>| {
                let id = Id::new(kind, "public", "t", "a");
                Fact::new(id, ["not_null_name".to_owned()].into(), vec![value.map(str::to_owned)])
            };
            let (one, other) = (fact(one), fact(other));
            assert_eq!(one.differing(&other, &Scope::default()).len(), usize::from(differs));
            let catalog = |fact| Catalog::new(180_000, String::new(), vec![fact], &[], Vec::new());
            let (one, other) = (catalog(one), catalog(other));
            let same = one.fingerprint(&Scope::default()) == other.fingerprint(&Scope::default());
            assert_eq!(same, !differs);
        };
        check(Kind::Column, None, Some("old_b_not_null"), false);
        check(Kind::Column, Some("old_b_not_null1"), Some("older_b_not_null"), false);
        check(Kind::Column, None, Some("b_not_null"), true);
        check(Kind::Column, Some("must"), Some("old_b_not_null"), true);
        check(Kind::Domain, None, Some("old_not_null"), false);
        check(Kind::Domain, None, Some("must"), true);
    }

    #[test]
    fn what_a_server_before_18_does_not_keep_differs_from_nothing() {
        let fact = |value: &str| {
            let id = Id::new(Kind::Column, "public", "t", "a");
            Fact::new(id, ["not_null_name".to_owned()].into(), vec![Some(value.to_owned())])
        };
        assert!(fact(UNREADABLE).differing(&fact("must"), &Scope::default()).is_empty());
    }
}
