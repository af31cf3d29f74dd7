//! A backup that is killed at every named point, encrypted or not: none is listed that is not whole, and the earlier one is
//! as it was.

use super::stage::Stage;

const POINTS: [&str; 7] = [
    "backup-snapshot",
    "backup-dumping",
    "backup-dumped",
    "backup-checked",
    "backup-before-manifest",
    "backup-before-rename",
    "backup-after-rename",
];

fn killed(stage: &Stage, arguments: &[&str]) {
    for (index, point) in POINTS.iter().enumerate() {
        stage.killed(arguments, point);
        stage.is_left_alone(point);
        let published = usize::from(*point == "backup-after-rename");
        assert_eq!(stage.listed(point), 1 + index + published, "{point}");
        let again = stage.place.run(arguments);
        assert_eq!(again.code, 0, "{point}: {}", again.text());
    }
    stage.backups_are_whole("at the end", POINTS.len());
    let pruned = stage.place.run(&["backup", "prune", "--leftovers", "--apply", "--yes"]);
    assert_eq!(pruned.code, 0, "{}", pruned.text());
    assert_eq!(stage.listed("without leftovers"), POINTS.len() + 2);
    let left = stage.place.run(&["backup", "list", "--json"]).json();
    assert_eq!(left["partial"].as_array().map_or(0, Vec::len), 0, "{left}");
}

#[test]
fn a_backup_that_is_killed_anywhere_is_none_and_the_next_one_is_taken() {
    killed(&Stage::new(), &["backup"]);
}

#[test]
fn an_encrypted_backup_that_is_killed_anywhere_is_none_and_the_next_one_is_taken() {
    use age::secrecy::ExposeSecret;
    let mut stage = Stage::new();
    let key = age::x25519::Identity::generate();
    stage.place.file("key.txt", format!("{}\n", key.to_string().expose_secret()));
    stage.identity = true;
    killed(&stage, &["backup", "--encrypt-to", &key.to_public().to_string()]);
}
