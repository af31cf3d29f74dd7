//! Every help page, word for word: it is what people read first.

use insta::assert_snapshot;

use crate::support::project::Project;

fn page(arguments: &[&str]) -> String {
    let arguments: Vec<_> = arguments.iter().chain(&["--help"]).copied().collect();
    let ran = Project::new().run(&arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.text());
    ran.stdout
}

/// From the title of the options that all commands have to the paragraph after them.
fn global_options(page: &str) -> &str {
    let begin = page.find("Global options:\n").expect("a page has the global options");
    let last = "- never:  Never\n";
    let end = page.find(last).expect("the last global option is --color") + last.len();
    &page[begin..end]
}

/// The page of a command, without what the program's own page pins for all.
fn help(command: &str) -> String {
    let (program, page) = (page(&[]), page(&[command]));
    assert_eq!(global_options(&page), global_options(&program));
    page.replace(global_options(&page), "Global options: …\n")
}

#[test]
fn help_of_the_program() {
    assert_snapshot!(page(&[]), @"
    Takes a PostgreSQL schema from a developer's keyboard to production and back

    Usage: pgkeel [OPTIONS] <COMMAND>

    Commands:
      init         Lay out a project: pgkeel.toml, diesel.toml, migrations/, seeds/, .env.example,
                   .gitignore lines
      dev          The project's own local PostgreSQL, from the installed binaries
      migrate      Bring your own database up to date, and write the next migration
      deploy       Apply pending migrations, unattended: for CI/CD and production
      drift        Compare the live database with what its migrations make
      generate     Write Diesel's schema.rs from the catalog
      pull         Write the catalog as a readable schema.sql
      push         Bring a development database to the desired state, without a migration
      validate     Prove everything that a merge hangs on
      diff         Show what differs between two schemas, and the SQL from one to the other
      status       Show which migrations are applied, pending or in trouble
      rollback     Undo migrations, newest first
      reset        Drop everything, apply all migrations, load the seeds
      seed         Load seed data: sets of ordered SQL files, in one transaction
      backup       Take a backup that is proved, and look after those that were taken
      restore      Restore a backup into a new database, verify it, then put it in the place of the old
                   one
      execute      Run SQL and print the rows
      resolve      Correct the ledger by hand, without running any SQL
      env          Show or set what the database is: production, staging, development
      health       Tell whether the database answers, and how fast (ms)
      config       Show every value of the configuration with its origin
      completions  Print a completion script for a shell
      man          Print the manual page of pgkeel or of one command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --database-url <URL>
              Database to work on; better kept in DATABASE_URL, since other users of this machine can
              see a command line

          --env <NAME>
              Environment to work in: its section in pgkeel.toml and its .env files

          --config <FILE>
              Configuration file, in place of the nearest pgkeel.toml

      -C, --directory <DIR>
              Run as if started in this directory

          --dev
              Use the project's own development server, whatever is configured

      -y, --yes
              Answer yes to questions about unprotected databases

          --confirm <ENVIRONMENT/DATABASE>
              Confirm what destroys data in a protected environment, as in `production/shop`

          --json
              Print the result as one JSON document

      -q, --quiet
              Print nothing but results and errors

      -v, --verbose...
              Tell more; twice for everything

          --color <WHEN>
              When to use colour

              Possible values:
              - auto:   On a terminal
              - always: Always
              - never:  Never

    Exit status: 0 done or nothing to do, 1 failed, 2 usage or configuration, 3 refused by a guard,
    4 migrations are pending, 5 the history is in trouble, 6 different, 7 the lock was not had, 8 cannot
    connect,
    9 a program is missing, 10 verification failed, 130 interrupted or answered no.

    Examples:
      pgkeel init                              lay out a project
      pgkeel migrate                           from schema.sql to a migration, proved and applied
      pgkeel deploy                            apply it in CI/CD
      pgkeel status                            see where a database stands
    ");
}

#[test]
fn help_of_init() {
    assert_snapshot!(help("init"), @"
    Lay out a project: pgkeel.toml, diesel.toml, migrations/, seeds/, .env.example, .gitignore lines

    Usage: pgkeel init [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Nothing is overwritten; a second run changes nothing.

    Examples:
      pgkeel init
      pgkeel init -C services/shop
    ");
}

#[test]
fn help_of_dev() {
    assert_snapshot!(help("dev"), @"
    The project's own local PostgreSQL, from the installed binaries

    Usage: pgkeel dev [OPTIONS] <COMMAND>

    Commands:
      start    Start the server unless it runs
      stop     Stop the server; its data stays
      status   Tell whether it runs
      url      Print the URL of the project's database
      psql     Open psql on the project's database
      destroy  Stop the server and delete its data
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel dev start            start it, as every developer's command does if nothing is configured
      pgkeel dev start --tcp      also on a free port of 127.0.0.1, with a password
      pgkeel dev url              for DATABASE_URL of your application
      pgkeel dev psql             look around
      pgkeel dev destroy          stop it and delete its data
    ");
}

#[test]
fn help_of_migrate() {
    assert_snapshot!(help("migrate"), @r#"
    Bring your own database up to date, and write the next migration

    Usage: pgkeel migrate [OPTIONS]
           pgkeel migrate <COMMAND>

    Commands:
      list    List the migrations, with what their SQL can hurt
      show    Show a migration: its SQL, its state, who applied it
      squash  Make one migration of all up to a version
      rebase  Give an unapplied migration a new version
      help    Print this message or the help of the given subcommand(s)

    Options:
          --name <NAME>
              Name of the new migration

          --create-only
              Write the migration and apply nothing, neither it nor what is pending

          --empty
              Write a folder with an empty up.sql and down.sql

          --from <SOURCE>
              The desired state: a .sql file or folder, a database, a backup … [default: `schema` in
              pgkeel.toml]

          --rename <OLD=NEW>
              Something has another name now: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW, or with the
              kind before it

          --no-rename
              What goes and what comes is not the same under a new name: its data may go

          --fill <TABLE.COLUMN=EXPRESSION>
              The value that existing rows get where NULL is no longer allowed, as SQL

          --using <TABLE.COLUMN=EXPRESSION>
              How the values of a column become those of its new type, as SQL

          --online
              Prefer forms that stop nobody for long: CONCURRENTLY, NOT VALID and VALIDATE

          --trust-code-of <ROLE>
              Run the code of this role with the rights of the role that creates the shadow database

          --skip-generate
              Do not write schema.rs afterwards

          --dry-run
              Show what would be done and stop

          --allow-out-of-order
              Apply migrations that are older than the newest applied one

          --allow-edited
              Go on although an applied migration was edited

          --allow-missing
              Go on although the folder of an applied migration is gone

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    What is pending is applied. Then the desired state (schema.sql, or what --from names) is compared
    with what
    the migrations make. Where they differ, a migration is written, proved in a shadow database and
    applied. Without a schema.sql, --name takes what you changed in your database by hand.

    Examples:
      pgkeel migrate                          apply what is pending; write and apply the rest
      pgkeel migrate --name add_phone         the same, with the new migration's name
      pgkeel migrate --create-only            write it, and apply nothing
      pgkeel migrate --rename users.name=full_name
      pgkeel migrate --fill "users.phone=''"     what rows get in a new NOT NULL column
      pgkeel migrate --using 'users.age=age::int'
      pgkeel migrate --name rows --empty      lay out up.sql and down.sql, to be written by hand
      pgkeel migrate --dry-run                show what would be done
      pgkeel migrate list                     (and show, squash, rebase)
    "#);
}

#[test]
fn help_of_deploy() {
    assert_snapshot!(help("deploy"), @"
    Apply pending migrations, unattended: for CI/CD and production

    Usage: pgkeel deploy [OPTIONS]

    Options:
          --to <VERSION>
              Stop after this version

          --dry-run
              Show the plan and stop

          --wait <TIME>
              Wait this long for the server, as in `60s`

          --lock-wait <TIME>
              Wait this long for another deploy [default: as long as it makes progress]

          --lock-timeout <TIME>
              How long a statement may wait for a table lock before it is tried again

          --terminate-orphan
              End a session that holds the lock although its process, on this machine, is gone

          --new-ledger
              Create a ledger where the search_path has none, although another schema or tool has one

          --no-backup
              Take no backup first, where one would be taken (`[deploy] backup`)

          --allow-out-of-order
              Apply migrations that are older than the newest applied one

          --allow-edited
              Go on although an applied migration was edited

          --allow-missing
              Go on although the folder of an applied migration is gone

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel deploy                          apply everything that is pending
      pgkeel deploy --dry-run                show what would be applied; take no lock, create nothing
      pgkeel deploy --wait 60s               wait for a server that is still starting
      pgkeel deploy --to 20250103000000      stop after that version
      pgkeel deploy --env production         also mark the database as production, the first time
      pgkeel deploy --no-backup              without the backup that a protected environment gets first
    ");
}

#[test]
fn help_of_status() {
    assert_snapshot!(help("status"), @"
    Show which migrations are applied, pending or in trouble

    Usage: pgkeel status [OPTIONS]

    Options:
          --all
              List every migration, not only the last ten applied

          --exit-zero
              Exit with 0 whatever the state is

          --check <WHAT>
              Also look at this now: `drift` compares the database with what its migrations make
              
              [possible values: drift]

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Exit status: 0 all applied, 4 migrations are pending, 5 the history is in trouble
    (partial, edited, missing, out of order), 2 the migrations folder must be mended, 8 cannot connect;
    with --check drift also 6 it differs, 1 unknown, 7 a run is changing it.

    Examples:
      pgkeel status                  one screen
      pgkeel status --all            also the older applied migrations
      pgkeel status --json           for programs
      pgkeel status --check drift    also whether anybody changed the database by hand
      pgkeel status --exit-zero      for dashboards: pending is no failure
    ");
}

#[test]
fn help_of_rollback() {
    assert_snapshot!(help("rollback"), @"
    Undo migrations, newest first

    Usage: pgkeel rollback [OPTIONS]

    Options:
          --steps <N>
              Undo this many

          --to <VERSION>
              Undo everything newer than this version, which stays applied

          --last-deploy
              Undo what the last run applied

          --derive
              Where a migration has no down.sql, derive the way back from the catalog; on a terminal
              this is asked

          --dry-run
              Show the plan and stop

          --no-backup
              Take no backup first, where one would be taken (`[deploy] backup`)

          --to-backup [<BACKUP>]
              Put a backup in the place of the database: this one, `latest`, or the one taken before the
              last deploy

          --keep-writing
              With `--to-backup`: let the others write until the swap; what they write is in the
              database put aside

          --dir <DIR>
              With `--to-backup`: the folder of all backups

          --identity <FILE>
              With `--to-backup`: the file with the secret keys of age

          --trust-code-of <ROLE>
              With `--to-backup`: run the code of this role with the rights of the superuser that
              connects

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Where a migration's folder is gone, its down.sql as stored in the database is shown and run. Where
    there is none, one can be derived: the migrations are replayed in a shadow database, the way back
    from the catalog after it to the one before is planned and proved, and what it loses is counted.

    Examples:
      pgkeel rollback                        undo the last applied migration, after asking
      pgkeel rollback --steps 2              undo the last two
      pgkeel rollback --to 20250102000000    undo everything newer; that version stays applied
      pgkeel rollback --last-deploy          undo what the last deploy applied
      pgkeel rollback --last-deploy --dry-run
      pgkeel rollback --derive --dry-run     what would undo a migration without down.sql
      pgkeel rollback --to-backup            back to the backup of before the last deploy
      pgkeel rollback --to-backup latest --dry-run    every step as SQL
      pgkeel rollback --yes                  without asking (in a protected environment: --confirm)
    ");
}

#[test]
fn help_of_reset() {
    assert_snapshot!(help("reset"), @"
    Drop everything, apply all migrations, load the seeds

    Usage: pgkeel reset [OPTIONS]

    Options:
          --skip-seed
              Do not load the seeds afterwards

          --allow-production
              Allow it where the environment is production; `--confirm` is still needed

          --force
              Disconnect other sessions; this confirms nothing

          --dry-run
              Show what would go and stop

          --no-backup
              Take no backup first, where one would be taken (`[deploy] backup`)

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    The environment mark and the audit trail are kept. A role that may not create databases empties its
    schemas instead, keeping extensions and grants.

    Examples:
      pgkeel reset                     your own database, after asking
      pgkeel reset --yes --skip-seed   without asking and without seeds
      pgkeel reset --force             also disconnects other sessions; it confirms nothing
      pgkeel reset --allow-production --confirm production/shop    the only way in production
    ");
}

#[test]
fn help_of_seed() {
    assert_snapshot!(help("seed"), @"
    Load seed data: sets of ordered SQL files, in one transaction

    Usage: pgkeel seed [OPTIONS]

    Options:
          --set <SET>
              Load this set only; may be repeated

          --only <FILE>
              Load this file only; may be repeated

          --list
              List sets and files, and stop

          --verify-idempotent
              Load everything twice in the one transaction, and fail unless the second time changes
              nothing

          --dry-run
              Show what would be loaded and stop

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Sets are folders below seeds/; their files run in order of their names. Write them so that they can
    run again: INSERT … ON CONFLICT … DO UPDATE.

    Examples:
      pgkeel seed                       the environment's sets, or all
      pgkeel seed --set base            one set
      pgkeel seed --only 10_tags        one file
      pgkeel seed --list                what there is, and what was loaded when
      pgkeel seed --verify-idempotent   load twice, compare, and keep it only if both are the same
    ");
}

#[test]
fn help_of_drift() {
    assert_snapshot!(help("drift"), @"
    Compare the live database with what its migrations make

    Usage: pgkeel drift [OPTIONS]

    Options:
          --sql
              Print the SQL that takes the database back to what is expected

          --against <SOURCE>
              Compare with any other source: a .sql file, a folder, `postgres://…`, `env:NAME`,
              `backup:ID`

          --fix
              Write a migration of what was done by hand, and record it as applied here

          --name <NAME>
              Name of that migration

          --refresh
              Replay the applied migrations, and store what they make as what is expected

          --rename <OLD=NEW>
              Something has another name in the database: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW,
              or with the kind before it

          --trust-code-of <ROLE>
              With `--fix`: run the code of this role with the rights of the role that creates the
              shadow database

          --no-rename
              With `--fix`: what goes and what comes is not the same under a new name, and its data may
              go elsewhere

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    What the migrations make is stored with the database and moves on with each run, so looking
    takes one reading of the catalog and the right to read. Where it accounts for other migrations than
    are applied (another tool ran), that is told, and they are replayed in a shadow database instead.
    `[drift] ignore` in pgkeel.toml leaves out what is none of the migrations'.

    Exit status: 0 no drift, 6 drift, 1 unknown, 7 a run is changing the database; with --fix also
    4 migrations are pending, 5 the history is in trouble.

    Examples:
      pgkeel drift                           each object that differs, with both definitions
      pgkeel drift --sql                     the SQL that leads back to what the migrations make
      pgkeel drift --fix --name keep_index   a migration of it, which counts as applied here
      pgkeel drift --refresh                 replay the migrations, and store what they make
      pgkeel drift --against schema.sql      compare with anything else
    ");
}

#[test]
fn help_of_diff() {
    assert_snapshot!(help("diff"), @r#"
    Show what differs between two schemas, and the SQL from one to the other

    Usage: pgkeel diff [OPTIONS] <FROM> <TO>

    Arguments:
      <FROM>
              What there is

      <TO>
              What there is to be

    Options:
          --sql
              Print the SQL that turns FROM into TO (default)

          --summary
              Print each object that differs, with both definitions side by side

          --exit-code
              Exit with 6 where something differs

          --online
              Prefer forms that stop nobody for long: CONCURRENTLY, NOT VALID and VALIDATE

          --rename <OLD=NEW>
              Something has another name in TO: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW, or with
              the kind before it

          --prove
              Apply the plan, undo it and apply it again in a shadow database, with rows in it

          --trust-code-of <ROLE>
              Run the code of this role with the rights of the role that creates the shadow database

          --allow-version-mismatch
              Compare servers of different major versions, whose texts differ where nothing else does

          --owners
              Also compare who owns what

          --no-privileges
              Leave grants and default privileges out

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    FROM and TO are each one of: migrations (the project's folder, replayed), the path of a
    migrations folder, a .sql file or a folder of them (in any order), postgres://…, env:NAME,
    backup:ID, empty. Files and folders are loaded into a shadow database, which is dropped
    afterwards; databases that are named are only read.

    Exit status with --exit-code: 0 the same, 6 different, 1 failed.

    Examples:
      pgkeel diff migrations schema.sql                what the next migration has to do
      pgkeel diff env:production schema.sql --summary  what production lacks
      pgkeel diff empty migrations                     the whole schema as one script
      pgkeel diff old.sql new.sql --rename users.name=full_name --prove
      pgkeel diff migrations "$DATABASE_URL" --exit-code --summary
    "#);
}

#[test]
fn help_of_pull() {
    assert_snapshot!(help("pull"), @"
    Write the catalog as a readable schema.sql

    Usage: pgkeel pull [OPTIONS]

    Options:
          --from <SOURCE>
              Take another schema than the database's: any source that `diff` knows

          --print
              Print it, and write nothing

          --output <FILE>
              Write this file in place of the desired state

          --trust-code-of <ROLE>
              Run the code of this role with the rights of the role that creates the shadow database

          --owners
              Also say who owns what

          --no-privileges
              Leave grants and default privileges out

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    The file has one block per table, with its indexes, constraints, policies, triggers and
    comments; psql loads it in order. Before it is written, it is loaded into a shadow database and
    compared. A file that people have written or edited is replaced after a question only.

    Examples:
      pgkeel pull                                  the database into the desired state, schema.sql
      pgkeel pull --print                          look at it first
      pgkeel pull --from env:production --output production.sql
      pgkeel pull --from migrations --yes          what the migrations make, over a file that was edited
    ");
}

#[test]
fn help_of_push() {
    assert_snapshot!(help("push"), @"
    Bring a development database to the desired state, without a migration

    Usage: pgkeel push [OPTIONS]

    Options:
          --from <SOURCE>
              Take another schema than the desired state: any source that `diff` knows

          --accept-data-loss
              Go on although rows or columns with values in them go

          --despite-history
              Go on although migrations are applied here: drift until a migration takes it in

          --rename <OLD=NEW>
              Something has another name in the desired state: [SCHEMA.]TABLE=NEW,
              [SCHEMA.]TABLE.COLUMN=NEW

          --no-privileges
              Leave grants and default privileges as they are

          --dry-run
              Show the SQL and what would be lost, and stop

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    For trying things out: nothing is recorded that could be deployed elsewhere. When it is right,
    `pgkeel migrate --name …` makes a migration of it. Protected environments are always refused.

    Exit status: 0 done; 1 rows are in the way, or a statement failed; 2 there is no desired state;
    3 refused: protected, migrations are applied here, or something would be lost.

    Examples:
      pgkeel push                              schema.sql into the database
      pgkeel push --dry-run                    show the SQL, and what would be lost
      pgkeel push --accept-data-loss           also where rows or columns go
      pgkeel push --rename users.name=full_name
      pgkeel push --from migrations            another source
    ");
}

#[test]
fn help_of_validate() {
    assert_snapshot!(help("validate"), @"
    Prove everything that a merge hangs on

    Usage: pgkeel validate [OPTIONS]

    Options:
          --replay
              Only the layout and the replay

          --since <VERSION>
              Take only this migration and newer ones up, down and up again

          --sarif <FILE>
              Also write the findings as SARIF 2.1.0

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Checks, each run even if another failed; what hangs on a failed one is skipped:
      layout         the migrations folder is as Diesel and pgkeel read it
      replay         all migrations apply to an empty database
      up-down-up     each down.sql brings back what was there before, and up.sql applies again
      desired state  the migrations make what schema.sql says
      seeds          the seeds load twice, and the second time changes nothing
      generated      schema.rs and its like are those of the migrations

    All of it happens in shadow databases: SHADOW_DATABASE_URL, else beside the project's database,
    else on the dev cluster. In GitHub Actions findings are shown beside the lines and in the summary
    of the job.

    Exit status: 0 valid; 1 something did not run; 6 something differs (what a down.sql leaves,
    schema.sql, a generated file); 2 the layout must be mended. Of several: 1 before 6 before 2.

    Examples:
      pgkeel validate                          everything
      pgkeel validate --replay                 the layout, and all migrations from nothing
      pgkeel validate --since 20260101120000   up-down-up from this migration on
      pgkeel validate --sarif validate.sarif   also as SARIF 2.1.0, for code hosts
    ");
}

#[test]
fn help_of_generate() {
    assert_snapshot!(help("generate"), @"
    Write Diesel's schema.rs from the catalog

    The text is that of `diesel print-schema`, by the keys of `[print_schema]` in diesel.toml; its
    second line says what it was made from. A file is replaced whole, and only where its text changes.

    Usage: pgkeel generate [OPTIONS]

    Options:
          --check
              Write nothing; exit with 6 where a file is missing, stale or edited by hand

          --from <SOURCE>
              What to read; without it, your own database

          --output <FILE>
              The file, where diesel.toml names none or another one

          --print
              Print the text, as Diesel prints it

          --schema-key <KEY>
              Only the section `[print_schema.KEY]` of diesel.toml; `default` is `[print_schema]` itself

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    SOURCE is what `pgkeel diff` compares: migrations, a .sql file or a folder of them, postgres://…,
    env:NAME, backup:ID.

    Exit status: 0 written or up to date, 2 nothing says where to, 3 the file is no generated one,
    6 with `--check`: missing, stale or edited by hand, 8 cannot connect.

    Examples:
      pgkeel generate                      write the files that diesel.toml names
      pgkeel generate --check              in CI: is what is committed up to date?
      pgkeel generate --from migrations    from the migrations, whatever your database holds
      pgkeel generate --output src/db.rs   into this file
      pgkeel generate --print | less       look first
    ");
}

#[test]
fn help_of_execute() {
    assert_snapshot!(help("execute"), @r#"
    Run SQL and print the rows

    Usage: pgkeel execute [OPTIONS] <--sql <SQL>|--file <FILE>|--stdin>

    Options:
          --sql <SQL>
              The SQL itself

          --file <FILE>
              A file of SQL

          --stdin
              Read the SQL from standard input

          --read-only
              Let the server refuse every write

          --row-security
              Let row-level security policies filter what SQL that writes reads and changes

          --format <FORMAT>
              How to print rows

              Possible values:
              - table: For people; at most 1000 rows of each result
              - json:  One document, streamed
              - csv:   One header and the rows, streamed
              
              [default: table]

          --no-backup
              Take no backup first, where one would be taken (`[deploy] backup`)

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    All statements run in one transaction, unless one of them cannot (VACUUM, CREATE INDEX
    CONCURRENTLY): then each runs for itself. DROP, TRUNCATE, DELETE or UPDATE without WHERE, and
    changes to the migration record ask first. SQL that would empty the migration record is rolled back.
    SQL that may write runs with row_security = off: where a row-level security policy would hide rows
    from it, it fails.

    Examples:
      pgkeel execute --sql 'SELECT count(*) FROM "User"'
      pgkeel execute --file report.sql --format csv > report.csv
      echo 'SELECT 1' | pgkeel execute --stdin --json
      pgkeel execute --read-only --file question.sql
    "#);
}

#[test]
fn help_of_resolve() {
    assert_snapshot!(help("resolve"), @"
    Correct the ledger by hand, without running any SQL

    Usage: pgkeel resolve [OPTIONS] <--applied <VERSION>|--rolled-back <VERSION>|--accept-edit <VERSION>|--baseline <VERSION>>

    Options:
          --applied <VERSION>
              Record this migration as applied

          --rolled-back <VERSION>
              Record this migration as not applied

          --accept-edit <VERSION>
              Record the file of this applied migration as it is now

          --baseline <VERSION>
              Record this migration and all older ones as applied

          --dry-run
              Show what would be recorded and stop

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel resolve --applied 20250103000000       its changes are in the database already: record it
      pgkeel resolve --rolled-back 20250103000000   its changes were undone by hand: forget it
      pgkeel resolve --accept-edit 20250103000000   the edited up.sql is right: record its new checksum
      pgkeel resolve --baseline 20250103000000      an existing database: record all up to that version
    ");
}

#[test]
fn help_of_env() {
    assert_snapshot!(help("env"), @"
    Show or set what the database is: production, staging, development

    Usage: pgkeel env [OPTIONS] <COMMAND>

    Commands:
      show  Show the mark, and what is protected because of which fact
      set   Set the mark
      help  Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    The mark is stored in the database and outlives a reset. A place marked `production` is protected
    whatever PGKEEL_ENV says.

    Examples:
      pgkeel env show
      pgkeel env set production
      pgkeel env set development --confirm production/shop    to lower it is confirmed like a reset
    ");
}

#[test]
fn help_of_health() {
    assert_snapshot!(help("health"), @r#"
    Tell whether the database answers, and how fast (ms)

    Usage: pgkeel health [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Exit status: 0 connected, 8 not.

    Examples:
      pgkeel health          {"format":1,"connected":true,"responseTime":4}
      pgkeel health -q       the exit status alone
    "#);
}

#[test]
fn help_of_config() {
    assert_snapshot!(help("config"), @"
    Show every value of the configuration with its origin

    Usage: pgkeel config [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Passwords are shown as ****. Strongest first: flag, environment, .env files, pgkeel.toml,
    diesel.toml, dev cluster.

    Examples:
      pgkeel config
      pgkeel config --env staging --json
    ");
}

#[test]
fn help_of_completions() {
    assert_snapshot!(help("completions"), @"
    Print a completion script for a shell

    Usage: pgkeel completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>
              The shell
              
              [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel completions bash > /etc/bash_completion.d/pgkeel
      pgkeel completions zsh > ~/.zfunc/_pgkeel
    ");
}

#[test]
fn help_of_man() {
    assert_snapshot!(help("man"), @"
    Print the manual page of pgkeel or of one command

    Usage: pgkeel man [OPTIONS] [COMMAND]

    Arguments:
      [COMMAND]
              A command; without it, pgkeel itself

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel man > /usr/local/share/man/man1/pgkeel.1
      pgkeel man deploy | man -l -
    ");
}

#[test]
fn every_command_has_a_page_and_it_ends_with_examples() {
    let program = page(&[]);
    let commands: Vec<_> = program
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A description goes on in the next line, further to the right.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    let pinned = include_str!("help.rs");
    for command in commands {
        assert!(pinned.contains(&format!("help(\"{command}\")")), "the page of `{command}` is not pinned");
        let page = page(&[command]);
        let examples = page.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{page}")).1;
        assert!(examples.lines().all(|line| line.is_empty() || line.contains("pgkeel ")), "{examples}");
    }
}

#[test]
fn the_version_is_one_line() {
    assert_snapshot!(Project::new().run(&["--version"]).text(), @"
    exit 0
    --- stdout
    pgkeel 0.1.0
    ");
}

#[test]
fn an_unknown_command_is_refused_and_the_nearest_is_named() {
    assert_snapshot!(Project::new().run(&["depoly"]).text(), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'depoly'

      tip: a similar subcommand exists: 'deploy'

    Usage: pgkeel [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_eq!(Project::new().run(&[]).code, 2);
}

#[test]
fn help_of_backup() {
    assert_snapshot!(help("backup"), @"
    Take a backup that is proved, and look after those that were taken

    Usage: pgkeel backup [OPTIONS]
           pgkeel backup <COMMAND>

    Commands:
      list    Show which backups there are
      show    Show one backup
      verify  Prove backups again
      prune   Delete backups that no rule keeps
      pin     Keep a backup whatever `prune` is told
      help    Print this message or the help of the given subcommand(s)

    Options:
          --dir <DIR>
              Folder of all backups [default: `[backup] dir`, else `backups`]

          --label <WORD>
              A word for it, which becomes part of its name

          --schema-only
              The schema alone, no rows

          --data-only
              The rows alone, to be restored into the schema that the database has then

          --plain
              One SQL script for people to read, not compressed

          --jobs <N>
              Parallel jobs [default: as many as processors, four at most]

          --encrypt-to <KEY>
              Encrypt every file to this public key of age; may be given again

          --compression <METHOD>
              `auto`, `none`, `gzip:1`, `zstd:3`, … [default: `auto`]

          --dry-run
              Look whether it can be taken and how large it gets; take no lock, create nothing

          --lock-wait <TIME>
              Wait this long for a running deploy [default: as long as it makes progress]

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Examples:
      pgkeel backup                                take one, proved before it has its name
      pgkeel backup --label pre-migration          give it a word
      pgkeel backup --dry-run                      look whether it can be taken, and how large it gets
      pgkeel backup --encrypt-to age1…             encrypt it; the plaintext is never on disk
      pgkeel backup --plain --schema-only          one SQL script for people to read
      pgkeel backup list                           the backups there are
    ");
}

#[test]
fn help_of_restore() {
    assert_snapshot!(help("restore"), @"
    Restore a backup into a new database, verify it, then put it in the place of the old one

    Usage: pgkeel restore [OPTIONS] [BACKUP]

    Arguments:
      [BACKUP]
              Its id, the beginning or end of it, its label, `latest`, the path of a backup or of what
              pg_dump wrote, or `-` for standard input
              
              [default: latest]

    Options:
          --into <NAME>
              Into a new database of this name, which stays beside the live one

          --tables <TABLE>
              Restore these tables into a side database, and show what brings them back

          --apply
              With `--tables`: bring the tables or their rows back

          --in-place
              Into the live database itself, in one transaction: for a role that may not create
              databases

          --no-backup
              With `--in-place`: take no backup of what is there now

          --list
              Show what can be restored and what was put aside

          --undo
              Put the database back that the last restore put aside

          --redo
              Put the restored database back that the last undo replaced

          --drop-quarantine [<NAME>]
              Drop what restores have put aside: all of it, or this one

          --from-elsewhere
              It is a backup of another database or cluster, and meant for this place all the same

          --without-rows
              Allow a dump to replace tables that have rows without filling them

          --identity <FILE>
              The file with the secret keys of age

          --jobs <N>
              Parallel jobs

          --no-owner
              Everything belongs to the role that restores

          --no-privileges
              Bring no GRANT and no REVOKE back

          --no-event-triggers
              Leave event triggers out, which only a superuser can create

          --no-tablespaces
              Create everything in the default tablespace

          --schema <NAME>
              Restore only this schema, with `--in-place` or `--into`; may be given several times

          --create-roles
              Create the roles that the server lacks, without login

          --keep-scratch
              Keep a restored database that differs from its backup, to look at it

          --trust-code-of <ROLE>
              Run the code of this role with the rights of the superuser that connects

          --dir <DIR>
              The folder of all backups

          --stop-writing
              Refuse writes in the live database from the beginning: what is written meanwhile is lost

          --dry-run
              Show every step as SQL and stop

      -h, --help
              Print help (see a summary with '-h')

    Global options: …

    Everything happens in a database of its own until it was compared with what the backup holds; then
    it takes the place of the live one in a moment, under load, and the old one is kept aside. What
    stock pg_dump wrote (a plain .sql, a -Fc file, a -Fd folder; also compressed as a whole by gzip,
    zstd or lz4) is restored the same way. Exit status: 0 done and compared, 3 refused before any work,
    10 the backup is damaged or what was restored differs.

    Examples:
      pgkeel restore                           the latest backup, after asking
      pgkeel restore --list                    what can be restored, and what was put aside
      pgkeel restore 20261120T0646 --dry-run   every step as SQL
      pgkeel restore dump.sql.gz               what pg_dump wrote
      ssh old zcat dump.gz | pgkeel restore - --yes
      pgkeel restore --undo                    the database of before takes its place again
      pgkeel restore --redo                    the restored one again, after an undo
      pgkeel restore --drop-quarantine         it is not needed any more
      pgkeel restore --into shop_copy          a copy, to test migrations on
      pgkeel restore --tables orders,users     some tables beside, and how to bring their rows back
      pgkeel restore --tables orders --apply   bring the table or its rows back
    ");
}
