//! What `[print_schema]` of diesel.toml asks `pgkeel generate` for: sections, patterns, patches, and what is wrong there.

use insta::assert_snapshot;

use crate::support::project::Project;

use super::generate::{TOML, project, text};

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
fn names_that_rust_cannot_tell_apart_are_warned_of() {
    let project = Project::new();
    project.file("diesel.toml", "[print_schema]\nschema = \"Odd-Name\"\n").sql(
        "CREATE SCHEMA \"Odd-Name\"; SET search_path = \"Odd-Name\"; CREATE TYPE kind AS ENUM ('a'); \
         CREATE TYPE public.\"Kind\" AS ENUM ('b'); CREATE TABLE \"a-b\" (id int PRIMARY KEY, k kind, l public.\"Kind\"); \
         CREATE TABLE a_b (id int PRIMARY KEY, \"x y\" int, x_y int)",
    );
    let ran = project.run(&["generate", "--print"]);
    ran.exits(0);
    assert_snapshot!(ran.stderr.lines().filter(|line| line.starts_with("warning")).collect::<Vec<_>>().join("\n"), @r#"
    warning: schema `Odd-Name` cannot be called so in Rust, and `table!` knows no other way: its queries ask for `Odd_Name`
    warning: table "Odd-Name"."a-b", table "Odd-Name".a_b are all `a_b` in Rust: rename all but one
    warning: column "Odd-Name".a_b."x y", column "Odd-Name".a_b.x_y are all `x_y` in Rust: rename all but one
    warning: type "Odd-Name".kind, type public."Kind" are all `Kind` in Rust: rename all but one
    "#);
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
