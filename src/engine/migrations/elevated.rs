//! A migration that runs as an ordinary role, statement by statement in its one transaction: a statement that needs more
//! rights is rolled back to a savepoint and run with those of the session's own role.

use crate::engine::row_security::{Filtered, explain_inside};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::statements::{Control, Streamed};

use super::acting::{Acting, By, Reach, chooses_role, named};
use super::lending::may_lend;
use super::message::{self, LockTimeouts, Message, OurRows, Part};
use super::plan::Step;
use super::runner::{Failure, Notices, Runner, Stopped};
use super::stepwise::spot;

const SAVEPOINT: &str = "SAVEPOINT pgkeel_acting; ";
const RELEASE: &str = "RELEASE SAVEPOINT pgkeel_acting; ";
const BACK: &str = "ROLLBACK TO SAVEPOINT pgkeel_acting";

/// How a statement that lacked rights goes on.
enum Lack {
    /// It is run with our rights.
    Elevate,
    /// A policy would hide rows from it.
    Policy(Filtered),
    /// It fails for us, too: a role that the file chose runs it.
    Real,
    /// It needs the rights, and is not run with them.
    NotLent,
}

impl Runner<'_> {
    /// One attempt, with a savepoint before each statement. The tables whose policies are in the way come with the failure.
    pub(super) fn attempt_acting(
        &mut self,
        step: &Step,
        acting: &Acting,
        timeouts: LockTimeouts,
        notices: &mut Notices,
    ) -> Result<Result<(), (Failure, Option<Filtered>)>, Stopped> {
        let unreadable = |source| Stopped::Script { name: step.name.clone(), source };
        let text = step.body.text();
        let all = || step.body.statements().map_err(unreadable);
        // A savepoint of the file itself would go with ours.
        let has_savepoints =
            all()?.flatten().any(|one| one.statement.facts.control == Some(Control::Savepoint));
        let mut elevated = Vec::new();
        let mut message = self.head(step, timeouts);
        let mut after = String::new();
        for next in all()? {
            let streamed = next.map_err(unreadable)?;
            if streamed.statement.is_empty() {
                continue;
            }
            message.ours(Part::Settings, &std::mem::take(&mut after));
            if let Some(sql) = step.row_security.before(&streamed.statement, "SET LOCAL") {
                message.ours(Part::Settings, &sql);
            }
            message.ours(Part::Settings, SAVEPOINT);
            message.theirs(streamed.clone());
            let mut heard = Notices::default();
            let ended = self.send(&message, text, &mut heard);
            let lacks = match &ended {
                Ok(_) => heard.lacks,
                Err(failure) => {
                    Acting::may_be_lack(failure.error.failure())
                        && matches!(failure.at, message::Place::At(_))
                }
            };
            match ended {
                Err(failure) if !lacks => return Ok(Err((failure, None))),
                Ok(_) if !lacks => {
                    notices.add(heard);
                    message = Message::default();
                }
                ended => {
                    let error = ended.err();
                    let lack = match self.lack(acting, error.as_ref().map(|one| &one.error), &streamed) {
                        Ok(lack) => lack,
                        Err(other) => return Ok(Err((Failure::new(other, message::Place::Commit), None))),
                    };
                    let lack = match (lack, error) {
                        (Lack::Policy(filtered), Some(failure)) => return Ok(Err((failure, Some(filtered)))),
                        (Lack::Real | Lack::NotLent, Some(failure)) => return Ok(Err((failure, None))),
                        (Lack::NotLent, None) => return Ok(Err((without_effect(&streamed), None))),
                        (lack, _) => lack,
                    };
                    // A GRANT under a role that the file chose warns for us, too.
                    let elevates = !matches!(lack, Lack::Real);
                    let stays = chooses_role(&streamed);
                    let mut again = Message::default();
                    if elevates {
                        let sql = match stays {
                            true => acting.leave(Reach::Transaction),
                            false => acting.elevate(),
                        };
                        again.ours(Part::Settings, &sql);
                    }
                    again.theirs(streamed.clone());
                    if let Err(failure) = self.send(&again, text, notices) {
                        return Ok(Err((failure, None)));
                    }
                    message = Message::default();
                    if elevates {
                        elevated.push(named(&streamed));
                        if !stays {
                            message.ours(Part::Settings, &acting.lower());
                        }
                    }
                }
            }
            if !has_savepoints {
                message.ours(Part::Settings, RELEASE);
            }
            after = after_theirs(step, acting, &streamed, Reach::Transaction);
        }
        message.end(OurRows::default(), &self.look(step));
        match self.send(&message, text, notices) {
            Err(failure) => Ok(Err((failure, None))),
            Ok(_) => {
                self.elevated.extend(elevated);
                Ok(Ok(()))
            }
        }
    }

    /// Why rights were lacking; the transaction is back at the savepoint.
    fn lack(
        &mut self,
        acting: &Acting,
        error: Option<&PgError>,
        streamed: &Streamed,
    ) -> Result<Lack, PgError> {
        self.session.query(BACK)?;
        if let Some(PgError::Server(server)) = error {
            // The asking may fail, too: a savepoint of its own, which ROLLBACK TO leaves in place, is ours above.
            match explain_inside(self.session, server, streamed.body()) {
                Ok(Some(filtered)) => return Ok(Lack::Policy(filtered)),
                Ok(None) => {}
                Err(PgError::Server(_)) => drop(self.session.query(BACK)?),
                Err(error) => return Err(error),
            }
        }
        Ok(match self.is_plain(acting)? {
            true if may_lend(streamed.body()) => Lack::Elevate,
            true => Lack::NotLent,
            false => Lack::Real,
        })
    }

    /// Whether no role that the file chose holds.
    fn is_plain(&mut self, acting: &Acting) -> Result<bool, PgError> {
        let shown = "SELECT pg_catalog.concat(pg_catalog.current_setting('role'), ' ', session_user)";
        let is = self.session.query_value(shown)?.unwrap_or_default();
        let (role, session) = is.split_once(' ').unwrap_or((&is, ""));
        let is_session = acting.by == By::Role || session == acting.role.as_str();
        Ok(role == acting.plain_role() && is_session)
    }

    /// Send what is left of a transaction whose statements have all run: the check, and COMMIT.
    pub(super) fn commit_acting(
        &mut self,
        step: &Step,
        after: &str,
        notices: &mut Notices,
    ) -> Result<(), Failure> {
        let mut message = Message::default();
        message.ours(Part::Settings, after);
        message.end(OurRows::default(), &self.look(step));
        self.send(&message, None, notices).map(drop)
    }

    /// A statement outside of a transaction that holds the migration lacked rights: whether to run it as ourselves.
    pub(super) fn lacks_rights(
        &mut self,
        acting: &Acting,
        error: &PgError,
        streamed: &Streamed,
    ) -> Result<bool, PgError> {
        if error.failure() != PgFailure::NoPrivilege {
            return Ok(false);
        }
        let PgError::Server(server) = error else { return Ok(false) };
        match explain_inside(self.session, server, streamed.body()) {
            Ok(Some(_)) => return Ok(false),
            Ok(None) | Err(PgError::Server(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(may_lend(streamed.body()) && self.is_plain(acting)?)
    }
}

/// The failure of a statement that warned that a GRANT or REVOKE in it was without effect.
pub(super) fn without_effect(streamed: &Streamed) -> Failure {
    let what = format!(
        "{} granted or revoked rights that an ordinary owner does not have, which had no effect",
        streamed.statement.facts.verb
    );
    Failure::new(PgError::WithoutEffect(what), message::Place::At(spot(streamed, None, 0)))
}

/// What follows a statement of the file: the settings that it takes away.
pub(super) fn after_theirs(step: &Step, acting: &Acting, streamed: &Streamed, reach: Reach) -> String {
    let set = match reach {
        Reach::Transaction => "SET LOCAL",
        Reach::Session => "SET",
    };
    let policies = step.row_security.after(&streamed.statement, set).unwrap_or_default();
    format!("{policies}{}", acting.after(&streamed.statement, reach))
}
