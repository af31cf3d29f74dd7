//! Clients that insert into the table `sold (client, n)` of whatever database has the name, and keep count of what was
//! acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// Clients that insert, and connect again after an error.
pub(crate) struct Clients {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Tally>>,
}

/// What a client saw.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Rows that the server acknowledged.
    pub(crate) acknowledged: Vec<(usize, usize)>,
    pub(crate) errors: Vec<String>,
    /// Between two acknowledged rows.
    pub(crate) longest_gap: Duration,
}

impl Clients {
    pub(crate) fn start(count: usize, url: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |id| {
            let (stop, url) = (Arc::clone(&stop), url.to_owned());
            thread::spawn(move || insert(id, &url, &stop))
        };
        Self { threads: (0..count).map(client).collect(), stop }
    }

    pub(crate) fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for tally in self.threads.into_iter().map(|thread| thread.join().unwrap()) {
            all.acknowledged.extend(tally.acknowledged);
            all.errors.extend(tally.errors);
            all.longest_gap = all.longest_gap.max(tally.longest_gap);
        }
        all
    }
}

fn insert(id: usize, url: &str, stop: &AtomicBool) -> Tally {
    let mut tally = Tally::default();
    let (mut n, mut last) = (0, Instant::now());
    while !stop.load(Ordering::Relaxed) {
        let mut connection = match PgConnection::establish(url) {
            Ok(connection) => connection,
            Err(error) => {
                tally.errors.push(error.to_string());
                thread::sleep(Duration::from_millis(2));
                continue;
            }
        };
        while !stop.load(Ordering::Relaxed) {
            // Never the same again: a row whose acknowledgement was lost may be there.
            n += 1;
            if let Err(error) = connection.batch_execute(&format!("INSERT INTO sold VALUES ({id}, {n})")) {
                tally.errors.push(error.to_string());
                break;
            }
            tally.acknowledged.push((id, n));
            tally.longest_gap = tally.longest_gap.max(last.elapsed());
            last = Instant::now();
            thread::sleep(Duration::from_millis(2));
        }
    }
    tally
}
