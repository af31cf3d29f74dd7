//! Where nothing is planted, every command ends as it always did, for every kind of role.

mod roles;

use super::cast::{Cast, Powers, Records, Runner, Stage};
use super::commands::ALL;

/// Every command, but for those that end otherwise for this role.
#[track_caller]
fn whole_life(mut stage: Stage<'_>, otherwise: &[(&str, i32)]) {
    let mut wrong = Vec::new();
    for command in &ALL {
        let code = otherwise.iter().find(|(name, _)| *name == command.name).map_or(command.code, |one| one.1);
        let cell = stage.run(command);
        if cell.code != code {
            wrong.push(format!("{}: expected {code}, {}", command.name, cell.shown));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_superuser_runs_every_command() {
    let cast = Cast::new(Powers::None, Runner::Superuser, Records::Runner);
    whole_life(cast.stage(), &[]);
}

#[test]
fn an_owner_who_may_create_databases_runs_every_command() {
    let cast = Cast::new(Powers::None, Runner::Owner, Records::Runner);
    let stage = cast.stage();
    stage.project.sql(&format!("ALTER ROLE {} CREATEDB", cast.deployer.name));
    whole_life(stage, &[]);
}

#[test]
fn an_owner_who_may_not_create_databases_runs_what_needs_none() {
    let cast = Cast::new(Powers::None, Runner::Owner, Records::Runner);
    let otherwise =
        [("verify 2", 3), ("verify 3", 3), ("into", 3), ("swap", 3), ("undo", 2), ("to backup", 3)];
    whole_life(cast.stage(), &otherwise);
}
