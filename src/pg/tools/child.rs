//! Programs of the user's own: a command that prints a URL, or one that seeds. They inherit our
//! environment; secrets reach them by environment variables, never by argv.

use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::pg::environ;
use crate::pg::secret::Secret;

/// A program of the user's own.
#[derive(Debug)]
pub struct Child<'a> {
    /// Program and arguments.
    pub argv: &'a [String],
    /// Where it runs.
    pub directory: &'a Path,
    /// Variables that it gets beside ours.
    pub variables: &'a [(&'a str, Secret)],
}

impl Child<'_> {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the user's own programs")]
    fn command(&self) -> io::Result<Command> {
        let (program, arguments) = self
            .argv
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.directory).stdin(Stdio::null());
        // What libpq reads was taken out of our own environment; theirs is as the user set it.
        command.envs(environ::removed().iter().map(|(name, value)| (name, value)));
        for (name, value) in self.variables {
            command.env(name, value.expose());
        }
        Ok(command)
    }

    /// Run it and keep what it prints on stdout; its stderr goes to ours.
    ///
    /// # Errors
    /// That it cannot be started.
    pub fn output(&self) -> io::Result<Output> {
        self.command()?.stderr(Stdio::inherit()).output()
    }

    /// Run it with its output on our stderr: stdout is for our own result.
    ///
    /// # Errors
    /// That it cannot be started.
    pub fn run(&self) -> io::Result<std::process::ExitStatus> {
        let mut child = self.command()?.stdout(Stdio::piped()).spawn()?;
        if let Some(mut stdout) = child.stdout.take() {
            io::copy(&mut stdout, &mut io::stderr())?;
        }
        child.wait()
    }
}
