//! The readers: several files at a time, each hashed and decoded in one pass, stopped by Ctrl-C.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Contents, Decoded, Job, Kind, decode_script, described, hex};
use crate::engine::archive::{read_blob_data, read_custom, read_table_data};
use crate::engine::backup::check::{CheckError, Reading};
use crate::engine::backup::crypt::{Checked, CryptError, decrypt};
use crate::engine::backup::manifest::{FileSum, Layout};
use crate::engine::{Event, Observer};
use crate::pg::plain::open_itself as open_file;

/// How often a reader's progress is told.
const TICK: Duration = Duration::from_millis(100);

/// How a job ended.
pub(super) enum Ended {
    Read(FileSum, Decoded),
    Damaged(Option<FileSum>, String),
    Crypt(CryptError),
}

/// What all readers share.
struct Shared<'a> {
    dir: &'a Path,
    identity: Option<&'a Path>,
    next: AtomicUsize,
    done: AtomicU64,
    stop: AtomicBool,
}

pub(super) fn run(
    dir: &Path,
    jobs: Vec<Job>,
    reading: &Reading<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<(Job, Ended)>, CheckError> {
    let total = jobs
        .iter()
        .filter_map(|job| dir.join(&job.file).symlink_metadata().ok())
        .map(|file| file.len())
        .sum();
    let shared = Shared {
        dir,
        identity: reading.identity,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
    };
    let ended: Mutex<Vec<(usize, Ended)>> = Mutex::default();
    let readers = usize::try_from(reading.jobs).unwrap_or(1).clamp(1, jobs.len().max(1));
    std::thread::scope(|scope| {
        let (alive, gone) = channel();
        for _ in 0..readers {
            let (shared, ended, jobs, alive) = (&shared, &ended, &jobs, Sender::<()>::clone(&alive));
            scope.spawn(move || {
                while !shared.stop.load(Ordering::SeqCst) {
                    let index = shared.next.fetch_add(1, Ordering::SeqCst);
                    let Some(job) = jobs.get(index) else { break };
                    let result = shared.read(job);
                    ended.lock().expect("no reader panics with it").push((index, result));
                }
                drop(alive);
            });
        }
        drop(alive);
        // Nothing is ever sent: it ends when the last reader has.
        while gone.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            observer.event(Event::Progress {
                what: "reading the backup",
                done: shared.done.load(Ordering::Relaxed),
                total,
                tables: None,
            });
            if reading.interrupt.is_raised() {
                shared.stop.store(true, Ordering::SeqCst);
            }
        }
    });
    if shared.stop.into_inner() || reading.interrupt.is_raised() {
        return Err(CheckError::Interrupted);
    }
    let mut ended = ended.into_inner().expect("no reader panics with it");
    ended.sort_by_key(|(index, _)| *index);
    Ok(jobs.into_iter().zip(ended.into_iter().map(|(_, ended)| ended)).collect())
}

impl Shared<'_> {
    fn read(&self, job: &Job) -> Ended {
        let file = match open_file(&self.dir.join(&job.file)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ended::Damaged(None, "it is missing".into());
            }
            Err(error) => return Ended::Damaged(None, format!("it cannot be read: {error}")),
        };
        if let Kind::Sealed { sha256, layout } = &job.kind {
            return self.unseal(job, file, sha256, *layout);
        }
        let mut input = Hashing::new(file, self);
        let decoded = decode(&job.kind, &mut input);
        // Whatever the decoder thought of it, the hash is that of the whole file.
        match input.finish(&job.file) {
            Err(error) => Ended::Damaged(None, format!("it cannot be read: {error}")),
            Ok(sum) => match decoded {
                Ok(decoded) => Ended::Read(sum, decoded),
                Err(what) => Ended::Damaged(Some(sum), what),
            },
        }
    }

    fn unseal(&self, job: &Job, mut file: File, sha256: &str, layout: Layout) -> Ended {
        let mut input = Hashing::new(&file, self);
        let sum = match io::copy(&mut input, &mut io::sink()).and_then(|_| input.finish(&job.file)) {
            Ok(sum) => sum,
            Err(error) => return Ended::Damaged(None, format!("it cannot be read: {error}")),
        };
        // Whoever compares the hashes says what is wrong.
        let Some(identity) = self.identity.filter(|_| sum.sha256 == sha256) else {
            return Ended::Read(sum, Decoded::Nothing);
        };
        if let Err(error) = io::Seek::rewind(&mut file) {
            return Ended::Damaged(None, format!("it cannot be read: {error}"));
        }
        let plain = match decrypt(identity, Checked::new(file)) {
            Ok(plain) => plain,
            Err(CryptError::Damaged(what)) => return Ended::Damaged(Some(sum), what),
            Err(error) => return Ended::Crypt(error),
        };
        let kind = if layout == Layout::Plain { Kind::Script } else { Kind::Custom };
        match decode(&kind, &mut Stoppable { inner: plain, stop: &self.stop }) {
            Ok(decoded) => Ended::Read(sum, decoded),
            Err(what) => Ended::Damaged(Some(sum), what),
        }
    }
}

fn decode(kind: &Kind, input: &mut dyn Read) -> Result<Decoded, String> {
    let decoded = match kind {
        Kind::Hashed | Kind::Sealed { .. } => Ok(Decoded::Nothing),
        Kind::Table { dump_id, compression } => {
            read_table_data(input, *compression).map(|content| Decoded::Table(*dump_id, content))
        }
        Kind::Object { compression } => read_blob_data(input, *compression).map(Decoded::Object),
        Kind::Custom => {
            read_custom(input, &mut |_, _| {}).map(|found| Decoded::Whole(Contents::of_custom(&found)))
        }
        Kind::Script => return decode_script(input).map(Decoded::Whole),
    };
    decoded.map_err(|error| described(&error))
}

/// Hashes what is read through it, counts it, and fails once reading is to stop.
struct Hashing<'a, R> {
    inner: R,
    hash: Sha256,
    size: u64,
    shared: &'a Shared<'a>,
}

impl<'a, R: Read> Hashing<'a, R> {
    fn new(inner: R, shared: &'a Shared<'a>) -> Self {
        Self { inner, hash: Sha256::new(), size: 0, shared }
    }

    /// Read the rest.
    fn finish(mut self, path: &str) -> io::Result<FileSum> {
        let mut rest = vec![0; 1 << 17];
        while self.read(&mut rest)? > 0 {}
        Ok(FileSum { path: path.to_owned(), size: self.size, sha256: hex(&self.hash.finalize()) })
    }
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.size += read as u64;
        self.shared.done.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

struct Stoppable<'a, R> {
    inner: R,
    stop: &'a AtomicBool,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        self.inner.read(buffer)
    }
}
