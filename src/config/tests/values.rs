//! Which of several stated values wins.

use super::{GlobalArgs, Project, Target, check};
use crate::pg::secret::Secret;

const STAGING: &str = "[environments.staging]\nurl = \"env:STAGING_URL\"\n[environments.dev]\n";

#[test]
fn the_strongest_place_gives_the_database() {
    let dotenv = [(".env", "DATABASE_URL=postgres://app:hunter2@dotenv/shop")];
    let flag = |args: &mut GlobalArgs| args.database_url = Some(Secret::new("postgres://flag"));
    check(Project::new(&dotenv), "database", "postgres://app:****@dotenv/shop | `DATABASE_URL` in .env");
    check(
        Project::new(&dotenv).env("DATABASE_URL", "postgres://real"),
        "database",
        "postgres://real | `DATABASE_URL` in the environment",
    );
    check(
        Project::new(&dotenv).env("DATABASE_URL", "postgres://real").args(flag),
        "database",
        "postgres://flag | `--database-url`",
    );
    check(Project::new(&dotenv).args(|args| args.dev = true), "database", "the dev cluster | `--dev`");
    check(Project::new(&[]), "database", "the dev cluster | the dev cluster, because nothing is configured");
    check(Project::new(&[]).env("CI", "true"), "database", " | default");
    check(
        Project::new(&dotenv).env("DATABASE_URL", ""),
        "database",
        "the dev cluster | the dev cluster, because nothing is configured",
    );
}

#[test]
fn the_dev_cluster_is_never_configured_unless_it_is_asked_for() {
    let nothing = Project::new(&[]).load().unwrap();
    assert_eq!(nothing.configured_database(), None);
    assert_eq!(nothing.database.unwrap().value, Target::DevCluster);
    let dev = Project::new(&[]).env("CI", "1").args(|args| args.dev = true).load().unwrap();
    assert_eq!(dev.configured_database().unwrap().value, Target::DevCluster);
}

#[test]
fn a_named_environment_lends_its_section_the_strength_of_the_naming() {
    let files =
        [("pgkeel.toml", STAGING), (".env", "DATABASE_URL=postgres://dev\nSTAGING_URL=postgres://staging")];
    let staging = |args: &mut GlobalArgs| args.env = Some("staging".to_owned());
    let named =
        "postgres://staging | `STAGING_URL` in .env, named by `environments.staging.url` in pgkeel.toml";
    check(Project::new(&files).args(staging), "database", named);
    check(Project::new(&files).args(staging).env("DATABASE_URL", "postgres://real"), "database", named);
    check(Project::new(&files).env("PGKEEL_ENV", "staging"), "database", named);
    check(
        Project::new(&files).env("PGKEEL_ENV", "staging").env("DATABASE_URL", "postgres://real"),
        "database",
        "postgres://real | `DATABASE_URL` in the environment",
    );
    check(
        Project::new(&files).env("NODE_ENV", "staging"),
        "database",
        "postgres://dev | `DATABASE_URL` in .env",
    );
    check(Project::new(&files), "database", "postgres://dev | `DATABASE_URL` in .env");
    check(
        Project::new(&[("pgkeel.toml", STAGING), (".env", "DATABASE_URL=postgres://dev")]).args(staging),
        "database",
        "error: `environments.staging.url` in pgkeel.toml names the variable `STAGING_URL`, which is set neither",
    );
    let command = "[environments.staging]\nurl_command = 'vault read'\n";
    check(
        Project::new(&[("pgkeel.toml", command), (".env", "DATABASE_URL=postgres://dev")]).args(staging),
        "database",
        "what a command prints | `environments.staging.url_command` in pgkeel.toml",
    );
    check(
        Project::new(&[("pgkeel.toml", &format!("{command}url = 'env:X'"))]).args(staging),
        "database",
        "error: `environments.staging.url_command` in pgkeel.toml and `url` exclude each other.",
    );
}

