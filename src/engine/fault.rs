//! Named points where a test can stop the program, to kill it, its backend or its server there. Without the feature
//! `fault-points` they are nothing.

#[cfg(feature = "fault-points")]
pub(crate) use armed::{arm, inside, point};

/// The run gets here.
#[cfg(not(feature = "fault-points"))]
#[inline]
pub(crate) fn point(_name: impl std::fmt::Display) {}

/// The statement at which a message stops here.
#[cfg(not(feature = "fault-points"))]
#[inline]
pub(crate) fn inside(_name: &str) -> Option<String> {
    None
}

#[cfg(feature = "fault-points")]
mod armed {
    use std::fmt::Display;
    use std::path::PathBuf;
    use std::sync::Mutex;
    use std::thread;
    use std::time::Duration;

    use crate::pg::interrupt::Interrupt;

    /// The point that is waited for, the file that says that it was reached, and Ctrl-C.
    static ARMED: Mutex<Option<(String, PathBuf, Interrupt)>> = Mutex::new(None);

    /// Stop once at a point: `<point>:<path>`.
    pub(crate) fn arm(point: &str, interrupt: &Interrupt) {
        let (name, path) = point.rsplit_once(':').expect("PGKEEL_FAULT is `<point>:<path>`");
        *ARMED.lock().expect("nobody panics with it") =
            Some((name.to_owned(), path.into(), interrupt.clone()));
    }

    /// Where it is the point that is waited for: a statement for the middle of a message, which waits on the server until a
    /// test lets the advisory lock 77 go.
    pub(crate) fn inside(name: &str) -> Option<String> {
        let armed = ARMED.lock().expect("nobody panics with it");
        let is_it = armed.as_ref().is_some_and(|(point, ..)| point == name);
        is_it.then(|| "SELECT pg_catalog.pg_advisory_xact_lock_shared(77::pg_catalog.int8)".to_owned())
    }

    /// Where it is the point that is waited for: create the file, and wait until it is gone. A Ctrl-C that was heard
    /// meanwhile is said by a second file: a signal that was sent has not arrived yet.
    pub(crate) fn point(name: impl Display) {
        let name = name.to_string();
        let armed = ARMED.lock().expect("nobody panics with it").take_if(|(point, ..)| *point == name);
        let Some((_, path, interrupt)) = armed else { return };
        std::fs::write(&path, name).expect("the test's folder is there");
        let mut heard = false;
        while path.exists() {
            if interrupt.is_raised() && !std::mem::replace(&mut heard, true) {
                std::fs::write(path.with_extension("heard"), "").expect("the test's folder is there");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}
