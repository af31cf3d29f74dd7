//! What the checks found, as values: what people, programs, GitHub and SARIF are shown.

use serde::Serialize;

use crate::exit::Exit;
use crate::ui::{Page, Report, Table, Tone};

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Check {
    Layout,
    Replay,
    UpDownUp,
    DesiredState,
    Seeds,
    Generated,
}

impl Check {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Layout => "layout",
            Self::Replay => "replay",
            Self::UpDownUp => "up-down-up",
            Self::DesiredState => "desired state",
            Self::Seeds => "seeds",
            Self::Generated => "generated",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Passed,
    Failed,
    Skipped,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A rule, and what breaking it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// A sentence for people.
    pub(crate) says: &'static str,
    /// The exit code; none for what is only worth knowing.
    pub(crate) exit: Option<Exit>,
}

/// All rules.
pub(crate) mod rules {
    use super::Rule;
    use crate::exit::Exit;

    const fn rule(id: &'static str, says: &'static str, exit: Option<Exit>) -> Rule {
        Rule { id, says, exit }
    }

    pub(crate) const LAYOUT: Rule =
        rule("layout", "The migrations folder must be readable as Diesel reads it.", Some(Exit::Usage));
    pub(crate) const LAYOUT_NOTE: Rule =
        rule("layout-note", "Something in the migrations folder is worth knowing.", None);
    pub(crate) const REPLAY: Rule =
        rule("replay-fails", "All migrations apply to an empty database.", Some(Exit::Failed));
    pub(crate) const DOWN_FAILS: Rule = rule("down-fails", "down.sql runs after up.sql.", Some(Exit::Failed));
    pub(crate) const DOWN_LEAVES: Rule =
        rule("down-leaves", "down.sql brings back the catalog as it was before.", Some(Exit::Different));
    pub(crate) const AGAIN_FAILS: Rule =
        rule("up-again-fails", "up.sql runs again after down.sql.", Some(Exit::Failed));
    pub(crate) const AGAIN_DIFFERS: Rule =
        rule("up-again-differs", "up.sql makes the same a second time.", Some(Exit::Different));
    pub(crate) const DESIRED_FAILS: Rule =
        rule("desired-fails", "The desired state loads into an empty database.", Some(Exit::Failed));
    pub(crate) const DESIRED_DIFFERS: Rule =
        rule("desired-differs", "The migrations make the desired state.", Some(Exit::Different));
    pub(crate) const SEEDS_LAYOUT: Rule =
        rule("seeds-layout", "The seed files can run in one transaction.", Some(Exit::Usage));
    pub(crate) const SEEDS_FAIL: Rule =
        rule("seeds-fail", "The seeds load into the migrated database.", Some(Exit::Failed));
    pub(crate) const SEEDS_TWICE: Rule =
        rule("seeds-twice", "Loading the seeds a second time changes nothing.", Some(Exit::Failed));
    pub(crate) const GENERATED_FAILS: Rule =
        rule("generated-fails", "The generated files can be made.", Some(Exit::Failed));
    pub(crate) const GENERATED_STALE: Rule =
        rule("generated-stale", "The generated files are those of the migrations.", Some(Exit::Different));

    /// In the order of the checks.
    pub(crate) const ALL: [Rule; 14] = [
        LAYOUT,
        LAYOUT_NOTE,
        REPLAY,
        DOWN_FAILS,
        DOWN_LEAVES,
        AGAIN_FAILS,
        AGAIN_DIFFERS,
        DESIRED_FAILS,
        DESIRED_DIFFERS,
        SEEDS_LAYOUT,
        SEEDS_FAIL,
        SEEDS_TWICE,
        GENERATED_FAILS,
        GENERATED_STALE,
    ];
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    #[serde(rename = "rule", serialize_with = "id")]
    pub(crate) rule: Rule,
    /// `error` or `note`.
    pub(crate) level: &'static str,
    /// As seen from the project.
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

fn id<S: serde::Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}

impl Finding {
    pub(crate) fn new(rule: Rule, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let level = if rule.exit.is_some() { "error" } else { "note" };
        Self { rule, level, file: None, line: None, message: message.into(), remedy: remedy.into() }
    }

