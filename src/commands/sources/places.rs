//! On which server a shadow database is made: the one that SHADOW_DATABASE_URL names; else that of the database in question,
//! unless it is protected or the role may not; else the dev cluster, if it has the same major version.

use anyhow::Result;

use crate::commands::open::{Chosen, opening};
use crate::config::{Config, Sourced};
use crate::context::{Context, Fallback, Where};
use crate::engine::guard;
use crate::engine::ledger::Ledger;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::properties::Properties;
use crate::engine::shadow::{Place, Server, ShadowError, Survey, major, survey};
use crate::pg::error::PgFailure;
use crate::pg::session::Session;
use crate::pg::url::{DatabaseUrl, Endpoint};

use super::{Live, Needs};

/// The place of a shadow database.
pub(super) struct Found {
    pub(super) place: Place,
    /// For people: `on the dev cluster`.
    pub(super) shown: String,
}

impl Found {
    /// What of it shows in a catalog: encoding, locale, settings.
    pub(super) fn likeness(&self) -> String {
        match &self.place {
            Place::Beside { like: Some(like), server, .. } => format!(
                "{server:?} {} {} {} {} {:?} {:?} {:?}",
                like.encoding,
                like.collate,
                like.ctype,
                like.provider,
                like.locale,
                like.icu_rules,
                like.settings
            ),
            Place::Beside { server, .. } => format!("{server:?}"),
            Place::Given { opening } => format!("given {}", opening.url),
        }
    }
}

/// Find it, with a session on that server.
pub(super) fn find(cx: &Context, command: &'static str, needs: Needs<'_>) -> Result<(Found, Session)> {
    if let Some(shadow) = &cx.config.shadow {
        return given(cx, command, shadow, needs);
    }
    let place = match needs.beside {
        Some(live) => live.place.clone(),
        None => cx.database(Fallback::DevCluster)?,
    };
    let looked = Looked::at(cx, command, &place, needs)?;
    match looked.unfit(needs.major) {
        None => {
            let server = if place.dev { Server::Private } else { Server::Shared };
            let shown = match place.dev {
                true => "on the dev cluster".to_owned(),
                false => format!("on the server of {}", place.direct),
            };
            let found = Place::Beside { opening: Box::new(looked.opening), server, like: looked.like };
            Ok((Found { place: found, shown }, looked.session))
        }
        Some(why) if place.dev => Err(ShadowError::NoPlace { why }.into()),
        Some(why) => dev_cluster(cx, command, needs.major.unwrap_or(looked.survey.major), looked.like, why),
    }
}

/// The database in question, as far as a shadow beside it hangs on it.
struct Looked {
    opening: Opening,
    session: Session,
    survey: Survey,
    like: Option<Box<Properties>>,
    /// Why it is protected, if it is.
    protected: Option<String>,
}

impl Looked {
    fn at(cx: &Context, command: &'static str, place: &Where, needs: Needs<'_>) -> Result<Self> {
        let opening = opening(cx, place.direct.clone(), command);
        let chosen = Chosen { place: place.clone(), opening: opening.clone() };
        let (mut session, ledger) = match opening.look() {
            Ok((session, ledger)) => (session, Some(ledger)),
            // Before the first migration there is none yet.
            Err(OpenError::Pg(error)) if error.failure() == PgFailure::NoSuchDatabase => {
                (opening.maintenance("")?, None)
            }
            Err(error) => {
                chosen.unreached(cx);
                return Err(error.into());
            }
        };
        let asked = survey(&mut session)?;
        let like = match &ledger {
            Some(_) => Properties::read(&mut session, &asked.database)?.map(Box::new),
            None => None,
        };
        let guarded = guarded(cx, &chosen, ledger.as_ref(), needs);
        let protection = guarded.protection();
        let protected = protection.protected.then(|| protection.because.join("; "));
        Ok(Self { opening, session, survey: asked, like, protected })
    }

    /// Why a shadow cannot be beside it, if that is so.
    fn unfit(&self, wanted: Option<u32>) -> Option<String> {
        let Survey { database, role, creates, standby, major, .. } = &self.survey;
        if let Some(because) = &self.protected {
            return Some(format!("the server of `{database}` is protected ({because})"));
        }
        if *standby {
            return Some(format!("the server of `{database}` is a standby"));
        }
        if !creates {
            return Some(format!("the role `{role}` may not create databases beside `{database}`"));
        }
        let wanted = wanted.filter(|wanted| wanted != major)?;
        Some(format!(
            "the server of `{database}` is PostgreSQL {major}, and the other side is on PostgreSQL {wanted}"
        ))
    }
}

/// What is stated of the place: of the configured database by the configuration, of one that was named by its URL by its mark.
fn guarded(cx: &Context, chosen: &Chosen, ledger: Option<&Ledger>, needs: Needs<'_>) -> guard::Place {
    let config = match needs.beside {
        None => cx.config.clone(),
        Some(Live { config: Some(config), .. }) => Config::clone(config),
        Some(Live { config: None, .. }) => {
            let mut unstated = cx.config.clone();
            (unstated.environment, unstated.protected) = (None, None);
            unstated
        }
    };
    match ledger {
        Some(ledger) => chosen.guarded(&config, ledger),
        None => guard::Place {
            environment: config.environment.as_ref().map(|environment| environment.value.clone()),
            protected_by_config: config.protected.as_ref().map(|protected| protected.value.to_string()),
            dev_cluster: chosen.place.dev,
            ..guard::Place::default()
        },
    }
}

