//! Two definitions beside each other, the lines that differ in colour.

use std::collections::HashSet;

use console::{measure_text_width, pad_str};

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
    let longest = before.iter().chain(&after).map(|line| measure_text_width(line)).max().unwrap_or(0);
    let column = longest.min((width.saturating_sub(7)) / 2).max(20);
    let (left, right): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    for at in 0..before.len().max(after.len()) {
        let (old, new) = (before.get(at), after.get(at));
        let tone = |line: Option<&String>, other: &HashSet<&String>, tone: Tone| {
            line.filter(|line| !other.contains(line)).map(|_| tone)
        };
        let (old_tone, new_tone) = (tone(old, &right, Tone::Bad), tone(new, &left, Tone::Good));
        let (old, new) = (wrapped(old, column), wrapped(new, column));
        for row in 0..old.len().max(new.len()) {
            let cell = |rows: &[String], tone: Option<Tone>| {
                let text = rows.get(row).map(String::as_str).unwrap_or_default();
                let text = pad_str(text, column, console::Alignment::Left, None).into_owned();
                tone.map_or(text.clone(), |tone| page.paint(tone, &text))
            };
            page.line(&format!("    {} │ {}", cell(&old, old_tone), cell(&new, new_tone)));
        }
    }
}

/// A line in pieces of at most this width; nothing of it is cut off.
fn wrapped(line: Option<&String>, width: usize) -> Vec<String> {
    let (mut rows, mut row) = (Vec::new(), String::new());
    let mut used = 0;
    for c in line.into_iter().flat_map(|line| line.chars()) {
        let wide = measure_text_width(c.encode_utf8(&mut [0; 4]));
        if used + wide > width {
            rows.push(std::mem::replace(&mut row, "  ".to_owned()));
            used = 2;
        }
        used += wide;
        row.push(c);
    }
    rows.push(row);
    rows
}

fn lines(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().lines().map(|line| line.replace('\t', "    ")).collect()
}
