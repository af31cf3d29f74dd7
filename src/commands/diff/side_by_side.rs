//! Two definitions beside each other, the lines that differ in colour.

use std::collections::HashSet;

use console::{measure_text_width, pad_str, truncate_str};

use crate::ui::{Page, Tone};

/// Where nobody says how wide the page is.
const WIDTH: usize = 120;

/// Show them; one alone takes the whole width.
pub(super) fn side_by_side(page: &mut Page, before: Option<&str>, after: Option<&str>) {
    let (before, after) = (lines(before), lines(after));
    if before == after {
        return;
    }
    let width = if page.width() == 0 { WIDTH } else { usize::from(page.width()) };
    if before.is_empty() || after.is_empty() {
        for line in before.iter().chain(&after) {
            page.line(&format!("    {line}"));
        }
        return;
    }
    let longest = before.iter().map(|line| measure_text_width(line)).max().unwrap_or(0);
    let column = longest.min((width.saturating_sub(7)) / 2).max(20);
    let (left, right): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    for at in 0..before.len().max(after.len()) {
        let cell = |lines: &[String], other: &HashSet<&String>, tone: Tone| {
            let Some(line) = lines.get(at) else { return " ".repeat(column) };
            let text = pad_str(&truncate_str(line, column, "…"), column, console::Alignment::Left, None)
                .into_owned();
            if other.contains(line) { text } else { page.paint(tone, &text) }
        };
        let row = format!("    {} │ {}", cell(&before, &right, Tone::Bad), cell(&after, &left, Tone::Good));
        page.line(&row);
    }
}

fn lines(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().lines().map(|line| line.replace('\t', "    ")).collect()
}
