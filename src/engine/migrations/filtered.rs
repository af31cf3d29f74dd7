//! Explains a migration that failed because row-level security policies would have hidden rows from it.

use crate::engine::row_security::{Standing, explain};
use crate::pg::error::{PgError, PgFailure};

use super::acting::Reach;
use super::runner::{At, Runner, Stopped};

impl Runner<'_> {
    /// Add the tables whose policies are the reason, where they are.
    pub(super) fn with_policies(&mut self, stopped: Stopped) -> Stopped {
        let Stopped::Migration(mut error) = stopped else { return stopped };
        if let PgError::Server(server) = &error.cause
            && server.failure() == PgFailure::NoPrivilege
            && error.filtered.is_none()
        {
            let before = match (&self.settings.role, &self.settings.acting) {
                (Some(role), _) => format!("SET LOCAL ROLE {role}; "),
                (None, Some(acting)) => acting.begin(Reach::Transaction),
                (None, None) => String::new(),
            };
            let statements = error.step.body.statements().into_iter().flatten().map_while(Result::ok);
            let standing = Standing::of(before, statements, |one| match &error.at {
                At::Script(spot) => (one.line, one.column) <= (spot.line, spot.column),
                At::Before | At::Commit | At::Record(_) => true,
            });
            // If the explanation fails, the server's error alone is shown.
            error.filtered = explain(self.session, server, &standing).ok().flatten().map(Box::new);
        }
        if let (Some(filtered), Some(acting)) = (&mut error.filtered, &self.settings.acting) {
            filtered.is_stand_in = filtered.role == acting.role.as_str();
        }
        Stopped::Migration(error)
    }
}
