//! What `pgkeel diff` shows: for people each object with both definitions, for programs all of it.

use serde::Serialize;

use crate::engine::catalog::{Catalog, Difference, Unmodelled};
use crate::engine::plan::{Hazard, Plan, Wishes, definition};
use crate::engine::proof::Proof;
use crate::ui::{Page, Report, Tone};

use super::side_by_side::side_by_side;

/// The result of a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiffReport {
    from: String,
    to: String,
    same: bool,
    differences: Vec<Object>,
    steps: Vec<StepReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofReport>,
    not_compared: Vec<Unmodelled>,
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

impl DiffReport {
    pub(crate) fn new(
        (from, to): (String, String),
        old: &Catalog,
        new: &Catalog,
        wishes: &Wishes,
        plan: &Plan,
        proof: Option<Proof>,
    ) -> Self {
        let differences =
            old.differences(new, &wishes.scope).iter().map(|found| object(found, old, new)).collect();
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
                        .map(|hazard| HazardReport { hazard: hazard.clone(), text: hazard.to_string() })
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
        not_compared.sort();
        not_compared.dedup();
        let mut report = Self { from, to, same: false, differences, steps, proof, not_compared };
        report.same = report.differences.is_empty() && report.steps.is_empty();
        report
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
        all.extend(self.left_out());
        all
    }

    fn left_out(&self) -> Option<String> {
        if self.not_compared.is_empty() {
            return None;
        }
        let names: Vec<String> =
            self.not_compared.iter().map(|one| format!("{} {}", one.kind, one.name)).collect();
        let count = match names.len() {
            1 => "1 object is".to_owned(),
            several => format!("{several} objects are"),
        };
        Some(format!("{count} not compared: {}", names.join(", ")))
    }
}

fn proved(proof: &ProofReport) -> String {
    let mut text = format!(
        "proved: applied, undone and applied again; {} rows in {} tables survived",
        proof.rows_kept, proof.tables
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
    }
}

impl Report for DiffReport {
    fn text(&self, page: &mut Page) {
        if self.same {
            page.line(&format!("{} and {} are the same", self.from, self.to));
        }
        for object in &self.differences {
            let (sign, tone) = match object.change {
                "added" => ("+", Tone::Good),
                "removed" => ("-", Tone::Bad),
                _ => ("~", Tone::Warn),
            };
            let names: Vec<&str> =
                object.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            let what = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            let head = format!("{sign} {} {} {}{what}", object.kind, object.name, object.change);
            page.line(&page.paint(tone, &head));
            side_by_side(page, object.before.as_deref(), object.after.as_deref());
            page.blank();
        }
        if !self.differences.is_empty() {
            let count =
                |change: &str| self.differences.iter().filter(|object| object.change == change).count();
            page.line(&format!(
                "{} → {}: {} added, {} removed, {} changed; {} statements",
                self.from,
                self.to,
                count("added"),
                count("removed"),
                count("changed"),
                self.steps.len()
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
