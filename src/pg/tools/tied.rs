//! A child that does not outlive us: where the system can, the kernel ends it when we are killed. The one place that
//! needs `unsafe` for it, because what runs between fork and exec must not allocate or take a lock.

use std::process::Command;

/// Let the kernel send SIGTERM to the child once the thread that starts it is gone (prctl(2),
/// PR_SET_PDEATHSIG). Start it from a thread that waits for it.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec: the closure makes one system call and touches no memory of ours")]
pub(super) fn tie(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::Signal;

    // SAFETY: between fork and exec only prctl(2) is called, which is async-signal-safe in practice: it neither
    // allocates nor locks.
    unsafe {
        command.pre_exec(|| set_pdeathsig(Signal::SIGTERM).map_err(std::io::Error::from));
    }
}

/// Elsewhere nothing of the kind exists; a program whose pipe breaks ends by itself.
#[cfg(not(target_os = "linux"))]
pub(super) fn tie(_command: &mut Command) {}
