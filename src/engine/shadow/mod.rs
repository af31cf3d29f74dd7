//! Shadow databases: throw-away databases in which a schema is built, to be read. One is made on a server or given by
//! SHADOW_DATABASE_URL, and dropped or emptied however the run ends; what a killed run left, the next one drops. Never on a
//! protected server: that is the caller's to see, who knows the configuration.

pub mod cache;
mod closed;
mod empty;
mod error;
pub mod files;
mod guarded;
mod leftover;
mod load;
mod maker;
mod owner;
mod place;
mod refuse;
mod rehearsal;
mod replay;
mod restored;
mod roles;
mod statement;

pub use error::{ShadowError, Spot};
pub use guarded::{Guard, Ran, Statement};
pub(in crate::engine) use leftover::names;
pub use leftover::{PREFIX, drop_leftovers};
pub(in crate::engine) use owner::{COMMENTED, as_ours, stands_in};
pub use place::{Place, Survey, major, survey, unmarked};
pub use refuse::{Server, Why};
pub use rehearsal::Rehearsal;
pub use replay::As;
pub use restored::Restored;
pub use statement::LeftOut;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::engine::fault;
use crate::engine::ledger::store::PoolSize;
use crate::engine::making::Making;
use crate::engine::operation::Opening;
use crate::engine::properties::{Properties, Template, apply};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::lock::holder;
use crate::pg::session::Session;

use leftover::{drop_database, drop_leftovers_by, drop_made, fresh_name, hold, key, said};

/// How many sessions a shadow database lets in: ours, the pool's, those that watch and cancel. A superuser is always let in.
const CONNECTIONS: i32 = 10;

/// How long to wait for another run that works in the database of SHADOW_DATABASE_URL.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database that lives as long as this value.
#[derive(Debug)]
pub struct Shadow {
    opening: Opening,
    server: Server,
    end: End,
    /// Over which the code of others runs.
    guard: Option<Guard>,
    /// The role that was made to own it.
    owner: OnceLock<Ident>,
}

/// How it ends.
#[derive(Debug)]
enum End {
    /// It is dropped. The session holds the lock on its name until then.
    Drop { base: Box<Opening>, name: String, making: Making, _admin: Box<Session> },
    /// It is emptied. The session holds the lock in it until then. `database`, where others can connect again afterwards.
    Empty { inside: Box<Session>, database: Option<String> },
}

impl Shadow {
    /// Make one, empty.
    ///
    /// # Errors
    /// `Busy`, `Pooler`, `Pg`; nothing is left then.
    pub fn create(place: &Place) -> Result<Self, ShadowError> {
        match place {
            Place::Given { opening } => Self::given(opening),
            Place::Beside { opening, server, like } => Self::beside(opening, *server, like.as_deref()),
        }
    }