#[test]
fn the_environment_is_named_in_a_documented_order() {
    let files = [
        (".env", "PGKEEL_ENV=general"),
        (".env.test", "PGKEEL_ENV=other"),
        ("pgkeel.toml", "default_environment = 'plain'"),
    ];
    check(Project::new(&files), "environment", "general | `PGKEEL_ENV` in .env");
    check(Project::new(&files).env("NODE_ENV", "test"), "environment", "general | `PGKEEL_ENV` in .env");
    check(
        Project::new(&files).env("PGKEEL_ENV", "test"),
        "environment",
        "test | `PGKEEL_ENV` in the environment",
    );
    check(
        Project::new(&files[2..]).env("RUST_ENV", "test"),
        "environment",
        "test | `RUST_ENV` in the environment",
    );
    check(Project::new(&files[2..]), "environment", "plain | `default_environment` in pgkeel.toml");
    check(
        Project::new(&[]).env("PGKEEL_ENV", "../x"),
        "environment",
        "error: `PGKEEL_ENV` in the environment must be a name of letters",
    );
    let stagin = Project::new(&[("pgkeel.toml", STAGING)]).args(|args| args.env = Some("stagin".to_owned()));
    check(
        stagin,
        "environment",
        "error: `--env` names the environment `stagin`, which has neither a section `[environments.stagin]` in \
         pgkeel.toml nor a file `.env.stagin`. Did you mean `staging`? Known: `dev`, `staging`.",
    );
    check(
        Project::new(&[("pgkeel.toml", STAGING)]).env("NODE_ENV", "test"),
        "environment",
        "test | `NODE_ENV` in the environment",
    );
}

#[test]
fn the_way_around_the_pooler_must_be_stated_as_strongly_as_the_database() {
    let both = [(".env", "DATABASE_URL=postgres://pooled\nDIRECT_DATABASE_URL=postgres://direct")];
    check(Project::new(&both), "direct", "postgres://direct | `DIRECT_DATABASE_URL` in .env");
    check(
        Project::new(&both).env("DIRECT_URL", "postgres://real"),
        "direct",
        "postgres://real | `DIRECT_URL` in the environment",
    );
    check(Project::new(&both).env("DATABASE_URL", "postgres://elsewhere"), "direct", " | default");
    let config = Project::new(&both).env("DATABASE_URL", "postgres://elsewhere").load().unwrap();
    assert!(
        config.warnings[0].starts_with("`DIRECT_DATABASE_URL` in .env is not used"),
        "{:?}",
        config.warnings
    );
    check(
        Project::new(&[]).env("DIRECT_URL", "postgres://only"),
        "database",
        "postgres://only | `DIRECT_URL` in the environment",
    );
}

#[test]
fn production_is_a_stated_fact_and_reset_a_switch_that_no_flag_turns() {
    let production = |args: &mut GlobalArgs| args.env = Some("production".to_owned());
    check(
        Project::new(&[]).args(production),
        "protected",
        "the environment is called `production` | `--env`",
    );
    check(Project::new(&[]).env("NODE_ENV", "development"), "protected", " | default");
    let lowered = [("pgkeel.toml", "[environments.production]\nprotected = false")];
    check(
        Project::new(&lowered).args(production),
        "protected",
        "the environment is called `production` | `--env`",
    );
    let stated = [("pgkeel.toml", "default_environment = 'eu'\n[environments.eu]\nprotected = true")];
    check(
        Project::new(&stated),
        "protected",
        "the configuration says `protected = true` | `environments.eu.protected` in pgkeel.toml",
    );
    let switch = [("pgkeel.toml", "allow_reset = false\n[environments.production]\nallow_reset = true")];
    check(Project::new(&switch).args(production), "allow_reset", "false | `allow_reset` in pgkeel.toml");
    check(Project::new(&[]), "allow_reset", "true | default");
}

