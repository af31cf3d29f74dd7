//! `pgkeel generate` as a person types it: what is written, what is left alone, and what a check says.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use insta::assert_snapshot;

use crate::support::project::Project;

const TABLES: &str = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n\
    CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users);";

const TOML: &str = "[print_schema]\nfile = \"src/schema.rs\"\n";

fn project() -> Project {
    let project = Project::new();
    project.file("diesel.toml", TOML).sql(TABLES);
    project
}

fn text(project: &Project, path: &str) -> String {
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
    wrote src/schema.rs again, over edits by hand: table users changed
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
fn each_section_has_its_file() {
    let project = project();
    let sections = "[print_schema.users]\nfile = \"src/users.rs\"\nfilter = { only_tables = [\"^users$\"] }\n\
        [print_schema.posts]\nfile = \"src/posts.rs\"\nfilter = { only_tables = [\"^posts$\"] }\nwith_docs = true\n\
        [print_schema.nowhere]\nfilter = { only_tables = [\"^x$\"] }\n";
    project.file("diesel.toml", sections);
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    wrote src/posts.rs
    wrote src/users.rs
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert!(!text(&project, "src/users.rs").contains("posts"));
    assert!(text(&project, "src/posts.rs").contains("/// Representation of the `posts` table."));
    assert_snapshot!(project.run(&["generate", "--schema-key", "posts"]).text(), @"
    exit 0
    --- stdout
    src/posts.rs is up to date
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["generate", "--schema-key", "other"]).text(), @"
    exit 2
    --- stderr
    error: diesel.toml has no section `[print_schema.other]`
    next: it has: nowhere, posts, users
    ");
    assert_snapshot!(project.run(&["generate", "--output", "one.rs"]).text(), @"
    exit 2
    --- stderr
    error: `--output` is one file, and diesel.toml has several sections below `[print_schema]`
    next: choose one with `--schema-key`
    ");
    project.file("diesel.toml", sections.replace("src/posts.rs", "src/users.rs"));
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: two sections below `[print_schema]` of diesel.toml write into `src/users.rs`
    next: give each a `file` of its own
    ");
}

#[test]
fn a_table_without_a_primary_key_is_left_out_with_a_warning() {
    let project = project();
    project.sql("CREATE TABLE log (line text, words varchar(9)[]); ALTER TABLE users ADD tags varchar[]");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    wrote src/schema.rs
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    warning: table public.log has no primary key, which Diesel's tables need: it is left out (diesel print-schema stops there). Give it one, or name it in `except_tables` of `filter`
    warning: column public.users.tags is an array of varchar, which is hard to use with Diesel: text[] is not
    ");
    project.file("diesel.toml", format!("{TOML}filter = {{ except_tables = [\"^log$\"] }}\n"));
    assert!(!project.run(&["generate"]).exits(0).stderr.contains("primary key"));
}

#[test]
fn what_is_wrong_in_diesel_toml_is_named_with_its_key() {
    let project = project();
    let check = |key: &str| {
        project.file("diesel.toml", format!("{TOML}{key}\n"));
        let ran = project.run(&["generate"]);
        ran.exits(2);
        ran.stderr.lines().next().unwrap_or_default().to_owned()
    };
    let all = [
        check("filter = { only_tables = [\"a(\"] }"),
        check("filter = { only_tables = [\"a\"], except_tables = [\"b\"] }"),
        check("filter = { tables = [\"a\"] }"),
        check("filter = [\"a\"]"),
        check("column_sorting = \"size\""),
        check("with_docs = \"yes\""),
        check("with_docs = 1"),
        check("import_types = \"a\""),
        check("custom_type_derives = [1]"),
        check("schema = false"),
        check("generate_missing_sql_type_definitions = \"no\""),
        check("except_custom_type_definitions = [\"*\"]"),
        check("pg_domains_as_custom_types = \"mail\""),
        check("allow_tables_to_appear_in_same_query_config = \"some\""),
        check("patch_file = \"nowhere.patch\""),
        check("[print_schema.other]\nwith_docs = 7"),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    error: `print_schema.filter.only_tables` in diesel.toml: `a(` is no regular expression (unclosed group).
    error: `print_schema.filter` in diesel.toml must be a table with one of the keys `only_tables` and `except_tables`, and it is `{ except_tables = ["b"], only_tables = ["a"] }`.
    error: `print_schema.filter` in diesel.toml must be a table with one of the keys `only_tables` and `except_tables`, and it is `{ tables = ["a"] }`.
    error: `print_schema.filter` in diesel.toml must be a table with one of the keys `only_tables` and `except_tables`, and it is `["a"]`.
    error: `print_schema.column_sorting` in diesel.toml must be `ordinal_position` or `name`, and it is `size`.
    error: `print_schema.with_docs` in diesel.toml must be `true`, `false`, `database-comments-fallback-to-auto-generated-doc-comment`, `only-database-comments` or `no-doc-comments`, and it is `yes`.
    error: `print_schema.with_docs` in diesel.toml must be `true`, `false`, `database-comments-fallback-to-auto-generated-doc-comment`, `only-database-comments` or `no-doc-comments`, and it is `1`.
    error: `print_schema.import_types` in diesel.toml must be a list of strings, and it is `a`.
    error: `print_schema.custom_type_derives` in diesel.toml must be a list of strings, and it is `[1]`.
    error: `print_schema.schema` in diesel.toml must be the name of a schema, and it is `false`.
    error: `print_schema.generate_missing_sql_type_definitions` in diesel.toml must be `true` or `false`, and it is `no`.
    error: `print_schema.except_custom_type_definitions` in diesel.toml: `*` is no regular expression (repetition operator missing expression).
    error: `print_schema.pg_domains_as_custom_types` in diesel.toml must be a list of strings, and it is `mail`.
    error: `print_schema.allow_tables_to_appear_in_same_query_config` in diesel.toml must be `all_tables`, `fk_related_tables` or `none`, and it is `some`.
    error: `patch_file` in `[print_schema]` of diesel.toml names `nowhere.patch`, which cannot be read: No such file or directory (os error 2)
    error: `print_schema.other.with_docs` in diesel.toml must be `true`, `false`, `database-comments-fallback-to-auto-generated-doc-comment`, `only-database-comments` or `no-doc-comments`, and it is `7`.
    "#);
    // Nobody else is stopped by it: there are no migrations here, and that is all that is said.
    project.file("migrations/.keep", "");
    project.run(&["status"]).exits(0);
}

#[test]
fn an_unknown_key_is_a_warning() {
    let project = project();
    project.file("diesel.toml", format!("{TOML}include_views = true\nfuture = [1]\n[elsewhere]\nx = 1\n"));
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 0
    --- stdout
    wrote src/schema.rs
    --- stderr
    warning: diesel.toml: `print_schema.future` is no key that pgkeel knows: it changes nothing here
    warning: diesel.toml: `print_schema.include_views` is no key that pgkeel knows: it changes nothing here
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn a_patch_that_does_not_fit_stops_before_anything_is_written() {
    let project = project();
    project.run(&["generate"]).exits(0);
    let before = text(&project, "src/schema.rs");
    project.file("diesel.toml", format!("{TOML}patch_file = \"db/schema.patch\"\n"));
    project.file("db/schema.patch", "--- a\n+++ b\n@@ -1,3 +1,3 @@\n x\n-y\n+z\n w\n");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: db/schema.patch: the patch does not fit the generated text: error applying hunk #1
    next: make it again: take `patch_file` out of diesel.toml for a moment, keep what `pgkeel generate --print` prints, edit a copy of it, and take `diff -U6` of both
    ");
    project.file("db/schema.patch", "@@ what\n");
    assert_snapshot!(project.run(&["generate"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: db/schema.patch: the patch cannot be read: error parsing patch: hunk header unterminated
    next: make it again: take `patch_file` out of diesel.toml for a moment, keep what `pgkeel generate --print` prints, edit a copy of it, and take `diff -U6` of both
    ");
    assert_eq!(text(&project, "src/schema.rs"), before);
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
