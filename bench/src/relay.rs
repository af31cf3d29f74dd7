//! A relay between client and server that counts round trips exactly and can make the way longer. A round trip: the
//! client sends, then the server answers. The client's goodbye has no answer and counts for nothing, and neither
//! does TCP's own opening, which takes one more.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// What went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) connections: u64,
    pub(crate) trips: u64,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    trips: AtomicU64,
}

/// A listening relay; it lives as long as the process.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) port: u16,
    counts: Arc<Counts>,
}

impl Relay {
    /// To `server`, a port of the loopback address, with `round_trip` of added time.
    pub(crate) fn start(server: u16, round_trip: Duration) -> Result<Relay> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counts = Arc::clone(&shared);
                counts.connections.fetch_add(1, Ordering::SeqCst);
                // A connection that fails is the client's to tell.
                thread::spawn(move || connect(client, server, round_trip, &counts).ok());
            }
        });
        Ok(Relay { port, counts })
    }

    /// What went through since the last time that was asked.
    pub(crate) fn take(&self) -> Traffic {
        let Counts { connections, trips } = &*self.counts;
        Traffic { connections: connections.swap(0, Ordering::SeqCst), trips: trips.swap(0, Ordering::SeqCst) }
    }
}

fn connect(client: TcpStream, server: u16, round_trip: Duration, counts: &Arc<Counts>) -> Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    // TCP's opening over the long way.
    thread::sleep(round_trip);
    let asked = Arc::new(AtomicBool::new(false));
    let (from, to, ours) = (client.try_clone()?, server.try_clone()?, Arc::clone(&asked));
    let there = move || ours.store(true, Ordering::SeqCst);
    thread::spawn(move || pass(from, to, round_trip / 2, there));
    let counts = Arc::clone(counts);
    let back = move || {
        if asked.swap(false, Ordering::SeqCst) {
            counts.trips.fetch_add(1, Ordering::SeqCst);
        }
    };
    pass(server, client, round_trip / 2, back);
    Ok(())
}

/// One direction. What was read at the same time arrives at the same time, however much it is.
fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration, on_read: impl Fn()) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    let writer = thread::spawn(move || {
        for (due, bytes) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        // The other end may have closed already.
        to.shutdown(Shutdown::Write).ok();
    });
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        on_read();
        if sender.send((Instant::now() + delay, buffer[..count].to_vec())).is_err() {
            break;
        }
    }
    drop(sender);
    // A writer does not panic.
    writer.join().ok();
}