#[test]
fn the_pools_limits_come_from_the_strongest_place_and_must_fit() {
    let pool = |key, expected| {
        let files = [
            ("pgkeel.toml", "[pool]\nmin = 1\nmax = 5"),
            (".env", "DATABASE_URL=postgres://h?connection_limit=7"),
        ];
        check(Project::new(&files), key, expected);
    };
    pool("pool.min", "1 | `pool.min` in pgkeel.toml");
    pool("pool.max", "7 | `connection_limit` in the URL of `DATABASE_URL` in .env");
    let real = |value| Project::new(&[]).env("DATABASE_POOL_MAX", value).env("DATABASE_POOL_MIN", "2");
    check(real("4"), "pool.max", "4 | `DATABASE_POOL_MAX` in the environment");
    check(
        real("0"),
        "pool.max",
        "error: `DATABASE_POOL_MAX` in the environment must be a number from 1 up, and it is `0`.",
    );
    check(
        real("many"),
        "pool.max",
        "error: `DATABASE_POOL_MAX` in the environment must be a number from 1 up, and it is `many`.",
    );
    check(
        real("1"),
        "pool.max",
        "error: The pool cannot hold at least 2 connections (`DATABASE_POOL_MIN` in the environment) and at most 1",
    );
}

#[test]
fn the_surroundings_are_read_from_the_environment() {
    let driver = |name, value| {
        Project::new(&[]).env(name, value).load().unwrap().surroundings.driven_by.map(|d| d.variable)
    };
    assert_eq!(driver("CLAUDECODE", "1"), Some("CLAUDECODE"));
    assert_eq!(driver("OR_APP_NAME", "Aider"), Some("OR_APP_NAME"));
    assert_eq!(driver("OR_APP_NAME", "other"), None);
    assert_eq!((driver("CI", "true"), driver("CI", "false")), (Some("CI"), None));
    check(
        Project::new(&[]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1"),
        "color",
        "never | `NO_COLOR` in the environment",
    );
    check(
        Project::new(&[]).env("CLICOLOR_FORCE", "1"),
        "color",
        "always | `CLICOLOR_FORCE` in the environment",
    );
    check(
        Project::new(&[]).env("PGKEEL_NOW", "soon"),
        "color",
        "error: `PGKEEL_NOW` in the environment must be a time",
    );
    let config =
        Project::new(&[]).env("PGKEEL_NOW", "2026-01-02T03:04:05Z").env("COLUMNS", "100").load().unwrap();
    assert_eq!(config.surroundings.now.unwrap().to_rfc3339(), "2026-01-02T03:04:05+00:00");
    assert_eq!(config.surroundings.columns, Some(100));
}

#[test]
fn another_environment_has_its_own_database_and_never_this_runs() {
    #[track_caller]
    fn check(project: Project, name: &str, expected: &str) {
        let environment = project.environment.iter().copied().collect();
        let found = project.load().unwrap().elsewhere_in(name, &environment);
        let found = match found {
            Ok(config) => config.database.map(|database| database.value.to_string()).unwrap_or_default(),
            Err(error) => format!("error: {error}"),
        };
        assert!(
            found == expected || expected.starts_with("error: ") && found.starts_with(expected),
            "{found}"
        );
    }
    let none = "error: The environment `staging` has no database of its own";
    let section = [("pgkeel.toml", STAGING)];
    let real = |project: Project| project.env("DATABASE_URL", "postgres://app:hunter2@real/shop");
    check(
        real(Project::new(&section)).env("STAGING_URL", "postgres://staging"),
        "staging",
        "postgres://staging",
    );
    check(
        real(Project::new(&section)),
        "staging",
        "error: `environments.staging.url` in pgkeel.toml names the variable",
    );
    check(real(Project::new(&section)), "dev", "error: The environment `dev` has no database of its own");
    check(real(Project::new(&[])), "staging", none);
    check(Project::new(&[(".env", "DATABASE_URL=postgres://dev")]), "staging", none);
    check(Project::new(&[]), "staging", none);
    let file = [(".env.staging", "DATABASE_URL=postgres://file"), (".env", "DATABASE_URL=postgres://dev")];
    check(real(Project::new(&file)), "staging", "postgres://file");
    check(Project::new(&file), "staging", "postgres://file");
    check(Project::new(&file).args(|args| args.dev = true), "staging", "postgres://file");
    // This run is in it.
    check(real(Project::new(&[])).env("PGKEEL_ENV", "staging"), "staging", "postgres://app:****@real/shop");
    check(
        real(Project::new(&section)),
        "stagign",
        "error: The environment `stagign` has no database of its own: ",
    );
}
