//! Everything that would make a restore fail half way, asked before any work: programs, versions, roles, extensions,
//! rights. What cannot be known (free space on the server) is said.

use std::collections::BTreeSet;

use crate::engine::archive::{Archive, Entry};
use crate::engine::backup::manifest::Layout;
use crate::engine::properties::Properties;
use crate::engine::swap::rights;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::Search;

use super::RestoreError;
use super::error::Obstacle;
use super::load::Ownership;
use super::offer::{Offer, lack, may_create, pinned};
use super::programs::{Programs, Route, origin};
use super::restorable;
use super::select::Selection;
use super::source::Source;

/// How many missing dependencies are named.
const LACKING: usize = 5;

/// What a restore is to do with the database that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// It takes the place of the live one.
    Replace,
    /// The same, by `rollback --to-backup`.
    RollBack,
    /// It stays beside it, under a name of its own.
    Beside,
    /// There is none: everything goes into the live database itself.
    InPlace,
}

/// What the preflight saw.
#[derive(Debug)]
pub struct Cleared {
    /// The programs.
    pub programs: Programs,
    /// Roles to be created.
    pub roles: Vec<String>,
    /// What is worth knowing before one agrees.
    pub notes: Vec<String>,
}

/// What of a backup is restored, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Which owners and privileges come back.
    pub ownership: Ownership,
    /// What is left out.
    pub select: &'a Selection,
    /// What becomes of it.
    pub goal: Goal,
    /// The schema of our own tables, which stays in place.
    pub bookkeeping: &'a str,
}

/// Look whether this can go well. `live` is a session in the live database, if there is one.
///
/// # Errors
/// `Refused` with everything that is in the way, `Tool`, `Source`, `Pg`.
pub fn preflight(
    source: &Source,
    Wish { ownership, select, goal, bookkeeping }: Wish<'_>,
    search: &Search,
    admin: &mut Session,
    live: Option<&mut Session>,
) -> Result<Cleared, RestoreError> {
    let version = admin.server_version();
    let programs = Programs::find(search, version, source)?;
    let mut archive = source.archive()?;
    let mut obstacles = Vec::new();
    if let Some(archive) = &mut archive {
        obstacles.extend(select.unknown(archive).map(Obstacle::hopeless));
        if goal != Goal::InPlace {
            obstacles.extend(select.lacking(archive).into_iter().take(LACKING).map(Obstacle::hopeless));
        }
        select.apply(archive);
    } else if !select.is_everything() && source.layout() == Layout::Plain {
        let what = format!("a plain script is run as it is:{} has no effect on it", select.as_typed());
        obstacles.push(Obstacle::new(what, "dump it as an archive: `pg_dump -Fc`"));
    }
    if source.layout() == Layout::Plain || programs.route == Route::Script {
        match programs.psql() {
            Err(RestoreError::Refused(more)) => obstacles.extend(more),
            other => drop(other?),
        }
    }
    if source.layout() == Layout::Plain && ownership != Ownership::default() {
        obstacles.push(Obstacle::hopeless(
            "a plain script is run as it is: `--no-owner`, `--no-privileges` and `--create-roles` have no effect on it",
        ));
    }
    obstacles.extend(versions(source, archive.as_ref(), version));
    let offer = Offer::of(source, goal);
    if goal != Goal::InPlace {
        obstacles.extend(pinned(source, archive.as_ref(), offer.as_ref(), admin)?);
    }
    let mut installed = Vec::new();
    let mut acts_as = None;
    let mut live = live;
    if let Some(live) = live.as_deref_mut() {
        acts_as = restorable::acts_as(live)?;
    }
    match (goal, live) {
        (Goal::Replace | Goal::RollBack, Some(live)) => {
            obstacles.extend(rights(live)?.iter().map(|one| lack(one, offer.as_ref())));
        }
        (Goal::Replace | Goal::RollBack | Goal::Beside, _) => {
            obstacles.extend(may_create(admin, offer.as_ref())?);
        }
        (Goal::InPlace, Some(live)) => {
            let rows = live.catalog("SELECT extname FROM pg_extension")?;
            installed.extend(rows.rows.into_iter().filter_map(|mut row| row.remove(0)));
            if !select.schemas.is_empty() {
                obstacles.extend(restorable::dependents(&select.schemas, live)?);
            }
            if let Some(archive) = &archive {
                obstacles.extend(restorable::foreign_schemas(archive, bookkeeping, live)?);
            }
        }
        (Goal::InPlace, None) => {}
    }
    if let Some(archive) = &archive {
        obstacles.extend(restorable::superuser_only(archive, admin)?);
        if !select.no_tablespaces {
            obstacles.extend(restorable::tablespaces(archive, admin)?);
        }
    }
    let (missing, more) = roles(source, archive.as_ref(), ownership, goal, admin)?;
    obstacles.extend(more);
    let mut notes = Vec::new();
    if programs.route == Route::Script && source.layout() == Layout::Directory {
        notes.push(format!(
            "the archive is restored through psql, without parallel jobs: pg_restore {} or pg_dump wrote what \
             PostgreSQL {} does not know",
            programs.pg_restore.version,
            version / 10_000
        ));
    }
    extensions(source, archive.as_ref(), &installed, admin, &mut obstacles, &mut notes)?;
    if let Some(bytes) = source.database_bytes() {
        notes.push(format!(
            "the server needs room for {} MB more; how much it has cannot be asked",
            bytes.div_ceil(1_000_000)
        ));
    }
    if let Some(acting) = acts_as.filter(|_| !obstacles.is_empty()) {
        // What would be granted to the role that the session acts as would be granted to the wrong one.
        obstacles.iter_mut().for_each(|obstacle| obstacle.remedy = None);
        obstacles.insert(0, acting);
    }
    if obstacles.is_empty() {
        Ok(Cleared { programs, roles: missing, notes })
    } else {
        Err(RestoreError::Refused(obstacles))
    }
}

