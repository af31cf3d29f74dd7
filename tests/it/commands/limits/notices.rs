//! More notices than are kept: what is missing is counted.

use crate::support::project::Project;

fn flood(count: usize) -> String {
    format!("DO $$ BEGIN FOR i IN 1..{count} LOOP RAISE NOTICE 'row %', i; END LOOP; END $$;")
}

#[track_caller]
fn tells(project: &Project, arguments: &[&str], rows: usize, more: Option<&str>) {
    let ran = project.run(arguments);
    let shown = ran.exits(0).stderr.lines().filter(|line| line.contains("NOTICE: row ")).count();
    assert_eq!(shown, rows, "{}", ran.stderr);
    let told: Vec<_> = ran.stderr.lines().filter(|line| line.contains("not kept")).collect();
    assert_eq!(told, more.into_iter().collect::<Vec<_>>());
}

#[test]
fn notices_beyond_the_limit_are_counted_per_migration() {
    let project = Project::with_migrations(&[("20260101000000_exact", &flood(1000), "SELECT 1;")]);
    tells(&project, &["deploy"], 1000, None);
    let up = format!("{}\nCREATE TABLE a (id int);\n{}", flood(900), flood(600));
    project.migration("20260102000000_two", &up, "DROP TABLE a;");
    tells(&project, &["deploy"], 1000, Some("500 more notices were not kept"));
    project.migration("20260103000000_one", &flood(1001), "SELECT 1;");
    tells(&project, &["deploy"], 1000, Some("1 more notice was not kept"));
}

#[test]
fn seeds_and_execute_lose_no_notice_in_silence() {
    let project = Project::with_migrations(&[]);
    project.run(&["deploy"]).exits(0);
    project.file("seeds/01.sql", flood(5000));
    for arguments in [&["seed", "--yes"][..], &["execute", "--sql", &flood(5000)]] {
        let ran = project.run(arguments);
        let shown = ran.exits(0).stderr.lines().filter(|line| line.contains("NOTICE: row ")).count();
        let more = ran.stderr.lines().find_map(|line| line.strip_suffix(" more notices were not kept"));
        let more: usize = more.map_or(0, |more| more.trim().parse().unwrap());
        assert_eq!(shown + more, 5000, "{arguments:?}");
    }
}
