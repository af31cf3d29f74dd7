//! One direction of one case: plan, apply, look at the result with both observers, and at what `case.toml` expects.

use std::fmt::Write as _;

use pgkeel::engine::catalog::{Catalog, Scope};
use pgkeel::engine::plan::{Plan, Rename, Wishes, plan};

use super::case::Expected;
use super::lab::{Lab, State};
use super::text;

/// From where to where, and what is expected.
pub(super) struct Way<'a> {
    pub(super) from: &'a State,
    pub(super) to: &'a State,
    pub(super) renames: &'a [String],
    pub(super) expected: &'a Expected,
    /// What is compared.
    pub(super) scope: Scope,
    /// Whether the rows came along, so that queries can be asked.
    pub(super) filled: bool,
}

/// What became of it.
#[derive(Default)]
pub(super) struct Outcome {
    /// What was not as expected.
    pub(super) complaints: Vec<String>,
    /// The plan as text, or why there is none.
    pub(super) script: String,
    /// The state in which the database is now, where the plan was applied.
    pub(super) arrived: Option<State>,
}

impl Way<'_> {
    /// Walk it in a database that is in the first state.
    pub(super) fn walk(&self, lab: &Lab) -> Outcome {
        let mut outcome = Outcome::default();
        match self.plan_way() {
            Err(why) if self.expected.refuses => outcome.script = format!("-- refused: {why}\n"),
            Err(why) => outcome.complaints.push(format!("there is no plan: {why}")),
            Ok(plan) => {
                outcome.script = plan.script();
                self.hazards(&plan, &mut outcome);
                self.apply(&plan, lab, &mut outcome);
            }
        }
        outcome
    }

    fn plan_way(&self) -> Result<Plan, String> {
        let (from, to) = (&self.from.catalog, &self.to.catalog);
        let renames = Rename::parse_all(self.renames, from, to).map_err(|error| error.to_string())?;
        plan(from, to, &Wishes { renames, scope: self.scope, ..Wishes::default() })
            .map_err(|error| error.to_string())
    }

    fn plan(&self, from: &Catalog, to: &Catalog) -> Result<Plan, String> {
        plan(from, to, &Wishes { scope: self.scope, ..Wishes::default() }).map_err(|error| error.to_string())
    }

    fn hazards(&self, plan: &Plan, outcome: &mut Outcome) {
        let said: Vec<&str> =
            plan.steps.iter().flat_map(|step| &step.hazards).map(|hazard| hazard.word()).collect();
        let wanted = self.expected.hazards.iter().map(String::as_str);
        let also =
            [self.expected.fails.as_ref().map(|_| "will-fail"), self.expected.refuses.then_some("data-loss")];
        for hazard in wanted.chain(also.into_iter().flatten()).filter(|hazard| !said.contains(hazard)) {
            let complaint = format!("the plan does not say `{hazard}`");
            if !outcome.complaints.contains(&complaint) {
                outcome.complaints.push(complaint);
            }
        }
        let usable = self.to.catalog.wanted_from(&self.from.catalog);
        let to = usable.as_ref().unwrap_or(&self.to.catalog);
        let unmodelled = self.from.catalog.unmodelled.iter().chain(&to.unmodelled);
        let left_out: Vec<String> = unmodelled.map(|one| format!("{} {}", one.kind, one.name)).collect();
        for part in &self.expected.leaves {
            let is_told = left_out.iter().any(|name| name.contains(part)) || said.contains(&"by-hand");
            if !is_told {
                outcome.complaints.push(format!("nobody says that `{part}` is left"));
            }
        }
        if self.plan_way().map(|again| again.script()) != Ok(plan.script()) {
            outcome.complaints.push("the same plan, made again, is another".into());
        }
    }

    fn apply(&self, plan: &Plan, lab: &Lab, outcome: &mut Outcome) {
        match (lab.apply(plan), &self.expected.fails) {
            (Ok(()), None) => {}
            (Ok(()), Some(wanted)) => {
                return outcome.complaints.push(format!("it was applied, and should fail with {wanted}"));
            }
            (Err(stopped), Some(wanted)) if wanted.split(' ').any(|state| state == stopped.sqlstate()) => {
                return;
            }
            (Err(stopped), _) => {
                return outcome.complaints.push(format!("{}\n{}", stopped.error, stopped.statement));
            }
        }
        match lab.state() {
            Ok(now) => {
                self.compare(&now, outcome);
                outcome.arrived = Some(now);
            }
            Err(why) => outcome.complaints.push(why),
        }
        if self.filled {
            self.ask(lab, outcome);
        }
    }

    fn compare(&self, now: &State, outcome: &mut Outcome) {
        let mut complaint = String::new();
        let is_left = |text: &str| self.expected.leaves.iter().any(|part| text.contains(part.as_str()));
        for difference in now.catalog.differences(&self.to.catalog, &self.scope) {
            if is_left(&difference.id().to_string()) {
                continue;
            }
            write!(complaint, "\n{difference:?}").unwrap();
        }
        if !complaint.is_empty() {
            outcome.complaints.push(format!("it still differs:{complaint}"));
        }
        match self.plan(&now.catalog, &self.to.catalog) {
            Ok(plan) if plan.is_empty() => {}
            Ok(plan) if complaint.is_empty() => {
                outcome.complaints.push(format!("another plan is not empty:\n{}", plan.script()));
            }
            Ok(_) => {}
            Err(why) => outcome.complaints.push(format!("another plan fails: {why}")),
        }
        let before = self.renames.is_empty().then_some(&self.from.dump[..]);
        let (mut extra, mut missing) = text::difference(&now.dump, &self.to.dump, before);
        extra.retain(|statement| !is_left(statement));
        missing.retain(|statement| !is_left(statement));
        if !extra.is_empty() || !missing.is_empty() {
            let list = |statements: Vec<String>| statements.join("\n");
            outcome.complaints.push(format!(
                "pg_dump finds\n{}\n  in place of\n{}",
                list(extra),
                list(missing)
            ));
        }
    }

    fn ask(&self, lab: &Lab, outcome: &mut Outcome) {
        for (query, wanted) in &self.expected.answers {
            match lab.answer(query) {
                Ok(found) if found == *wanted => {}
                Ok(found) => outcome.complaints.push(format!("{query}: {found}, not {wanted}")),
                Err(why) => outcome.complaints.push(why),
            }
        }
    }
}
