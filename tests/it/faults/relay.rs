//! A TCP relay before the server, which cuts every connection at a chosen moment.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The relay. It lives as long as the test process.
pub(super) struct Relay {
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    open: Vec<TcpStream>,
    is_cut: bool,
    /// After a message with this text nothing of the answer comes through, and all is cut.
    swallow: Option<&'static str>,
    is_mute: bool,
}

impl State {
    fn cut(&mut self) {
        self.is_cut = true;
        for stream in self.open.drain(..) {
            // One that is closed already is cut well enough.
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Relay {
    /// A relay to `host:port`.
    pub(super) fn to(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, target) = (Arc::clone(&state), target.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                link(&shared, client, &target);
            }
        });
        Self { address, state }
    }

    /// Cut all connections, and let nobody in any more.
    pub(super) fn cut(&self) {
        with(&self.state, State::cut);
    }

    /// Let a message with this text through, but not its answer: cut then.
    pub(super) fn swallow_the_answer_to(&self, text: &'static str) {
        with(&self.state, |state| state.swallow = Some(text));
    }

    /// Let everybody in again.
    pub(super) fn heal(&self) {
        with(&self.state, |state| *state = State::default());
    }

    /// Whether all was cut.
    pub(super) fn is_cut(&self) -> bool {
        with(&self.state, |state| state.is_cut)
    }
}

fn with<T>(state: &Mutex<State>, act: impl FnOnce(&mut State) -> T) -> T {
    act(&mut state.lock().unwrap_or_else(PoisonError::into_inner))
}

fn link(state: &Arc<Mutex<State>>, client: TcpStream, target: &str) {
    if with(state, |state| state.is_cut) {
        return;
    }
    let server = TcpStream::connect(target).unwrap();
    let clone = |stream: &TcpStream| stream.try_clone().unwrap();
    with(state, |state| state.open.extend([clone(&client), clone(&server)]));
    let (asking, answering) = (Arc::clone(state), Arc::clone(state));
    let (to_server, to_client) = (clone(&server), clone(&client));
    thread::spawn(move || {
        let mut tail = Vec::new();
        copy(client, to_server, |piece| {
            // The text may come in two pieces.
            tail.extend_from_slice(piece);
            let text = String::from_utf8_lossy(&tail);
            with(&asking, |state| state.is_mute |= state.swallow.is_some_and(|wanted| text.contains(wanted)));
            tail.drain(..tail.len().saturating_sub(100));
            true
        });
    });
    thread::spawn(move || {
        copy(server, to_client, |_| {
            with(&answering, |state| {
                if state.is_mute {
                    state.cut();
                }
                !state.is_mute
            })
        });
    });
}

/// Pass on while `pass` says so; the end of one direction is the end of both.
fn copy(mut from: TcpStream, mut to: TcpStream, mut pass: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !pass(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}
