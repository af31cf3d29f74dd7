//! The five projects that the repository ships, by the real program: each goes up and down step by step, and `schema.sql`
//! says the same as all migrations together.

mod backups;
mod promises;
mod squashed;

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;

use crate::support::cluster::TestDb;
use crate::support::dump::{catalog, same_catalog};
use crate::support::project::Project;

/// A shipped project, and what its description counts.
struct Example {
    /// From the repository's root.
    folder: &'static str,
    /// The migration that completes what the description counts; later ones add to it.
    described_by: &'static str,
    tables: i64,
    enums: i64,
    foreign_keys: i64,
    /// Those of primary keys and of partitions included.
    indexes: i64,
}

const PROMPTSTASH: Example = Example {
    folder: "",
    described_by: "20250103000000_tags_versions_shares",
    tables: 12,
    enums: 3,
    foreign_keys: 12,
    indexes: 35,
};
const CONTEXTKEEPER: Example = Example {
    folder: "examples/contextkeeper",
    described_by: "20250207000000_soft_delete_rls",
    tables: 11,
    enums: 0,
    foreign_keys: 9,
    indexes: 28,
};
const DEVMETRICS: Example = Example {
    folder: "examples/devmetrics",
    described_by: "20251110000000_add_phone_number",
    tables: 16,
    enums: 5,
    foreign_keys: 21,
    indexes: 70,
};
const VIRAL_DASHBOARD: Example = Example {
    folder: "examples/viral-dashboard",
    described_by: "20250306000000_row_level_security",
    tables: 14,
    enums: 0,
    foreign_keys: 19,
    indexes: 32,
};
const KEYFLASH: Example = Example {
    folder: "examples/keyflash",
    described_by: "20250404000000_flags_and_metrics",
    tables: 7,
    enums: 1,
    foreign_keys: 3,
    indexes: 19,
};

#[test]
fn promptstash_goes_up_and_down() {
    up_and_down(&PROMPTSTASH, |_| {});
}

#[test]
fn contextkeeper_goes_up_and_down() {
    up_and_down(&CONTEXTKEEPER, |_| {});
}

#[test]
fn devmetrics_goes_up_and_down() {
    up_and_down(&DEVMETRICS, |_| {});
}

#[test]
fn viral_dashboard_goes_up_and_down() {
    up_and_down(&VIRAL_DASHBOARD, |_| {});
}

#[test]
fn keyflash_goes_up_and_down_and_is_backed_up_and_brought_back() {
    // Its role belongs to the whole server, so no other test may come and go with it.
    up_and_down(&KEYFLASH, promises::the_analytics_role_reads_figures_and_no_personal_data);
    backups::keyflash_is_backed_up_and_brought_back();
    squashed::squashed(&KEYFLASH);
}

/// Apply and undo one by one, with seeds in between, and see that each down leads to where its up began.
fn up_and_down(example: &Example, with_seeds: fn(&Project)) {
    let project = example.project();
    let names = example.migrations();
    let mut states = vec![catalog(&project.db)];
    for name in &names {
        project.run(&["deploy", "--to", version(name)]).exits(0);
        states.push(catalog(&project.db));
        if name == example.described_by {
            example.counts(&project);
        }
    }
    project.run(&["status"]).exits(0);
    let complete = states.last().unwrap();
    same_catalog("schema.sql does not say what the migrations make", complete, &example.desired());

    project.run(&["seed"]).exits(0);
    let once = contents(&project);
    project.run(&["seed", "--verify-idempotent"]).exits(0);
    assert_eq!(contents(&project), once, "loading the seeds again changed something");
    with_seeds(&project);

    for (name, before) in names.iter().zip(&states).rev() {
        project.run(&["rollback", "--yes"]).exits(0);
        same_catalog(&format!("down.sql of {name} does not undo its up.sql"), &catalog(&project.db), before);
    }
    project.run(&["deploy"]).exits(0);
    same_catalog("a second deploy differs from the first", &catalog(&project.db), complete);
    project.run(&["rollback", "--steps", &names.len().to_string(), "--yes"]).exits(0);
    same_catalog("undoing all at once leaves something", &catalog(&project.db), &states[0]);
}

impl Example {
    /// A copy of it, with an empty database.
    fn project(&self) -> Project {
        let project = Project::new();
        for part in ["pgkeel.toml", "diesel.toml", "schema.sql", "migrations", "seeds"] {
            copy(&self.root().join(part), part, &project);
        }
        project
    }

    /// A copy of it, with everything applied and seeded.
    fn seeded(&self) -> Project {
        let project = self.project();
        project.run(&["deploy"]).exits(0);
        project.run(&["seed"]).exits(0);
        project
    }

    fn root(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }

    /// The names of its migrations, oldest first.
    fn migrations(&self) -> Vec<String> {
        let names = listing(&self.root().join("migrations"));
        assert!(names.iter().any(|name| name == self.described_by), "no `{}`", self.described_by);
        names
    }

    /// The catalog that its schema.sql makes.
    fn desired(&self) -> Vec<String> {
        let db = TestDb::new();
        let sql = std::fs::read_to_string(self.root().join("schema.sql")).unwrap();
        db.connect().batch_execute(&sql).unwrap();
        catalog(&db)
    }

    #[track_caller]
    fn counts(&self, project: &Project) {
        let ours = "pg_namespace n ON n.nspname = 'public' AND n.oid";
        let classes = format!(
            "SELECT count(*) FROM pg_class c JOIN {ours} = c.relnamespace WHERE c.relname !~ '^__diesel'"
        );
        let tables = format!("{classes} AND c.relkind IN ('r', 'p') AND NOT c.relispartition");
        let enums =
            format!("SELECT count(*) FROM pg_type t JOIN {ours} = t.typnamespace WHERE t.typtype = 'e'");
        let foreign_keys = format!(
            "SELECT count(*) FROM pg_constraint c JOIN {ours} = c.connamespace \
             WHERE c.contype = 'f' AND c.conparentid = 0"
        );
        let indexes = format!("{classes} AND c.relkind IN ('i', 'I')");
        let found = [tables, enums, foreign_keys, indexes].map(|query| project.number(&query));
        assert_eq!(
            found,
            [self.tables, self.enums, self.foreign_keys, self.indexes],
            "tables, enums, foreign keys, indexes of {}",
            self.folder
        );
    }
}

/// Rows and a hash of the contents of each table, without our own records.
fn contents(project: &Project) -> String {
    let one = "format('SELECT %1$L || count(*) || '' '' || md5(coalesce(string_agg(t::text, '','' ORDER BY t::text), '''')) \
               FROM %2$I t', relname || ' ', relname)";
    let tables = format!(
        "SELECT string_agg({one}, ' UNION ALL ' ORDER BY relname) FROM pg_class \
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm') AND relname !~ '^__diesel'"
    );
    let rows = project.words(&tables);
    let contents =
        project.words(&format!("SELECT string_agg(line, E'\\n') FROM ({rows}) AS all_of_them (line)"));
    assert!(contents.lines().count() > 1, "{contents}");
    contents
}

/// The version of a migration: its name up to the first `_`.
fn version(name: &str) -> &str {
    name.split('_').next().unwrap()
}

/// Copy a file or a folder into a project.
fn copy(from: &Path, to: &str, project: &Project) {
    if !from.is_dir() {
        project.file(to, std::fs::read(from).unwrap());
        return;
    }
    for name in listing(from) {
        copy(&from.join(&name), &format!("{to}/{name}"), project);
    }
}

/// What a folder holds, in order.
fn listing(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
