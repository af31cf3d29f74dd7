//! The schema of a backup alone, into an empty database that somebody else has made: to be read, not to be used.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;

use crate::engine::archive::adapted::Adapted;
use crate::engine::backup::manifest::{Layout, Level};
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer};
use crate::pg::tools::Search;
use crate::pg::tools::client::Client;

use super::RestoreError;
use super::decrypt::{no_key, plaintext};
use super::fill::Filling;
use super::load::{Extent, Ownership, drain, failed, feed, script_arguments};
use super::pipe::{Pipe, known};
use super::programs::{Programs, Route};
use super::restricted::{Key, Unguarded};
use super::select::EVERYTHING;
use super::source::{Source, SourceError};

/// A shadow database is made without a word.
struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: Event) {}
}

/// The roles that the backup names.
///
/// # Errors
/// `Source`.
pub(crate) fn roles(source: &Source) -> Result<BTreeSet<String>, RestoreError> {
    let mut roles: BTreeSet<String> = match source.archive()? {
        Some(archive) => {
            let owners = archive.entries.iter().map(|entry| entry.owner.clone());
            owners.filter(|owner| !owner.is_empty()).chain(archive.roles()).collect()
        }
        None => {
            source.manifest().map(|manifest| manifest.roles.iter().cloned().collect()).unwrap_or_default()
        }
    };
    // Whoever owns a database is that one's only member (docs 22.5).
    roles.remove("pg_database_owner");
    Ok(roles)
}

/// Bring the schema back. A plain script is run whole: it cannot be told apart before it is read.
///
/// # Errors
/// `Tool`, `Client`, `Source`, `Refused` without the key.
pub(crate) fn bring_back(
    source: &Source,
    into: &Opening,
    search: &Search,
    identity: Option<&Path>,
    server_version: i32,
) -> Result<(), RestoreError> {
    if source.is_encrypted() && identity.is_none() {
        return Err(RestoreError::Refused(vec![no_key()]));
    }
    let programs = Programs::find(search, server_version, source)?;
    let filling = Filling {
        source,
        programs: &programs,
        roles: &[],
        ownership: Ownership::default(),
        jobs: 1,
        identity,
        level: Level::L2,
        keep: false,
        trust: &[],
        select: &EVERYTHING,
    };
    let mut session = into.connect()?;
    let code = source.manifest().and_then(|manifest| manifest.code.as_deref());
    if let Some(found) = filling.guarded(&mut session, code, &into.interrupt)? {
        let load = filling.load(Extent::Schema);
        return load.guarded(&found, into, None, None, &mut session, &mut Silent);
    }
    drop(session);
    let is_script = source.layout() == Layout::Plain;
    const OPTIONS: &str = "-c synchronous_commit=off -c default_transaction_read_only=off";
    const NAME: &str = "pgkeel shadow";
    if !is_script && programs.route == Route::Script {
        let pipe = Pipe {
            source,
            programs: &programs,
            identity,
            url: &into.url,
            options: OPTIONS.to_owned(),
            application_name: NAME,
            interrupt: &into.interrupt,
            known: known(&mut into.connect()?)?,
            list: None,
        };
        return pipe.run(vec!["--schema-only".into()], "SELECT 1", &mut || {});
    }
    let mut arguments: Vec<OsString> = match is_script {
        true => script_arguments(),
        false => vec!["--schema-only".into(), "--exit-on-error".into()],
    };
    let is_fed = is_script || source.is_encrypted();
    if !is_fed {
        arguments.push("--".into());
        arguments.push(source.payload().into());
    }
    let client = Client {
        program: if is_script { programs.psql()? } else { &programs.pg_restore },
        url: Some(&into.url),
        arguments,
        options: Some(OPTIONS.to_owned()),
        application_name: NAME,
        interrupt: &into.interrupt,
    };
    let server = known(&mut into.connect()?)?;
    let text = if is_fed { Some(plaintext(source, identity, &into.interrupt)?) } else { None };
    let mut running = client.start().map_err(failed("cannot start the program that restores"))?;
    let stdin = running.take_stdin();
    let feeding = text.zip(stdin).map(|(text, stdin)| {
        let key = Key::new();
        let (text, tail): (Box<dyn Read + Send>, _) = match is_script {
            true => {
                let script = Adapted::new(Unguarded::new(text), server);
                (Box::new(io::Cursor::new(key.opens()).chain(script)), Some(key.closes()))
            }
            false => (text, None),
        };
        thread::spawn(move || feed(text, stdin, &AtomicU64::new(0), tail))
    });
    let drain = drain(running.take_stdout());
    let ended = running.wait(&mut || {});
    drop(drain.join());
    ended.map_err(failed("the schema could not be restored"))?;
    let fed = feeding.map(|feeding| {
        feeding.join().unwrap_or_else(|_| Err(io::Error::other("the thread that read it died")))
    });
    match fed {
        Some(Err(error)) => Err(SourceError::Io { path: source.payload(), source: error }.into()),
        Some(Ok(())) | None => Ok(()),
    }
}
