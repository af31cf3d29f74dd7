//! `bench/run [GROUP…] [--rounds N] [--quick] [--large] [--hold SECONDS]`.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::groups::{GROUPS, Group};

/// What to do.
#[derive(Debug)]
pub(crate) enum Asked {
    Run(Arguments),
    Help,
    /// For `bench/run`: installing takes long, and not every group needs it.
    WantsPeers(Vec<&'static Group>),
    /// For `status`: the limit, as a process.
    Limit,
    /// For `drift`: the limit, as a process.
    Read,
}

/// How to run.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) groups: Vec<&'static Group>,
    pub(crate) rounds: Option<usize>,
    pub(crate) quick: bool,
    /// Sizes that take minutes, too.
    pub(crate) large: bool,
    /// How long the table is held in `locks`.
    pub(crate) hold: Option<Duration>,
}

pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Asked> {
    let mut arguments =
        Arguments { groups: Vec::new(), rounds: None, quick: false, large: false, hold: None };
    let (mut help, mut wants_peers) = (false, false);
    let mut words = words.peekable();
    if words.peek().is_some_and(|word| word == "limit") {
        return Ok(Asked::Limit);
    }
    if words.peek().is_some_and(|word| word == "read") {
        return Ok(Asked::Read);
    }
    while let Some(word) = words.next() {
        let mut number = || -> Result<usize> {
            let value = words.next().with_context(|| format!("`{word}` wants a number"))?;
            let value = value.parse().ok().filter(|n| *n > 0);
            value.with_context(|| format!("`{word}` wants a number above 0"))
        };
        match word.as_str() {
            "-h" | "--help" => help = true,
            "--wants-peers" => wants_peers = true,
            "--quick" => arguments.quick = true,
            "--large" => arguments.large = true,
            "--rounds" => arguments.rounds = Some(number()?),
            "--hold" => arguments.hold = Some(Duration::from_secs(number()? as u64)),
            name => match GROUPS.iter().find(|group| group.name == name) {
                Some(group) => arguments.groups.push(group),
                None => bail!("there is no group or option `{name}`"),
            },
        }
    }
    if arguments.groups.is_empty() {
        arguments.groups = GROUPS.iter().collect();
    }
    Ok(match (help, wants_peers) {
        (true, true) => Asked::WantsPeers(Vec::new()),
        (true, false) => Asked::Help,
        (false, true) => Asked::WantsPeers(arguments.groups),
        (false, false) => Asked::Run(arguments),
    })
}

pub(crate) fn usage() -> String {
    let mut text = String::from(
        "usage: bench/run [GROUP…] [--rounds N] [--quick] [--large] [--hold SECONDS]\n\n\
         --rounds N       so many counted rounds, in every group\n\
         --quick          small and few: shows that everything works, proves nothing\n\
         --large          also what takes long: 10,000 tables in `diff` and `drift`\n\
         --hold SECONDS   how long `locks` holds its table (20, quick: 4)\n\n\
         groups, by default all:\n",
    );
    for group in GROUPS {
        writeln!(text, "  {:8} {}", group.name, group.about).expect("a String takes all");
    }
    text
}
