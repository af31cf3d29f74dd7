//! From a `Context` to a database opened for work; what every command that touches one shares.

use anyhow::Result;

use crate::config::{Config, Protection};
use crate::context::{Context, Fallback, Where};
use crate::engine::guard::Place;
use crate::engine::ledger::lock::{LockWait, Orphan, Waiting};
use crate::engine::ledger::store::{Author, PoolSize, StoredSql};
use crate::engine::ledger::{Bookkeeping, Facts, Ledger};
use crate::engine::migrations::Plan;
use crate::engine::migrations::message::LockTimeouts;
use crate::engine::migrations::runner::Settings;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::room::tight;
use crate::pg::ident::Ident;
use crate::pg::session::Session;
use crate::pg::url::{DatabaseUrl, PoolTimeout};

/// How long the holder of the lock may do nothing before a waiting run gives up.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// A database, chosen but not yet opened.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) place: Where,
    pub(crate) opening: Opening,
}

/// Where a test wants this run to stop.
#[cfg(feature = "fault-points")]
pub(crate) fn arm(cx: &Context) {
    if let Some(point) = &cx.config.surroundings.fault {
        crate::engine::fault::arm(point, &cx.interrupt);
    }
}

/// Nothing stops a run that is no test's.
#[cfg(not(feature = "fault-points"))]
pub(crate) fn arm(_cx: &Context) {}

/// Choose the database of this run.
pub(crate) fn choose(cx: &Context, fallback: Fallback, command: &str) -> Result<Chosen> {
    let place = cx.database(fallback)?;
    arm(cx);
    let opening = opening(cx, place.direct.clone(), command);
    Ok(Chosen { place, opening })
}

/// How a command opens the database of a URL.
pub(crate) fn opening(cx: &Context, url: DatabaseUrl, command: &str) -> Opening {
    let config = &cx.config;
    Opening {
        url,
        bookkeeping: Ident::new(&config.bookkeeping_schema.value),
        options: cx.connect_options(command),
        interrupt: cx.interrupt.clone(),
        pool: PoolSize {
            min: config.pool.min.value,
            max: config.pool.max.value,
            timeout: match config.pool.timeout.value {
                PoolTimeout::After(timeout) => timeout,
                // r2d2 has no endless wait.
                PoolTimeout::Never => PATIENCE,
            },
        },
        author: author(),
        new_ledger: false,
        trusted_owners: config.trusted_owners.as_ref().map_or_else(Vec::new, |named| named.value.clone()),
    }
}

impl Chosen {
    /// Connect and look; nothing is locked and nothing created.
    pub(crate) fn look(&self, cx: &Context) -> Result<(Session, Ledger)> {
        let _progress = cx.ui.progress("connecting");
        let looked = self.opening.look().inspect_err(|_| self.unreached(cx))?;
        drop(_progress);
        self.announce(cx, &looked.1.facts);
        Ok(looked)
    }

    /// The same for SQL that only reads: where the migration record is withheld from the role, a session without it.
    pub(crate) fn look_to_read(&self, cx: &Context) -> Result<(Session, Option<Ledger>)> {
        let _progress = cx.ui.progress("connecting");
        match self.opening.look() {
            Err(OpenError::Withheld(_)) => {
                let session = self.opening.connect()?;
                drop(_progress);
                let (database, role) = (session.url().database().unwrap_or_default(), session.role());
                cx.announce(&self.place, database, &role.unwrap_or_default(), session.server_version());
                Ok((session, None))
            }
            looked => {
                let (session, ledger) = looked.inspect_err(|_| self.unreached(cx))?;
                drop(_progress);
                self.announce(cx, &ledger.facts);
                Ok((session, Some(ledger)))
            }
        }
    }

    /// The SQL that is stored of these versions.
    pub(crate) fn stored(&self, ledger: &Ledger, versions: &[String]) -> Result<Vec<StoredSql>> {
        Ok(match (&ledger.facts.ledger_schema, ledger.facts.bookkeeping) {
            (Some(schema), Bookkeeping::Present) if !versions.is_empty() => {
                self.opening.store(&ledger.facts)?.stored(schema, versions)?
            }
            _ => Vec::new(),
        })
    }

