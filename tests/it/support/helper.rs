//! Helper processes of the tests. They are this test binary again, told by one variable what to be: that works
//! under cargo test and nextest, on every system, without another program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use std::os::unix::process::CommandExt;

use pgkeel::engine::shadow::{Place, Server, Shadow};

use super::opening::opening;
use super::{cluster, reaper};

const ROLE: &str = "PGKEEL_TEST_HELPER";
const BASE: &str = "PGKEEL_TEST_HELPER_BASE";

/// What a helper does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Cleans up after the last test process.
    Reaper,
    /// Holds a lease and a server, writes `held`, and waits to be killed.
    Holder,
    /// Starts the cluster `shared` and leaves its server's process id in `<own process id>.started`.
    Starter,
    /// Makes a shadow database on the server whose URL is in `url`, writes its name to `held`, and waits to be killed.
    Shadow,
}

/// Starts a helper, out of reach of Ctrl-C and of the runner's clean-up.
pub(crate) fn spawn(role: Role, base: &Path) -> Child {
    let me = std::env::current_exe().expect("a test binary knows where it is");
    #[expect(clippy::disallowed_methods, reason = "the helper is this program, and its argv holds no secret")]
    let mut command = Command::new(me);
    command.args(["--exact", "support::helper::is_what_it_is_told_to_be", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, format!("{role:?}")).env(BASE, base);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0);
    command.spawn().expect("a test binary can be run again")
}

/// Not a test: a helper's `main`. Without the variable it does nothing.
#[test]
fn is_what_it_is_told_to_be() {
    let (Some(role), Some(base)) = (cluster::variable(ROLE), cluster::variable(BASE)) else { return };
    let base = PathBuf::from(base);
    match role.to_str() {
        Some("Reaper") => reaper::reap(&base),
        Some("Holder") => {
            let _lease = reaper::Lease::take(&base);
            let running = cluster::at(&base, "shared").start(&mut |_| {}).unwrap();
            fs::write(base.join("held.new"), running.pid.to_string()).unwrap();
            fs::rename(base.join("held.new"), base.join("held")).unwrap();
            loop {
                thread::sleep(Duration::from_secs(60));
            }
        }
        Some("Starter") => {
            let running = cluster::at(&base, "shared").start(&mut |_| {}).unwrap();
            fs::write(base.join(format!("{}.started", std::process::id())), running.pid.to_string()).unwrap();
        }
        Some("Shadow") => {
            let url = fs::read_to_string(base.join("url")).unwrap();
            let place =
                Place::Beside { opening: Box::new(opening(&url)), server: Server::Private, like: None };
            let shadow = Shadow::create(&place).unwrap();
            let mut inside = shadow.connect().unwrap();
            inside.query("CREATE TABLE t (a int)").unwrap();
            fs::write(base.join("held.new"), shadow.opening().url.database().unwrap()).unwrap();
            fs::rename(base.join("held.new"), base.join("held")).unwrap();
            loop {
                thread::sleep(Duration::from_secs(60));
            }
        }
        other => panic!("no such helper: {other:?}"),
    }
}
