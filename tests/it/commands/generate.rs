//! `pgkeel generate` as a person types it: what is written, what is left alone, and what a check says.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use insta::assert_snapshot;

use crate::support::project::Project;

const TABLES: &str = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n\
    CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users);";

pub(super) const TOML: &str = "[print_schema]\nfile = \"src/schema.rs\"\n";

pub(super) fn project() -> Project {
    let project = Project::new();
    project.file("diesel.toml", TOML).sql(TABLES);
    project
}

pub(super) fn text(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root().join(path)).unwrap()
}

/// The file without our line, which says version and fingerprints.
fn without_our_line(text: &str) -> String {
    let ours: Vec<&str> = text.lines().filter(|line| line.starts_with("// pgkeel ")).collect();
    assert_eq!(ours.len(), 1, "{text}");
    text.replace(&format!("{}\n", ours[0]), "")
}

#[test]
fn the_file_that_diesel_toml_names_is_written() {
    let project = project();
    let ran = project.run(&["generate"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    wrote src/schema.rs
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let written = text(&project, "src/schema.rs");
    let our_line = written.lines().nth(1).unwrap();
    let begin = format!("// pgkeel {}, catalog ", env!("CARGO_PKG_VERSION"));
    assert!(our_line.starts_with(&begin), "{our_line}");
    assert!(our_line.ends_with(": `pgkeel generate` writes this file again"), "{our_line}");
    assert_snapshot!(without_our_line(&written), @"
    // @generated automatically by Diesel CLI.

    diesel::table! {
        posts (id) {
            id -> Int4,
            user_id -> Int4,
        }
    }

    diesel::table! {
        users (id) {
            id -> Int4,
            name -> Text,
        }
    }

    diesel::joinable!(posts -> users (user_id));

    diesel::allow_tables_to_appear_in_same_query!(posts, users,);
    ");
    let mode = std::fs::metadata(project.root().join("src/schema.rs")).unwrap().permissions().mode();
    assert_eq!(mode & 0o600, 0o600);
    assert_eq!(
        std::fs::read_dir(project.root().join("src")).unwrap().count(),
        1,
        "nothing else is left there"
    );
}

#[test]
fn a_file_that_is_up_to_date_is_left_alone() {
    let project = project();
    project.run(&["generate"]).exits(0);
    let stamp = || {
        let of = std::fs::metadata(project.root().join("src/schema.rs")).unwrap();
        (of.ino(), of.mtime(), of.mtime_nsec())
    };
    let before = stamp();
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    src/schema.rs is up to date
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(stamp(), before);
    // What no text shows is no reason to write either.
    project.sql("CREATE INDEX ON posts (user_id); GRANT SELECT ON posts TO PUBLIC;");
    project.run(&["generate"]).exits(0);
    assert_eq!(stamp(), before);
    project.run(&["generate", "--check"]).exits(0);
}

#[test]
fn what_diesel_wrote_is_up_to_date_where_it_says_the_same() {
    let project = project();
    let printed = project.run(&["generate", "--print"]).exits(0).stdout.clone();
    assert!(
        printed.starts_with("// @generated automatically by Diesel CLI.\n\ndiesel::table! {"),
        "{printed}"
    );
    project.file("src/schema.rs", &printed);
    project.run(&["generate", "--check"]).exits(0);
    project.run(&["generate"]).exits(0);
    assert_eq!(text(&project, "src/schema.rs"), printed);
}

#[test]
fn a_check_names_the_tables_that_have_changed() {
    let project = project();
    project.run(&["generate"]).exits(0);
    project.sql("ALTER TABLE users ADD mail text; CREATE TABLE tags (id int PRIMARY KEY); DROP TABLE posts;");
    let before = text(&project, "src/schema.rs");
    assert_snapshot!(project.run(&["generate", "--check"]).text(), @"
    exit 6
    --- stdout
    src/schema.rs is stale, the catalog has changed: table posts removed, table tags added, table users changed
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    next: `pgkeel generate` writes it
    ");
    assert_eq!(text(&project, "src/schema.rs"), before);
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    wrote src/schema.rs: table posts removed, table tags added, table users changed
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["generate", "--check"]).exits(0);
}

#[test]
fn a_check_says_where_only_the_rest_of_the_text_differs() {
    let project = project();
    project.run(&["generate"]).exits(0);
    project.file("diesel.toml", format!("{TOML}allow_tables_to_appear_in_same_query_config = \"none\"\n"));
    assert_snapshot!(project.run(&["generate", "--check"]).text(), @"
    exit 6
    --- stdout
    src/schema.rs is stale: no table differs, but what is around them does (types, joins, or what diesel.toml asks for)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    next: `pgkeel generate` writes it
    ");
}

#[test]
fn a_hand_edit_is_told_from_an_old_text() {
    let project = project();
    project.run(&["generate"]).exits(0);
    let edited = text(&project, "src/schema.rs").replace("name -> Text", "name -> Citext");
    project.file("src/schema.rs", &edited);
    assert_snapshot!(project.run(&["generate", "--check"]).text(), @"
    exit 6
    --- stdout
    src/schema.rs was edited by hand: table users changed
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    next: `pgkeel generate` writes it again, without the edits; an edit that is to stay goes into a patch, which `patch_file` in diesel.toml names
    ");
    assert_eq!(text(&project, "src/schema.rs"), edited);
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    wrote src/schema.rs again, over what may be edits by hand: table users changed
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    warning: src/schema.rs had been edited by hand: `git diff src/schema.rs` shows what is gone; an edit that is to stay goes into a patch, which `patch_file` in diesel.toml names
    ");
    assert!(text(&project, "src/schema.rs").contains("name -> Text"));
}

#[test]
fn a_missing_file_is_no_fresh_one() {
    assert_snapshot!(project().run(&["generate", "--check"]).text(), @"
    exit 6
    --- stdout
    src/schema.rs is missing
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    next: `pgkeel generate` writes it
    ");
}

#[test]
fn json_lists_files_states_and_tables() {
    let project = project();
    project.run(&["generate"]).exits(0);
    project.sql("ALTER TABLE users ADD mail text");
    let ran = project.run(&["generate", "--check", "--json"]);
    ran.exits(6);
    assert_snapshot!(ran.stdout, @r#"
    {
      "format": 1,
      "files": [
        {
          "path": "src/schema.rs",
          "state": "stale",
          "tables": [
            {
              "table": "users",
              "change": "changed"
            }
          ]
        }
      ]
    }
    "#);
    let printed = project.run(&["generate", "--print", "--json"]).exits(0).json();
    assert_eq!(printed["texts"][0]["section"], "default");
    assert!(printed["texts"][0]["text"].as_str().unwrap().contains("mail -> Nullable<Text>"));
}

#[test]
fn a_file_that_no_generator_wrote_is_not_overwritten() {
    let project = project();
    project.file("src/schema.rs", "fn main() {}\n");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: `src/schema.rs` is there, and neither pgkeel nor Diesel wrote it: its first line is not `// @generated automatically by Diesel CLI.`
    next: move it away, or name another `file` in `[print_schema]` of diesel.toml
    ");
    assert_eq!(text(&project, "src/schema.rs"), "fn main() {}\n");
    project.run(&["generate", "--check"]).exits(6);
    project.file("src/schema.rs", "");
    project.run(&["generate"]).exits(0);
}

#[test]
fn without_a_place_it_says_what_to_write_into_diesel_toml() {
    let project = project();
    project.file("diesel.toml", "");
    assert_snapshot!(project.run(&["generate"]).text(), @r#"
    exit 2
    --- stderr
    error: nothing says which file is to be written
    next: write into diesel.toml:

    [print_schema]
    file = "src/schema.rs"

    or name it with `--output`, or look at the text with `--print`
    "#);
    assert_snapshot!(project.run(&["generate", "--output", "db/schema.rs"]).text(), @"
    exit 0
    --- stdout
    wrote db/schema.rs
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert!(text(&project, "db/schema.rs").contains("users (id)"));
    project.run(&["generate", "--check", "--output", "db/schema.rs"]).exits(0);
}

#[test]
fn a_path_begins_at_diesel_toml_and_an_output_where_one_stands() {
    let project = project();
    project.file(".git/.keep", "").file("sub/folder/.keep", "");
    let ran = project.command(&["generate"]).current_dir(project.root().join("sub/folder")).output().unwrap();
    assert!(ran.status.success());
    assert!(project.root().join("src/schema.rs").exists());
    let mut command = project.command(&["generate", "--output", "here.rs"]);
    assert!(command.current_dir(project.root().join("sub/folder")).status().unwrap().success());
    assert!(project.root().join("sub/folder/here.rs").exists());
}

#[test]
fn a_link_stays_a_link() {
    let project = project();
    project.file("elsewhere/schema.rs", "").file("src/.keep", "");
    symlink("../elsewhere/schema.rs", project.root().join("src/schema.rs")).unwrap();
    project.run(&["generate"]).exits(0);
    assert!(std::fs::symlink_metadata(project.root().join("src/schema.rs")).unwrap().is_symlink());
    assert!(text(&project, "elsewhere/schema.rs").contains("users (id)"));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let project = project();
    project.file("src", "a file in the folder's place");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: cannot read `src/schema.rs`: Not a directory (os error 20)
    ");
    project.file("diesel.toml", "[print_schema]\nfile = \".\"\n");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: cannot read `ROOT/.`: Is a directory (os error 21)
    ");
}

#[test]
fn the_migrations_can_be_read_instead_of_a_database() {
    let project = Project::with_migrations(&[("20260101000000_tables", TABLES, "SELECT 1;")]);
    project.file("diesel.toml", TOML);
    project.run(&["generate", "--from", "migrations"]).exits(0);
    assert!(text(&project, "src/schema.rs").contains("diesel::joinable!(posts -> users (user_id));"));
    // The database itself has nothing of it.
    let ran = project.run(&["generate", "--check"]);
    ran.exits(6);
    assert!(ran.stdout.contains("table posts removed, table users removed"), "{}", ran.text());
    project.run(&["generate", "--from", "nowhere"]).exits(2);
}

#[test]
fn our_own_tables_and_diesels_are_not_part_of_the_text() {
    let project = Project::with_migrations(&[("20260101000000_tables", TABLES, "SELECT 1;")]);
    project.file("diesel.toml", "");
    project.run(&["deploy"]).exits(0);
    assert!(project.number("SELECT count(*) FROM __diesel_schema_migrations") > 0);
    let text = project.run(&["generate", "--print"]).exits(0).stdout.clone();
    assert_eq!(text.matches("table! {").count(), 2, "{text}");
    project.file("diesel.toml", "[print_schema]\nschema = \"pgkeel\"\n");
    let text = project.run(&["generate", "--print"]).exits(0).stdout.clone();
    assert_eq!(text, "// @generated automatically by Diesel CLI.\n\npub mod pgkeel {}\n");
}

#[test]
fn no_database_is_no_text() {
    let project = project().url("postgres://nobody@127.0.0.1:1/nothing");
    let ran = project.run(&["generate"]);
    ran.exits(8);
    assert!(!project.root().join("src").exists());
    let project = project.url("").env("CI", "true");
    project.run(&["generate"]).exits(2);
}

#[test]
fn checking_and_printing_exclude_each_other() {
    project().run(&["generate", "--check", "--print"]).exits(2);
    project().run(&["generate", "--print", "--output", "x.rs"]).exits(2);
}