/// A server takes what an older one wrote, not the other way round.
fn versions(source: &Source, archive: Option<&Archive>, server_version: i32) -> Option<Obstacle> {
    let server = server_version / 10_000;
    let theirs = origin(source, archive).filter(|theirs| *theirs > server)?;
    Some(Obstacle::hopeless(format!(
        "it comes from PostgreSQL {theirs}, and this server is PostgreSQL {server}: what a newer server wrote may not \
         mean the same to an older one"
    )))
}

/// The roles that the archive names and the server lacks: those that will be created, and what is in the way.
fn roles(
    source: &Source,
    archive: Option<&Archive>,
    ownership: Ownership,
    goal: Goal,
    admin: &mut Session,
) -> Result<(Vec<String>, Vec<Obstacle>), PgError> {
    let mut obstacles = Vec::new();
    let owners: BTreeSet<String> = match archive {
        Some(archive) if !ownership.no_owner => archive
            .entries
            .iter()
            .map(|entry| entry.owner.clone())
            // Whoever owns the new database is that one's only member, and never anybody else's (docs 22.5).
            .filter(|owner| !owner.is_empty() && owner != "pg_database_owner")
            .collect(),
        _ => BTreeSet::new(),
    };
    let named: BTreeSet<String> = match (archive, source.manifest()) {
        (Some(archive), _) if !ownership.no_privileges => archive.roles(),
        (None, Some(manifest)) if !(ownership.no_privileges && ownership.no_owner) => {
            manifest.roles.iter().cloned().collect()
        }
        _ => BTreeSet::new(),
    };
    let public_only = match archive {
        Some(archive) if admin.server_version() < 150_000 => owners_of_public_only(archive),
        _ => BTreeSet::new(),
    };
    let all: Vec<String> = owners.union(&named).cloned().collect();
    let list = all.iter().map(|role| Literal(role).to_string()).collect::<Vec<_>>().join(", ");
    // Since 16 a member may be one without becoming the role (docs GRANT, `WITH SET`).
    let becomes = if admin.server_version() >= 160_000 { "SET" } else { "MEMBER" };
    let known = admin.catalog(&format!(
        "SELECT rolname, pg_has_role(oid, '{becomes}'), oid = 10, rolsuper FROM pg_roles WHERE rolname = ANY (ARRAY[{list}]::text[])"
    ))?;
    let supers: BTreeSet<&str> = (0..known.rows.len())
        .filter(|row| known.get(*row, 3) == Some("t"))
        .filter_map(|row| known.get(row, 0))
        .collect();
    let known: Vec<(&str, bool)> = (0..known.rows.len())
        .filter_map(|row| {
            let name = known.get(row, 0)?;
            let has_it = public_only.contains(name) && known.get(row, 2) == Some("t");
            Some((name, has_it || known.get(row, 1) == Some("t")))
        })
        .collect();
    // Predefined ones are not in pg_roles of an older server, PUBLIC in none.
    let missing: Vec<String> =
        all.iter().filter(|role| !known.iter().any(|(name, _)| name == role)).cloned().collect();
    let me = admin
        .catalog("SELECT rolname, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")?;
    let role = me.get(0, 0).unwrap_or_default();
    if !missing.is_empty() && !ownership.create_roles {
        let create: Vec<String> =
            missing.iter().map(|role| format!("CREATE ROLE {};", Ident::new(role))).collect();
        obstacles.push(Obstacle::new(
            format!("the server has no role {}", quoted(&missing)),
            format!(
                "{} — or give `--create-roles` (without login), or `--no-owner --no-privileges`",
                create.join(" ")
            ),
        ));
    } else if !missing.is_empty() && me.get(0, 1) != Some("t") {
        obstacles.push(Obstacle::new(
            format!("role `{role}` may not create the missing roles {}", quoted(&missing)),
            format!("ALTER ROLE {} CREATEROLE;", Ident::new(role)),
        ));
    }
    // ALTER … OWNER TO takes membership in the new owner. Who owns a new database is a member of this one in it, and in no
    // other that we could ask (docs 22.5 "Predefined Roles").
    let comes = |owner: &str| goal != Goal::InPlace && owner == "pg_database_owner";
    for (owner, is_member) in &known {
        if owners.contains(*owner) && !is_member && !comes(owner) {
            obstacles.push(Obstacle::new(
                format!(
                    "role `{role}` is no member of `{owner}`, to whom it would have to give what it restores"
                ),
                // Membership in a superuser would make this role one.
                if supers.contains(owner) {
                    "give `--no-owner`, or restore as a superuser".to_owned()
                } else {
                    format!("GRANT {} TO {}; — or give `--no-owner`", Ident::new(*owner), Ident::new(role))
                },
            ));
        }
    }
    Ok((if ownership.create_roles { missing } else { Vec::new() }, obstacles))
}

