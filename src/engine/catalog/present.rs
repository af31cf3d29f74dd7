//! Which kinds of facts there can be in a database, by the objects that are in it: an empty one is not asked fifty
//! questions. Where nothing tells, a kind is asked for.

use std::collections::HashSet;

use crate::pg::session::Rows;

use super::Kind;

/// The kinds to ask for, from what `objects.sql` gives.
pub(super) fn kinds(objects: &Rows) -> Vec<Kind> {
    let some = |row: &&Vec<Option<String>>| row[2].is_some();
    let mut there: HashSet<(&str, &str)> = HashSet::new();
    for row in objects.rows.iter().filter(some) {
        let class = row[0].as_deref().unwrap_or_default();
        there.extend([(class, row[1].as_deref().unwrap_or_default()), (class, "")]);
    }
    let is_there = |kind: &Kind| places(*kind).is_none_or(|mut all| all.any(|place| there.contains(&place)));
    Kind::ALL.iter().copied().filter(is_there).collect()
}

/// Where the objects of a kind are: a catalog's oid, and which of its rows, as `objects.sql` tells them apart. `None` where
/// what initdb made counts too.
fn places(kind: Kind) -> Option<impl Iterator<Item = (&'static str, &'static str)>> {
    let (class, which) = match kind {
        Kind::Schema | Kind::Language => return None,
        Kind::Extension | Kind::ExtensionGrants => ("3079", ""),
        Kind::Collation => ("3456", ""),
        Kind::Conversion => ("2607", ""),
        Kind::Enum => ("1247", "e"),
        Kind::Composite => ("1259", "c"),
        Kind::Range => ("1247", "r"),
        Kind::BaseType => ("1247", "bp"),
        Kind::Domain | Kind::DomainConstraint => ("1247", "d"),
        Kind::AccessMethod => ("2601", ""),
        Kind::Function => ("1255", "fw"),
        Kind::Procedure => ("1255", "p"),
        Kind::Aggregate => ("1255", "a"),
        Kind::Operator => ("2617", ""),
        Kind::OperatorFamily => ("2753", ""),
        Kind::OperatorClass => ("2616", ""),
        Kind::Cast => ("2605", ""),
        Kind::Transform => ("3576", ""),
        Kind::TextSearchParser => ("3601", ""),
        Kind::TextSearchTemplate => ("3764", ""),
        Kind::TextSearchDictionary => ("3600", ""),
        Kind::TextSearchConfiguration => ("3602", ""),
        Kind::ForeignDataWrapper => ("2328", ""),
        Kind::Server => ("1417", ""),
        Kind::UserMapping => ("1418", ""),
        Kind::Sequence | Kind::SequenceOwner => ("1259", "S"),
        Kind::Table | Kind::Column => ("1259", "rpf"),
        Kind::Default => ("2604", ""),
        Kind::View => ("1259", "v"),
        Kind::MaterializedView => ("1259", "m"),
        Kind::Constraint => ("2606", ""),
        Kind::Index => ("1259", "iI"),
        Kind::Partition => ("1259", "p"),
        Kind::IndexPartition => ("1259", "I"),
        Kind::Statistics => ("3381", ""),
        Kind::Rule => ("2618", "r"),
        Kind::Trigger => ("2620", "t"),
        Kind::Policy => ("3256", ""),
        Kind::Publication | Kind::PublicationTable | Kind::PublicationSchema => ("6104", ""),
        Kind::Subscription => ("6100", ""),
        Kind::EventTrigger => ("3466", ""),
        Kind::DefaultPrivileges => ("826", ""),
    };
    let letters: Vec<&str> =
        if which.is_empty() { vec![""] } else { which.split("").filter(|l| !l.is_empty()).collect() };
    Some(letters.into_iter().map(move |letter| (class, letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(&str, &str, Option<&str>)]) -> Rows {
        let row = |(class, which, oids): &(&str, &str, Option<&str>)| {
            vec![Some((*class).to_owned()), Some((*which).to_owned()), oids.map(str::to_owned)]
        };
        Rows { rows: of.iter().map(row).collect(), ..Rows::default() }
    }

    #[test]
    fn only_what_can_be_there_is_asked_for() {
        assert_eq!(kinds(&rows(&[("2617", "", None)])), [Kind::Schema, Kind::Language]);
        let some = rows(&[("1259", "p", Some("16384")), ("1255", "w", Some("16400 16401"))]);
        let wanted =
            [Kind::Schema, Kind::Language, Kind::Function, Kind::Table, Kind::Column, Kind::Partition];
        assert_eq!(kinds(&some), wanted);
    }
}
