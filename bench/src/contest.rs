//! All tools once, then all tools again: what the machine does meanwhile hits everybody alike. A tool that fails
//! leaves the contest with its reason; it never gets a number.

use anyhow::Result;

use crate::measure::{Sample, pause_if_stopping};
use crate::stats::{Spread, spread};

/// One who takes part.
pub(crate) struct Entry<'a, T> {
    pub(crate) name: String,
    /// One run; what is prepared in here is not part of the sample.
    pub(crate) run: Box<dyn FnMut() -> Result<T> + 'a>,
}

impl<'a, T> Entry<'a, T> {
    pub(crate) fn new(name: &str, run: impl FnMut() -> Result<T> + 'a) -> Entry<'a, T> {
        Entry { name: name.to_owned(), run: Box::new(run) }
    }
}

/// How often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    /// Not counted: caches fill.
    pub(crate) warming: usize,
    pub(crate) counted: usize,
}

/// How one fared: all its samples, or why there are none.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    pub(crate) name: String,
    pub(crate) samples: Result<Vec<T>, String>,
}

/// Runs all rounds.
pub(crate) fn hold<T>(title: &str, rounds: Rounds, mut entries: Vec<Entry<'_, T>>) -> Vec<Outcome<T>> {
    let mut outcomes: Vec<Outcome<T>> =
        entries.iter().map(|e| Outcome { name: e.name.clone(), samples: Ok(Vec::new()) }).collect();
    let all = rounds.warming + rounds.counted;
    for round in 0..all {
        eprintln!("  {title}: round {} of {all}", round + 1);
        // Another one begins each time: whoever follows a heavy run is not always the same.
        for turn in 0..entries.len() {
            let index = (turn + round) % entries.len();
            let Ok(samples) = &mut outcomes[index].samples else { continue };
            let ran = (entries[index].run)();
            pause_if_stopping();
            match ran {
                Ok(sample) if round >= rounds.warming => samples.push(sample),
                Ok(_) => {}
                Err(error) => {
                    eprintln!("  {title}: {}: {error:#}", outcomes[index].name);
                    outcomes[index].samples = Err(format!("{error:#}"));
                }
            }
        }
    }
    outcomes
}

/// Figures of programs that were run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Milliseconds.
    pub(crate) wall: Spread,
    /// Milliseconds.
    pub(crate) cpu: Spread,
    /// MB.
    pub(crate) memory: Spread,
}

impl Figures {
    pub(crate) fn of(samples: &[Sample]) -> Figures {
        let each = |value: fn(&Sample) -> f64| spread(samples.iter().map(value));
        Figures {
            wall: each(|s| s.wall.as_secs_f64() * 1e3),
            cpu: each(|s| s.cpu.as_secs_f64() * 1e3),
            memory: each(|s| s.memory_kb as f64 / 1024.0),
        }
    }
}