    /// Say which database was tried, and who named it: the error that follows knows only the address.
    pub(crate) fn unreached(&self, cx: &Context) {
        cx.ui.note(&format!("tried {} ({})", self.place.direct, self.place.origin));
    }

    pub(crate) fn announce(&self, cx: &Context, facts: &Facts) {
        cx.announce(&self.place, &facts.database, &facts.role, facts.server_version);
    }

    /// What the guard must know of it.
    pub(crate) fn guarded(&self, config: &Config, ledger: &Ledger) -> Place {
        Place {
            environment: config.environment.as_ref().map(|environment| environment.value.clone()),
            // That the name is a production's, the guard sees for itself.
            protected_by_config: config
                .protected
                .as_ref()
                .filter(|protected| protected.value == Protection::Stated)
                .map(|protected| protected.value.to_string()),
            mark: ledger.mark.clone(),
            database: ledger.facts.database.clone(),
            system_identifier: ledger.facts.system_identifier.clone(),
            dev_cluster: self.place.dev,
            hints: self.hints(),
        }
    }

    /// What speaks for production where nobody has said anything: hosts of managed services.
    fn hints(&self) -> Vec<String> {
        const MANAGED: [&str; 9] = [
            ".rds.amazonaws.com",
            ".supabase.co",
            ".supabase.com",
            ".neon.tech",
            ".postgres.database.azure.com",
            ".render.com",
            ".aivencloud.com",
            ".ondigitalocean.com",
            ".timescale.com",
        ];
        self.place
            .direct
            .endpoints()
            .into_iter()
            .filter_map(|endpoint| endpoint.host)
            .find(|host| MANAGED.iter().any(|domain| host.ends_with(domain)))
            .map(|host| {
                format!("`{host}` is a managed service, and nobody has said what this is (`pgkeel env set development` does)")
            })
            .into_iter()
            .collect()
    }
}

/// Say of which migrations the server may have no room for all locks.
pub(crate) fn tell_room(cx: &Context, session: &mut Session, plan: &Plan) -> Result<()> {
    for tight in tight(session, plan)? {
        cx.ui.warn(&tight.to_string());
    }
    Ok(())
}

/// How to run migrations, from configuration and flags.
pub(crate) fn settings(config: &Config, lock_timeout: Option<std::time::Duration>) -> Settings {
    let timeout = lock_timeout.unwrap_or(config.deploy.lock_timeout.value);
    Settings {
        timeouts: LockTimeouts {
            strong_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            ..LockTimeouts::default()
        },
        role: config.deploy.role.as_ref().map(|role| Ident::new(&role.value)),
        ..Settings::default()
    }
}

/// How to wait for another run.
pub(crate) fn lock_wait(config: &Config, flag: Option<std::time::Duration>) -> Waiting {
    let wait = match flag.or(config.deploy.lock_wait.as_ref().map(|wait| wait.value)) {
        Some(limit) => LockWait::AtMost(limit),
        None => LockWait::WhileBusy(PATIENCE),
    };
    Waiting { wait, orphan: Orphan::Name }
}

/// Whoever holds the migration lock knows that a run without an end was killed: say so.
pub(crate) fn tell_killed(cx: &Context, ledger: &Ledger) {
    if let Some(last) = ledger.killed() {
        cx.ui.note(&format!(
            "the last `{}` (by {} on {}, begun {} UTC) was killed, or lost its connection; what it had finished stands, \
             and this run goes on from there",
            last.command, last.os_user, last.host, last.started_at
        ));
    }
}

/// Say once, when the record is about to be created, that a superuser lends its rights to what lesser roles wrote.
pub(crate) fn tell_lesser_owner(cx: &Context, facts: &Facts) {
    let is_first = matches!(facts.bookkeeping, Bookkeeping::Absent | Bookkeeping::Empty);
    if let Some(owner) = facts.lesser_owner.as_ref().filter(|_| is_first) {
        cx.ui.note(&format!(
            "`{}` belongs to `{owner}`, and `{}` is a superuser: functions and triggers of other roles that a migration \
             reaches run with a superuser's rights. Connect as `{owner}` to avoid it",
            facts.database, facts.role
        ));
    }
}

fn author() -> Author {
    use nix::unistd::{User, geteuid, gethostname};
    let uid = geteuid();
    let os_user = User::from_uid(uid).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name);
    let host = gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Author { os_user, host }
}
