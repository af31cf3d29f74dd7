//! Measures pgkeel against named peers and limits: `bench/run`. This file reads the arguments, keeps the server
//! alive for the groups, and prints what they found. A figure that could not be taken makes the exit status 1.

mod arguments;
mod backends;
mod contest;
mod groups;
mod machine;
mod measure;
mod project;
mod relay;
mod server;
mod stats;
mod table;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use arguments::{Arguments, Asked};
use groups::{Bench, Group};
use server::Place;
use tools::Programs;

fn main() -> ExitCode {
    let asked = match arguments::parse(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::usage());
            return ExitCode::from(2);
        }
    };
    let done = match asked {
        Asked::Help => {
            print!("{}", arguments::usage());
            Ok(true)
        }
        Asked::WantsPeers(groups) => Ok(groups.iter().any(|group| group.peers)),
        Asked::Limit => limit(),
        Asked::Read => read(),
        Asked::Run(arguments) => run(arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What no tool that asks a database can beat: connect, one query, close.
fn limit() -> Result<bool> {
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    server::session(&url)?.query("SELECT 1")?;
    Ok(true)
}

/// What no tool that compares a database can beat: connect, read its catalog, close.
fn read() -> Result<bool> {
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    let catalog = pgkeel::engine::catalog::read::read(&mut server::session(&url)?, "pgkeel")?;
    Ok(!catalog.facts().is_empty())
}

/// Whether everything could be measured.
fn run(arguments: Arguments) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("bench/ is in a repository")?;
    let place = Place::of(root);
    let _held = place.take()?;
    let guard = Clearing(place.clone());
    let interrupted = place.clone();
    ctrlc::set_handler(move || {
        measure::stop();
        if let Err(error) = interrupted.clear() {
            eprintln!("error: {error:#}");
        }
        std::process::exit(130);
    })?;
    let server = place.start()?;
    let peers = std::env::var_os("PGKEEL_BENCH_PEERS").map_or(root.join("target/bench-peers"), PathBuf::from);
    let programs = Programs::find(root, &peers, &server.running)?;
    println!("# Figures\n");
    println!("{}", machine::describe(&programs, server.running.version(), &place.files("disk")?)?);
    let Arguments { groups, rounds, quick, large, hold } = arguments;
    let bench = Bench { place, server, programs, rounds, quick, large, hold };
    let measured = groups.iter().filter(|group| report(group, &bench)).count();
    println!("- load average after, our own included: {}", machine::load());
    drop(guard);
    Ok(measured == groups.len())
}

/// Prints a group's table; whether all of it could be measured.
fn report(group: &Group, bench: &Bench) -> bool {
    eprintln!("{}:", group.name);
    match (group.run)(bench) {
        Ok(table) => {
            println!("{table}");
            table.failures.is_empty()
        }
        Err(error) => {
            println!("## {}\n\nNot measured: {error:#}\n", group.name);
            false
        }
    }
}

/// Clears the place, however the run ends.
struct Clearing(Place);

impl Drop for Clearing {
    fn drop(&mut self) {
        if let Err(error) = self.0.clear() {
            eprintln!("error: {error:#}");
        }
    }
}
