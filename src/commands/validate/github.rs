//! The findings as GitHub Actions shows them: beside the lines, and as the summary of the job.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::ui::{Annotation, Ui};

use super::report::{ValidateReport, Verdict};

/// One annotation for each finding. `place` turns a file as seen from the project into one as seen from the repository.
pub(super) fn annotate(ui: &Ui, report: &ValidateReport, place: &dyn Fn(&str) -> String) {
    for finding in report.findings() {
        let file = finding.file.as_deref().map(place);
        let message = match finding.remedy.is_empty() {
            true => finding.message.clone(),
            false => format!("{}\n{}", finding.message, finding.remedy),
        };
        ui.annotate(&Annotation {
            level: if finding.rule.exit.is_some() { "error" } else { "notice" },
            title: finding.rule.id,
            message: &message,
            file: file.as_deref(),
            line: finding.line,
        });
    }
}

/// Append to the summary of the job.
pub(super) fn summarise(file: &Path, report: &ValidateReport) -> Result<()> {
    let doing = || format!("cannot append to the job's summary `{}`", file.display());
    let mut out = std::fs::OpenOptions::new().append(true).create(true).open(file).with_context(doing)?;
    out.write_all(markdown(report).as_bytes()).with_context(doing)
}

fn markdown(report: &ValidateReport) -> String {
    let mut text = format!(
        "### pgkeel validate: {} ({})\n\n| check | result | what |\n| --- | --- | --- |\n",
        if report.passed { "valid" } else { "not valid" },
        report.counted()
    );
    for checked in &report.checks {
        let mark = match checked.verdict {
            Verdict::Passed => "✅ passed",
            Verdict::Failed => "❌ failed",
            Verdict::Skipped => "⏭ skipped",
        };
        writeln!(text, "| {} | {mark} | {} |", checked.check.word(), cell(&checked.what)).ok();
    }
    text.push('\n');
    for finding in report.findings() {
        let place = finding.place().map_or_else(String::new, |place| format!(" `{place}`"));
        writeln!(text, "- **{}**{place}: {}", finding.rule.id, cell(&finding.message)).ok();
        if !finding.remedy.is_empty() {
            writeln!(text, "  <br>next: {}", cell(&finding.remedy)).ok();
        }
    }
    text.push('\n');
    text
}

/// Text in a table or a list: nothing of it may end the cell or begin a tag.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::super::report::{Check, Checked, Finding, rules};
    use super::*;

    #[test]
    fn the_summary_is_a_table_and_a_list() {
        let finding = Finding::new(rules::REPLAY, "a | b\n<c>", "mend it").at("migrations/1/up.sql", Some(2));
        let checks = vec![Checked::of(Check::Replay, "1 migration", vec![finding])];
        assert_eq!(
            markdown(&ValidateReport::new(checks)),
            "### pgkeel validate: not valid (1 error, 0 notes)\n\n| check | result | what |\n| --- | --- | --- |\n\
             | replay | ❌ failed | 1 migration |\n\n- **replay-fails** `migrations/1/up.sql:2`: a \\| b<br>&lt;c>\n  \
             <br>next: mend it\n\n"
        );
    }
}