    fn beside(base: &Opening, server: Server, like: Option<&Properties>) -> Result<Self, ShadowError> {
        let mut admin = base.maintenance("")?;
        // A run that is killed leaves no CREATE DATABASE at work for long.
        admin.check_client()?;
        admin.query(&admin.prelude())?;
        place::direct(&mut admin, base.url.database().unwrap_or("postgres"))?;
        drop_leftovers_by(&mut admin, base)?;
        let making = Making::see(&mut admin, PREFIX)?;
        let name = fresh_name(base.url.database().unwrap_or_default());
        hold(&mut admin, &name)?;
        let made = properties(&mut admin, like, server)?;
        let said = said(&mut admin, &name, &base.author.host)?;
        let create = made.creation(&name, &Template::empty(&mut admin)?, admin.server_version());
        // From here on it is dropped, also where the answer to CREATE DATABASE never comes.
        let opening = working(base).of_database(&name);
        let end =
            End::Drop { base: Box::new(base.clone()), name: name.clone(), making, _admin: Box::new(admin) };
        let mut shadow = Self { opening, server, end, guard: None, owner: OnceLock::new() };
        let End::Drop { _admin: admin, .. } = &mut shadow.end else { return Ok(shadow) };
        create_database(admin, &create, &made, &name, server)?;
        fault::point("shadow-made");
        admin.query(&said)?;
        apply(admin, &made.settings_and_grants(&name))?;
        if admin.is_superuser() {
            // What another role put there would run with a superuser's rights.
            admin.query(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", Ident::new(&name)))?;
        }
        fault::point("shadow-created");
        Ok(shadow)
    }

    fn given(opening: &Opening) -> Result<Self, ShadowError> {
        place::unmarked(opening)?;
        let opening = working(opening);
        let mut inside = opening.connect()?;
        inside.query(&inside.prelude())?;
        let database = place::survey(&mut inside)?.database;
        place::direct(&mut inside, &database)?;
        take(&mut inside, &database)?;
        let is_closed = closed::close(&mut inside, &database)?;
        // From here on it is opened again, whatever fails.
        let database = is_closed.then_some(database);
        let end = End::Empty { inside: Box::new(inside), database };
        let mut shadow = Self { opening, server: Server::Shared, end, guard: None, owner: OnceLock::new() };
        let End::Empty { inside, .. } = &mut shadow.end else { return Ok(shadow) };
        guarded::reclaim(inside)?;
        empty::empty(inside)?;
        fault::point("shadow-created");
        Ok(shadow)
    }

    /// The way to it.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Whose server it is on.
    pub fn server(&self) -> Server {
        self.server
    }

    /// A session in it.
    ///
    /// # Errors
    /// What the server says.
    pub fn connect(&self) -> Result<Session, PgError> {
        let mut session = match &self.guard {
            Some(guard) => guard.connect()?,
            None => self.opening.connect()?,
        };
        session.query(&session.prelude())?;
        Ok(session)
    }

    /// A session in it of the role that made it, for what is in no schema: roles.
    ///
    /// # Errors
    /// What the server says.
    fn beside_login(&self) -> Result<Session, PgError> {
        let mut session = self.opening.connect()?;
        session.query(&session.own_prelude())?;
        Ok(session)
    }
}

impl Drop for Shadow {
    /// Also after Ctrl-C. What does not come about here, the next run does.
    fn drop(&mut self) {
        match &mut self.end {
            End::Drop { base, name, making, .. } => {
                drop_database(base, name);
                if let Some(role) = self.owner.get() {
                    owner::drop_role(base, role);
                }
                if !making.is_empty() {
                    drop(drop_made(base, making));
                }
            }
            End::Empty { inside, database } => {
                let calm = Opening {
                    interrupt: Interrupt::default(),
                    options: self.opening.options.at_once(),
                    ..self.opening.clone()
                };
                match self.guard.take() {
                    Some(guard) => drop(guard.leave()),
                    None => drop(calm.connect().and_then(|mut inside| empty::empty(&mut inside))),
                }
                if let Some(database) = database {
                    // Ctrl-C ends what the other session does.
                    let opened = calm.connect().and_then(|mut inside| closed::open(&mut inside, database));
                    drop(opened.or_else(|_| closed::open(inside, database)));
                }
            }
        }
    }
}

/// How we work in it: with few connections, and the role's own settings for writing.
fn working(opening: &Opening) -> Opening {
    Opening { pool: PoolSize { min: 0, max: 2, ..opening.pool }, ..opening.clone() }
}

/// What the new database is like: the encoding, the locale and the settings of the one that it stands for, our own, without
/// grants. That somebody has stopped the writing there is none of its business.
fn properties(admin: &mut Session, like: Option<&Properties>, server: Server) -> Result<Properties, PgError> {
    let template = Properties::read(admin, "template0")?.unwrap_or_default();
    let me = admin.catalog("SELECT current_user")?.get(0, 0).unwrap_or_default().to_owned();
    let like = like.unwrap_or(&template);
    let is_ours = |role: &Option<String>| role.as_ref().is_none_or(|role| *role == me);
    let settings = like.settings.iter().filter(|setting| {
        is_ours(&setting.role) && setting.name != "default_transaction_read_only" && setting.name != "role"
    });
    Ok(Properties {
        // The dev cluster has no tablespaces but its own, and a shared one may have none for us.
        tablespace: template.tablespace.clone(),
        owner: me.clone(),
        connection_limit: CONNECTIONS,
        comment: None,
        settings: if server == Server::Shared { settings.cloned().collect() } else { Vec::new() },
        grants: None,
        ..like.clone()
    })
}

/// Create it; on a server of our own with another locale where that of the other server is not known here.
fn create_database(
    admin: &mut Session,
    create: &str,
    made: &Properties,
    name: &str,
    server: Server,
) -> Result<(), PgError> {
    match admin.query(create) {
        Err(PgError::Server(_)) if server == Server::Private => {
            let template = Properties::read(admin, "template0")?.unwrap_or_default();
            let plain = Properties {
                owner: made.owner.clone(),
                connection_limit: made.connection_limit,
                settings: Vec::new(),
                grants: None,
                comment: None,
                ..template
            };
            let sql = plain.creation(name, &Template::empty(admin)?, admin.server_version());
            admin.query(&sql).map(drop)
        }
        ended => ended.map(drop),
    }
}

/// Take the lock in a database that several runs may be given.
fn take(inside: &mut Session, database: &str) -> Result<(), ShadowError> {
    let begin = Instant::now();
    while !hold(inside, database)? {
        if begin.elapsed() > PATIENCE {
            let rows = inside.catalog(&format!("SELECT {}", key(database)))?;
            let key = rows.get(0, 0).and_then(|key| key.parse().ok()).unwrap_or_default();
            let holder = holder(inside, key)?.map(Box::new);
            return Err(ShadowError::Busy { database: database.to_owned(), holder });
        }
        sleep(Duration::from_millis(100), &inside.interrupt().clone())?;
    }
    Ok(())
}

/// Whether the role may not do it, which another place may mend.
pub fn is_forbidden(error: &ShadowError) -> bool {
    matches!(error, ShadowError::Pg(error) if error.failure() == PgFailure::NoPrivilege)
}
