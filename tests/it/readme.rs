//! The README's tour: every `console` block is typed into a shell, in order, in a new project called
//! `shop`, and what comes out is what the README shows.

use std::path::Path;
use std::process::Command;

use crate::support::cluster::variable;
use crate::support::project::{PGKEEL, open_temp_dir};

/// Each `$ ` line of the README's console blocks, with the lines that follow it.
fn transcript(readme: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line.strip_prefix("$ ")) {
            _ if line.starts_with("```") => inside = line == "```console",
            (true, Some(command)) => steps.push((command.to_owned(), String::new())),
            (true, None) => {
                let output = &mut steps.last_mut().expect("a console block begins with a command").1;
                output.push_str(line);
                output.push('\n');
            }
            (false, _) => {}
        }
    }
    steps
}

/// Times, sizes and sockets differ from run to run; everything else is held to the letter.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut words: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
            let date = digits.len() == 10 && digits.matches('-').count() == 2;
            let time = digits.len() == 8 && digits.matches(':').count() == 2;
            if word.starts_with("postgres://") {
                words.push("URL".into());
                continue;
            }
            let word = if date || time { word.replace(digits, "WHEN") } else { word.to_owned() };
            words.push(unnumbered(&word));
        }
        for at in 1..words.len() {
            let unit = words[at].trim_end_matches([')', ',']);
            if ["ms", "KiB", "MB", "MiB"].contains(&unit) || words[at - 1] == "position" {
                let number = if words[at - 1] == "position" { at } else { at - 1 };
                let open = if words[number].starts_with('(') { "(" } else { "" };
                words[number] = format!("{open}N");
            }
        }
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out
}

/// What is random in the names of backups, and the time in those of databases that were put aside.
fn unnumbered(word: &str) -> String {
    if let Some((name, rest)) = word.split_once("shop__q_") {
        let end = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        return format!("{name}shop__q_N{end}");
    }
    let Some((name, random)) = word.rsplit_once('-').filter(|(name, _)| name.contains("Z-")) else {
        return word.to_owned();
    };
    let end = random.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    // Above the project everything differs.
    let name = name.find("backups/").map_or(name, |at| &name[at..]);
    format!("{name}-RANDOM{end}")
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let readme = include_str!("../../README.md");
    let temp = open_temp_dir();
    let shop = temp.path().join("shop");
    std::fs::create_dir(&shop).unwrap();
    let bin = Path::new(PGKEEL).parent().unwrap();
    let path = format!("{}:{}", bin.display(), variable("PATH").unwrap_or_default().display());
    let shell = |line: &str| {
        #[expect(clippy::disallowed_methods, reason = "the tour is typed into a shell")]
        Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {line}")])
            .current_dir(&shop)
            .env_clear()
            .env("PATH", &path)
            .env("HOME", temp.path())
            .env("PGKEEL_STATE_DIR", temp.path().join("state"))
            .env("PGKEEL_NOW", "2026-01-02T03:04:05Z")
            .output()
            .unwrap()
    };
    let _destroy = Destroy(Box::new(|| drop(shell("pgkeel dev destroy --yes"))));
    let steps = transcript(readme);
    assert!(steps.len() > 15, "the tour is there");
    for (command, expected) in steps {
        let output = shell(&command);
        let got = String::from_utf8_lossy(&output.stdout);
        assert_eq!(steady(&got), steady(&expected), "$ {command}\n{got}");
    }
}

struct Destroy<'a>(Box<dyn Fn() + 'a>);

impl Drop for Destroy<'_> {
    fn drop(&mut self) {
        (self.0)();
    }
}