    #[must_use]
    pub(crate) fn at(self, file: impl Into<String>, line: Option<u32>) -> Self {
        Self { file: Some(file.into()), line, ..self }
    }

    /// `migrations/a/up.sql:3`.
    pub(crate) fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(self.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}")))
    }
}

/// One check, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    pub(crate) check: Check,
    pub(crate) verdict: Verdict,
    /// What was checked; of a skipped one, why it was.
    pub(crate) what: String,
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    pub(crate) fn skipped(check: Check, why: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Skipped, what: why.into(), findings: Vec::new() }
    }

    /// Passed, unless one of the findings is an error.
    pub(crate) fn of(check: Check, what: impl Into<String>, findings: Vec<Finding>) -> Self {
        let failed = findings.iter().any(|finding| finding.rule.exit.is_some());
        let verdict = if failed { Verdict::Failed } else { Verdict::Passed };
        Self { check, verdict, what: what.into(), findings }
    }
}

/// All of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValidateReport {
    pub(crate) passed: bool,
    pub(crate) checks: Vec<Checked>,
}

impl ValidateReport {
    pub(crate) fn new(checks: Vec<Checked>) -> Self {
        Self { passed: checks.iter().all(|checked| checked.verdict != Verdict::Failed), checks }
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|checked| &checked.findings)
    }

    /// What did not run, before what differs, before what is laid out wrongly.
    pub(crate) fn exit(&self) -> Exit {
        let found: Vec<Exit> = self.findings().filter_map(|finding| finding.rule.exit).collect();
        let order = [Exit::Failed, Exit::Different, Exit::Usage];
        order.into_iter().find(|exit| found.contains(exit)).unwrap_or(Exit::Ok)
    }

    /// `1 error, 2 notes`.
    pub(crate) fn counted(&self) -> String {
        let count = |level: &str| self.findings().filter(|finding| finding.level == level).count();
        let some = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let skipped = self.checks.iter().filter(|checked| checked.verdict == Verdict::Skipped).count();
        let mut parts = vec![some(count("error"), "error"), some(count("note"), "note")];
        if skipped > 0 {
            parts.push(format!("{} skipped", some(skipped, "check")));
        }
        parts.join(", ")
    }
}

impl Report for ValidateReport {
    fn text(&self, page: &mut Page) {
        let mut table = Table::new(page, &["check", "result", "what"]);
        for checked in &self.checks {
            let tone = match checked.verdict {
                Verdict::Passed => Tone::Good,
                Verdict::Failed => Tone::Bad,
                Verdict::Skipped => Tone::Dim,
            };
            let verdict = page.paint(tone, checked.verdict.word());
            table.row([checked.check.word().to_owned(), verdict, checked.what.clone()]);
        }
        table.end(page);
        for finding in self.findings() {
            page.blank();
            let tone = if finding.rule.exit.is_some() { Tone::Bad } else { Tone::Dim };
            let head = page.paint(tone, &format!("{} {}", finding.level, finding.rule.id));
            page.line(&match finding.place() {
                Some(place) => format!("{head}: {place}"),
                None => head,
            });
            finding.message.lines().for_each(|line| page.line(&format!("  {line}")));
            if !finding.remedy.is_empty() {
                page.line(&format!("  next: {}", finding.remedy));
            }
        }
        page.blank();
        let word =
            if self.passed { page.paint(Tone::Good, "valid") } else { page.paint(Tone::Bad, "not valid") };
        page.line(&format!("{word}: {}", self.counted()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_run_outweighs_what_differs_and_that_what_is_laid_out_wrongly() {
        let check = |found: &[Rule], exit: Exit| {
            let findings = found.iter().map(|rule| Finding::new(*rule, "", "")).collect();
            assert_eq!(
                ValidateReport::new(vec![Checked::of(Check::Layout, "", findings)]).exit(),
                exit,
                "{found:?}"
            );
        };
        check(&[], Exit::Ok);
        check(&[rules::LAYOUT_NOTE], Exit::Ok);
        check(&[rules::LAYOUT, rules::DOWN_LEAVES], Exit::Different);
        check(&[rules::LAYOUT, rules::DOWN_LEAVES, rules::DOWN_FAILS], Exit::Failed);
        check(&[rules::LAYOUT], Exit::Usage);
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(names.len(), rules::ALL.len());
    }
}