/// Before 15 the schema public of a new database belongs to the superuser that initdb made. A pg_dump of 15 or later
/// writes that owner, and giving a schema to its owner requires nothing.
fn owners_of_public_only(archive: &Archive) -> BTreeSet<&str> {
    let is_public = |entry: &&Entry| match entry.desc.as_str() {
        "SCHEMA" => entry.tag == "public",
        "ACL" => entry.tag == "SCHEMA public",
        _ => false,
    };
    let (public, others): (Vec<_>, Vec<_>) = archive.entries.iter().partition(is_public);
    let others: BTreeSet<&str> = others.iter().map(|entry| entry.owner.as_str()).collect();
    public.iter().map(|entry| entry.owner.as_str()).filter(|owner| !others.contains(owner)).collect()
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Those that stay need not be made.
fn extensions(
    source: &Source,
    archive: Option<&Archive>,
    installed: &[String],
    admin: &mut Session,
    obstacles: &mut Vec<Obstacle>,
    notes: &mut Vec<String>,
) -> Result<(), PgError> {
    let wanted: Vec<(String, Option<String>)> = match (source.manifest(), archive) {
        (Some(manifest), _) => manifest
            .extensions
            .iter()
            .map(|extension| (extension.name.clone(), Some(extension.version.clone())))
            .collect(),
        (None, Some(archive)) => archive.extensions().into_iter().map(|name| (name, None)).collect(),
        (None, None) => Vec::new(),
    };
    for (name, version) in wanted.into_iter().filter(|(name, _)| name != "plpgsql") {
        let rows = admin.catalog(&format!(
            "SELECT a.default_version, coalesce(bool_or(v.trusted OR NOT v.superuser), false) \
               OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \
             FROM pg_available_extensions a LEFT JOIN pg_available_extension_versions v \
               ON v.name = a.name AND v.version = a.default_version \
             WHERE a.name = {} GROUP BY a.default_version",
            Literal(&name)
        ))?;
        let Some(here) = rows.get(0, 0) else {
            obstacles.push(Obstacle::new(
                format!("the server has no extension `{name}`"),
                "install its package on the server",
            ));
            continue;
        };
        if rows.get(0, 1) != Some("t") && !installed.contains(&name) {
            obstacles.push(Obstacle::hopeless(format!("only a superuser may create the extension `{name}`")));
        }
        if let Some(version) = version.filter(|version| version != here) {
            notes.push(format!("extension `{name}` was {version} there, and is {here} here"));
        }
    }
    Ok(())
}

/// What the new database is like: the text's encoding and locale belong to the data, all else to the place.
pub(super) fn properties(
    source: &Source,
    place: Option<&Properties>,
    me: &str,
    notes: &mut Vec<String>,
) -> Option<Properties> {
    let data = source.manifest().map(|manifest| &manifest.source.properties);
    match (data, place) {
        (None, None) => None,
        (None, Some(place)) => Some(place.clone()),
        (Some(data), None) => Some(Properties { owner: me.to_owned(), ..data.clone() }),
        (Some(data), Some(place)) => {
            for (what, theirs, ours) in [
                ("encoding", &data.encoding, &place.encoding),
                ("collation", &data.collate, &place.collate),
                ("character type", &data.ctype, &place.ctype),
            ] {
                if theirs != ours {
                    notes.push(format!(
                        "its {what} becomes `{theirs}`, as where it was backed up; it was `{ours}`"
                    ));
                }
            }
            Some(Properties {
                encoding: data.encoding.clone(),
                collate: data.collate.clone(),
                ctype: data.ctype.clone(),
                provider: data.provider.clone(),
                locale: data.locale.clone(),
                icu_rules: data.icu_rules.clone(),
                ..place.clone()
            })
        }
    }
}
