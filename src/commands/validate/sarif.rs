//! The findings in SARIF 2.1.0 (OASIS), which code hosts show beside the lines. Pure.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::report::{Finding, ValidateReport, rules};

/// What a path of a URI must not hold as it is (RFC 3986, section 3.3).
const IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// One document with one run. `place` turns a file as seen from the project into one as seen from the repository.
pub(super) fn document(report: &ValidateReport, place: &dyn Fn(&str) -> String) -> Value {
    let level = |is_error: bool| if is_error { "error" } else { "note" };
    let described: Vec<Value> = rules::ALL
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.says },
                "defaultConfiguration": { "level": level(rule.exit.is_some()) },
            })
        })
        .collect();
    let results: Vec<Value> = report.findings().map(|finding| result(finding, place)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pgkeel",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true }],
            "results": results,
        }],
    })
}

fn result(finding: &Finding, place: &dyn Fn(&str) -> String) -> Value {
    let text = match finding.remedy.is_empty() {
        true => finding.message.clone(),
        false => format!("{}\n{}", finding.message, finding.remedy),
    };
    let index = rules::ALL.iter().position(|rule| rule.id == finding.rule.id);
    let mut result = json!({
        "ruleId": finding.rule.id,
        "level": finding.level,
        "message": { "text": text },
    });
    if let Some(index) = index {
        result["ruleIndex"] = index.into();
    }
    if let Some(file) = &finding.file {
        let uri = utf8_percent_encode(&place(file), IN_PATHS).to_string();
        let mut location = json!({ "artifactLocation": { "uri": uri, "uriBaseId": "%SRCROOT%" } });
        // Without a line the whole file is meant; code hosts show that on its first.
        location["region"] = json!({ "startLine": finding.line.unwrap_or(1) });
        result["locations"] = json!([{ "physicalLocation": location }]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::report::{Check, Checked};
    use super::*;

    #[test]
    fn a_finding_has_its_rule_its_level_and_its_place() {
        let finding = Finding::new(rules::DOWN_LEAVES, "table t stays", "drop it")
            .at("migrations/1 ä/down.sql", Some(3));
        let report = ValidateReport::new(vec![Checked::of(Check::UpDownUp, "", vec![finding])]);
        let document = document(&report, &|file| format!("app/{file}"));
        let result = &document["runs"][0]["results"][0];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(document["runs"][0]["tool"]["driver"]["rules"][index]["id"], "down-leaves");
        assert_eq!((&result["level"], &result["ruleId"]), (&json!("error"), &json!("down-leaves")));
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "app/migrations/1%20%C3%A4/down.sql");
        assert_eq!(location["region"]["startLine"], 3);
        assert_eq!(result["message"]["text"], "table t stays\ndrop it");
    }
}