fn dev_cluster(
    cx: &Context,
    command: &'static str,
    wanted: u32,
    like: Option<Box<Properties>>,
    why: String,
) -> Result<(Found, Session)> {
    let no = |more: &str| ShadowError::NoPlace { why: format!("{why}; {more}") };
    if cx.config.surroundings.ci {
        return Err(no("in CI the dev cluster stands in for nobody").into());
    }
    let url = match cx.dev_database() {
        Ok((url, _)) => url,
        Err(error) => return Err(error.context(no("and the dev cluster does not start"))),
    };
    let opening = opening(cx, url, command);
    let session = opening.connect()?;
    let found = major(&session);
    if found != wanted {
        return Err(no(&format!("the dev cluster is PostgreSQL {found}, and {wanted} is needed")).into());
    }
    let place = Place::Beside { opening: Box::new(opening), server: Server::Private, like };
    Ok((Found { place, shown: format!("on the dev cluster, because {why}") }, session))
}

fn given(
    cx: &Context,
    command: &'static str,
    shadow: &Sourced<DatabaseUrl>,
    needs: Needs<'_>,
) -> Result<(Found, Session)> {
    let refused = |what: String| ShadowError::Configured { shadow: shadow.value.to_string(), what };
    let others = others(cx, needs)?;
    if let Some((what, _)) = others.iter().find(|(_, url)| is_same(url, &shadow.value)) {
        return Err(refused(what.clone()).into());
    }
    let opening = opening(cx, shadow.value.clone(), command);
    let mut session = opening
        .connect()
        .inspect_err(|_| cx.ui.note(&format!("tried {} ({})", shadow.value, shadow.origin)))?;
    let asked = survey(&mut session)?;
    for (what, url) in &others {
        // One that does not answer is another than one that does.
        if identity(cx, url, command).is_some_and(|identity| identity == asked.identity) {
            return Err(refused(what.clone()).into());
        }
    }
    if let Some(wanted) = needs.major.filter(|wanted| *wanted != asked.major) {
        return Err(ShadowError::Version { found: asked.major, wanted }.into());
    }
    crate::engine::shadow::unmarked(&opening)?;
    let shown = format!("which {} names: {}", shadow.origin, shadow.value);
    Ok((Found { place: Place::Given { opening: Box::new(opening) }, shown }, session))
}

/// All databases that the configuration or the command names, each with what it is.
fn others(cx: &Context, needs: Needs<'_>) -> Result<Vec<(String, DatabaseUrl)>> {
    let mut all = Vec::new();
    let mut add = |what: &str, place: Where| {
        all.push((what.to_owned(), place.url));
        all.push((what.to_owned(), place.direct));
    };
    if let Some(live) = needs.beside {
        add("the other side of the comparison", live.place.clone());
    }
    if cx.config.configured_database().is_some() {
        add("the database itself", cx.database(Fallback::Nothing)?);
    }
    for name in &cx.config.environments {
        // What is not stated here (a variable of production's) cannot be compared, nor can it be reached from here.
        let place = cx.config.elsewhere(name).ok().and_then(|config| {
            let database = config.configured_database()?.value.url()?.clone();
            let direct =
                config.direct.as_ref().map_or_else(|| database.clone(), |direct| direct.value.clone());
            Some(Where { url: database, direct, origin: String::new(), dev: false })
        });
        if let Some(place) = place {
            add(&format!("that of the environment `{name}`"), place);
        }
    }
    Ok(all)
}

fn identity(cx: &Context, url: &DatabaseUrl, command: &'static str) -> Option<(String, String)> {
    let mut opening = opening(cx, url.clone(), command);
    opening.options = opening.options.at_once();
    opening.connect().and_then(|mut session| survey(&mut session)).map(|asked| asked.identity).ok()
}

/// Whether two URLs name one database, as far as their text says.
fn is_same(one: &DatabaseUrl, other: &DatabaseUrl) -> bool {
    let name = |url: &DatabaseUrl| url.database().or(url.user()).map(str::to_owned);
    let addresses =
        |url: &DatabaseUrl| -> Vec<(String, u16)> { url.endpoints().iter().map(address).collect() };
    let theirs = addresses(other);
    name(one) == name(other) && addresses(one).iter().any(|address| theirs.contains(address))
}

fn address(endpoint: &Endpoint) -> (String, u16) {
    let host = endpoint.host.as_deref().unwrap_or("localhost").to_ascii_lowercase();
    let local = ["127.0.0.1", "::1", "localhost"].contains(&host.as_str());
    (if local { "localhost".to_owned() } else { host }, endpoint.port.unwrap_or(5432))
}
