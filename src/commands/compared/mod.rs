//! Two catalogs compared, as `diff` and `drift` show it: for people each object with both definitions, for programs all of it.

mod side_by_side;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::catalog::{Catalog, Difference, Id, Kind, Scope, Unmodelled};
use crate::engine::plan::{Candidate, Hazard, Plan, Wishes, definition};
use crate::engine::proof::Proof;
use crate::ui::{Page, Report, Tone};

use side_by_side::side_by_side;

/// The result of a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compared {
    from: String,
    to: String,
    same: bool,
    differences: Vec<Object>,
    /// Tables of which only parts differ.
    #[serde(skip)]
    unchanged: Vec<Object>,
    steps: Vec<StepReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofReport>,
    not_compared: Vec<Unmodelled>,
    /// What goes and comes, and may be the same under a new name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rename_candidates: Vec<CandidateReport>,
}

/// What may have been renamed.
#[derive(Debug, Serialize)]
struct CandidateReport {
    from: String,
    to: String,
    /// As `--rename` takes it.
    wish: String,
    /// Whether nothing else could be either of them.
    only: bool,
}

/// One object that differs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    kind: &'static str,
    name: String,
    change: &'static str,
    attributes: Vec<Attribute>,
    before: Option<String>,
    after: Option<String>,
    #[serde(skip)]
    id: Id,
    /// The table (or domain) that it is written with.
    #[serde(skip)]
    part_of: Option<Id>,
}

/// One attribute that differs.
#[derive(Debug, Serialize)]
struct Attribute {
    name: String,
    from: Option<String>,
    to: Option<String>,
}

/// One statement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StepReport {
    about: String,
    sql: String,
    /// Which transaction it belongs to, from 1.
    part: usize,
    in_transaction: bool,
    hazards: Vec<HazardReport>,
}

/// One hazard.
#[derive(Debug, Serialize)]
struct HazardReport {
    #[serde(flatten)]
    hazard: Hazard,
    text: String,
}

/// What was proved.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofReport {
    rows_kept: u64,
    tables: usize,
    tables_without_rows: Vec<String>,
    lost_on_the_way_back: Vec<String>,
}

impl Compared {
    pub(crate) fn new(
        (from, to): (String, String),
        (old, new): (&Catalog, &Catalog),
        wishes: &Wishes,
        plan: &Plan,
        proof: Option<Proof>,
        unsaid: &[Candidate],
    ) -> Self {
        let usable = new.wanted_from(old);
        let new = usable.as_ref().unwrap_or(new);
        let differences: Vec<Object> =
            old.differences(new, &wishes.scope).iter().map(|found| object(found, old, new)).collect();
        let unchanged = unchanged(&differences, old, new);
        let mut steps = Vec::new();
        for (part, all) in plan.parts().into_iter().enumerate() {
            steps.extend(all.iter().map(|step| {
                StepReport {
                    about: step.about.to_string(),
                    sql: step.sql.clone(),
                    part: part + 1,
                    in_transaction: step.in_transaction,
                    hazards: step
                        .hazards
                        .iter()
                        .map(|hazard| HazardReport { hazard: hazard.clone(), text: step.said(hazard) })
                        .collect(),
                }
            }));
        }
        let proof = proof.map(|proof| ProofReport {
            rows_kept: proof.rows,
            tables: proof.tables,
            tables_without_rows: proof.empty,
            lost_on_the_way_back: proof.lossy,
        });
        let mut not_compared: Vec<Unmodelled> =
            old.unmodelled.iter().chain(&new.unmodelled).cloned().collect();
        not_compared.extend(old.declared_apart(new));
        not_compared.sort();
        not_compared.dedup();
        let candidate = |one: &Candidate| CandidateReport {
            from: one.rename.from.to_string(),
            to: one.rename.to.to_string(),
            wish: one.rename.to_string(),
            only: one.is_only,
        };
        let rename_candidates = unsaid.iter().map(candidate).collect();
        let same = differences.is_empty() && steps.is_empty();
        Self { from, to, same, differences, unchanged, steps, proof, not_compared, rename_candidates }
    }

    pub(crate) fn is_same(&self) -> bool {
        self.same
    }

    /// What is to be said beside the SQL.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.same {
            all.push(format!("{} and {} are the same", self.from, self.to));
        }
        all.extend(self.proof.as_ref().map(proved));
        all.extend(self.maybe_renamed());
        all.extend(self.left_out());
        all
    }

    fn maybe_renamed(&self) -> Vec<String> {
        let said = |one: &CandidateReport| {
            format!(
                "{} goes and {} comes: if they are the same, say `--rename {}`",
                one.from,
                one.to,
                quoted(&one.wish)
            )
        };
        self.rename_candidates.iter().map(said).collect()
    }

    /// What stands on its own, each with what is part of it; the parts of what comes or goes as a whole say nothing more.
    fn grouped(&self) -> Vec<(&Object, Vec<&Object>)> {
        let wholes = self.differences.iter().filter(|object| object.part_of.is_none());
        let mut groups: Vec<(&Object, Vec<&Object>)> =
            wholes.chain(&self.unchanged).map(|object| (object, Vec::new())).collect();
        for part in self.differences.iter().filter(|object| object.part_of.is_some()) {
            let whole = groups.iter_mut().find(|(whole, _)| Some(&whole.id) == part.part_of.as_ref());
            if let Some((whole, parts)) = whole
                && !matches!(whole.change, "added" | "removed")
            {
                parts.push(part);
            }
        }
        groups
    }

    fn left_out(&self) -> Option<String> {
        if self.not_compared.is_empty() {
            return None;
        }
        Some(summary(&self.not_compared))
    }
}

/// How many of each kind; the names where they are few. JSON has all of them.
fn summary(all: &[Unmodelled]) -> String {
    const FEW: usize = 3;
    let is =
        |count: usize| if count == 1 { "1 object is".to_owned() } else { format!("{count} objects are") };
    if all.len() <= FEW {
        let names: Vec<String> = all.iter().map(|one| format!("{} {}", one.kind, one.name)).collect();
        return format!("{} not compared: {}", is(all.len()), names.join(", "));
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter().for_each(|one| *kinds.entry(one.kind.as_str()).or_default() += 1);
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
    format!("{} not compared: {}; --json names them", is(all.len()), kinds.join(", "))
}

/// How many objects differ, a table with its parts being one.
pub(crate) fn objects(old: &Catalog, new: &Catalog, scope: &Scope) -> usize {
    let whole =
        |found: &Difference<'_>| part_of(found.id(), found, old, new).unwrap_or_else(|| found.id().clone());
    old.differences(new, scope).iter().map(whole).collect::<BTreeSet<Id>>().len()
}

fn head(page: &mut Page, object: &Object, indent: &str) {
    let (sign, tone) = match object.change {
        "added" => ("+", Tone::Good),
        "removed" => ("-", Tone::Bad),
        _ => ("~", Tone::Warn),
    };
    let names: Vec<&str> = object.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let what = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let head = format!("{indent}{sign} {} {} {}{what}", object.kind, object.name, object.change);
    page.line(&page.paint(tone, &head));
}

/// A word as a shell reads it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn proved(proof: &ProofReport) -> String {
    let some = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let tables = u64::try_from(proof.tables).unwrap_or(u64::MAX);
    let mut text = format!(
        "proved: applied, undone and applied again; {} in {} survived",
        some(proof.rows_kept, "row"),
        some(tables, "table")
    );
    if !proof.lost_on_the_way_back.is_empty() {
        text.push_str(&format!("; the way back loses {}", proof.lost_on_the_way_back.join(", ")));
    }
    text
}

fn object(found: &Difference<'_>, old: &Catalog, new: &Catalog) -> Object {
    let id = found.id();
    let (change, attributes) = match found {
        Difference::Missing(_) => ("added", Vec::new()),
        Difference::Extra(_) => ("removed", Vec::new()),
        Difference::Other(was, is, names) => {
            let attribute = |name: &&str| Attribute {
                name: (*name).to_owned(),
                from: was.get(name).map(str::to_owned),
                to: is.get(name).map(str::to_owned),
            };
            ("changed", names.iter().map(attribute).collect())
        }
    };
    Object {
        kind: id.kind.noun(),
        name: id.to_string().trim_start_matches(id.kind.noun()).trim_start().to_owned(),
        change,
        attributes,
        before: definition(old, id),
        after: definition(new, id),
        id: id.clone(),
        part_of: part_of(id, found, old, new),
    }
}

/// What a difference is shown with.
fn part_of(id: &Id, found: &Difference<'_>, old: &Catalog, new: &Catalog) -> Option<Id> {
    let fact = match found {
        Difference::Missing(fact) | Difference::Extra(fact) | Difference::Other(_, fact, _) => fact,
    };
    let is_written_inside = match id.kind {
        Kind::Column | Kind::Default | Kind::DomainConstraint => true,
        Kind::Constraint => fact.text("type") != "f",
        _ => false,
    };
    let of = id.of(if id.kind == Kind::DomainConstraint { Kind::Domain } else { Kind::Table });
    (is_written_inside && (old.fact(&of).is_some() || new.fact(&of).is_some())).then_some(of)
}

/// The tables of which only parts differ, to be shown whole.
fn unchanged(differences: &[Object], old: &Catalog, new: &Catalog) -> Vec<Object> {
    let mut all: Vec<Object> = Vec::new();
    for of in differences.iter().filter_map(|object| object.part_of.as_ref()) {
        let is_known = |object: &Object| object.id == *of;
        if differences.iter().any(is_known) || all.iter().any(is_known) {
            continue;
        }
        all.push(Object {
            kind: of.kind.noun(),
            name: of.path(),
            change: "changed",
            attributes: Vec::new(),
            before: definition(old, of),
            after: definition(new, of),
            id: of.clone(),
            part_of: None,
        });
    }
    all
}

impl Report for Compared {
    fn text(&self, page: &mut Page) {
        if self.same {
            page.line(&format!("{} and {} are the same", self.from, self.to));
        }
        for (object, parts) in self.grouped() {
            head(page, object, "");
            parts.iter().for_each(|part| head(page, part, "    "));
            side_by_side(page, object.before.as_deref(), object.after.as_deref());
            page.blank();
        }
        if !self.differences.is_empty() {
            let count =
                |change: &str| self.differences.iter().filter(|object| object.change == change).count();
            let statements = match self.steps.len() {
                0 => String::new(),
                n => format!("; {n} statements"),
            };
            page.line(&format!(
                "{} → {}: {} added, {} removed, {} changed{statements}",
                self.from,
                self.to,
                count("added"),
                count("removed"),
                count("changed"),
            ));
        }
        let hazards = self.steps.iter().flat_map(|step| &step.hazards);
        for hazard in hazards.filter(|one| !matches!(one.hazard, Hazard::Locks { .. })) {
            page.line(&page.paint(Tone::Warn, &format!("{}: {}", hazard.hazard.word(), hazard.text)));
        }
        if let Some(proof) = &self.proof {
            page.line(&page.paint(Tone::Good, &proved(proof)));
        }
        if let Some(left_out) = self.left_out() {
            page.line(&left_out);
        }
    }
}
