//! The dev cluster, on real servers.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use pgkeel::pg::cluster::{Cluster, ClusterError, Durability, Listen, Status};
use pgkeel::pg::tools::{Tools, Wanted};

use crate::support::cluster::{
    PrivateCluster, base, number, private_cluster, private_cluster_with, unique, words,
};
use crate::support::helper::{self, Role};
use crate::support::poll;
use crate::support::{cluster, reaper};

fn setting(server: &PrivateCluster, name: &str) -> String {
    words(&mut server.connect("postgres"), &format!("SELECT current_setting('{name}') AS value"))
}

fn data_of(server: &PrivateCluster) -> PathBuf {
    server.running.log().with_file_name("data")
}

#[test]
fn processes_and_threads_that_start_at_once_get_one_server() {
    let base = cluster::base_named(&unique("pgkeel-race"));
    let _lease = reaper::Lease::take(&base);
    let mut helpers = [helper::spawn(Role::Starter, &base), helper::spawn(Role::Starter, &base)];
    let threads = [(); 2].map(|()| {
        let base = base.clone();
        thread::spawn(move || cluster::at(&base, "shared").start(&mut |_| {}).unwrap().pid)
    });
    let mut pids: Vec<i32> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    for helper in &mut helpers {
        assert!(helper.wait().unwrap().success());
        let pid = fs::read_to_string(base.join(format!("{}.started", helper.id()))).unwrap();
        pids.push(pid.parse().unwrap());
    }
    pids.dedup();
    assert_eq!(pids.len(), 1, "{pids:?}");
    assert!(cluster::at(&base, "shared").destroy().unwrap());
    fs::remove_dir_all(base).unwrap();
}

#[test]
fn a_server_starts_again_after_kill_9_with_its_data_and_its_url() {
    let server = private_cluster_with(|spec| spec.durability = Durability::Persistent);
    server.connect("postgres").batch_execute("CREATE TABLE kept AS SELECT 'here'::text AS value").unwrap();
    kill(Pid::from_raw(server.running.pid), Signal::SIGKILL).unwrap();
    poll::until(10, "the killed server is gone", || {
        matches!(server.cluster.status().unwrap(), Status::Stopped { .. }).then_some(())
    });
    let again = server.cluster.start(&mut |_| {}).unwrap();
    assert_ne!(again.pid, server.running.pid);
    assert_eq!(again.url("postgres"), server.running.url("postgres"));
    assert_eq!(again.tcp_url("postgres"), server.running.tcp_url("postgres"));
    assert_eq!(words(&mut server.connect("postgres"), "SELECT value FROM kept"), "here");
}

#[test]
fn the_process_id_of_a_dead_server_may_be_somebody_elses_by_now() {
    let server = private_cluster();
    let (data, file) = (data_of(&server), data_of(&server).join("postmaster.pid"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(server.cluster.stop().unwrap());
    // Another server of the same user: for PostgreSQL a live process is reason enough to refuse.
    let other = private_cluster();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(&file, format!("{}\n{rest}", other.running.pid)).unwrap();
    let owner = fs::metadata(&data).unwrap();
    std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();

    assert!(matches!(server.cluster.status().unwrap(), Status::Stopped { .. }));
    assert!(!server.cluster.stop().unwrap(), "nobody else's server is stopped");
    server.cluster.start(&mut |_| {}).unwrap();
    assert_eq!(setting(&other, "port"), other.running.port().to_string());
}

#[test]
fn a_server_whose_socket_was_swept_away_gets_a_new_one() {
    let server = private_cluster();
    fs::remove_dir_all(server.running.socket_dir()).unwrap();
    let again = server.cluster.start(&mut |_| {}).unwrap();
    assert_eq!(again.url("postgres"), server.running.url("postgres"));
    assert_eq!(setting(&server, "fsync"), "off");
}

#[test]
fn stop_ends_the_sessions_and_a_start_finds_the_data_again() {
    let server = private_cluster();
    assert!(server.running.create_database_if_missing("shop").unwrap());
    let mut session = server.connect("shop");
    assert!(server.cluster.stop().unwrap());
    assert!(!server.cluster.stop().unwrap());
    assert!(!server.running.socket_dir().exists());
    assert!(session.batch_execute("SELECT 1").is_err());
    let again = server.cluster.start(&mut |_| {}).unwrap();
    assert!(!again.create_database_if_missing("shop").unwrap());
    let same = server.cluster.start(&mut |_| panic!("there is nothing to do")).unwrap();
    assert_eq!(same.pid, again.pid);
}

#[test]
fn destroy_leaves_nothing() {
    let server = private_cluster();
    let home = server.running.log().parent().unwrap().to_owned();
    let pid = Pid::from_raw(server.running.pid);
    assert!(home.exists() && server.running.socket_dir().exists());
    assert!(server.cluster.destroy().unwrap());
    assert!(kill(pid, None).is_err());
    assert!(!server.running.socket_dir().exists());
    let name = home.file_name().unwrap().to_string_lossy().into_owned();
    let left = fs::read_dir(home.parent().unwrap()).unwrap().flatten();
    let left: Vec<_> = left.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|other| other.starts_with(&name)), "{left:?}");
    assert!(matches!(server.cluster.status().unwrap(), Status::Absent));
    assert!(!server.cluster.destroy().unwrap());
}

#[test]
fn only_the_socket_is_there_unless_tcp_is_asked_for() {
    let server = private_cluster_with(|spec| {
        spec.listen = Listen::Socket;
        spec.durability = Durability::Persistent;
    });
    assert_eq!(server.running.tcp_url("postgres"), None);
    assert_eq!(setting(&server, "listen_addresses"), "");
    assert_eq!(setting(&server, "fsync"), "on");
    assert_eq!(setting(&server, "server_encoding"), "UTF8");
    let mode = fs::metadata(server.running.socket_dir()).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700);
    let id = server.running.log().parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    let with_tcp = Cluster::new(cluster::spec(&base(), &id));
    assert!(matches!(with_tcp.start(&mut |_| {}), Err(ClusterError::NoTcp)));
}

#[test]
fn tcp_wants_the_password() {
    let server = private_cluster();
    assert!(TcpStream::connect(("127.0.0.1", server.running.port())).is_ok());
    let url = server.running.tcp_url("postgres").unwrap();
    assert!(PgConnection::establish(&url).is_ok());
    let (start, rest) = url.rsplit_once('@').unwrap();
    assert!(PgConnection::establish(&format!("{start}x@{rest}")).is_err());
    let state = fs::metadata(server.running.log().with_file_name("state.json")).unwrap();
    assert_eq!(state.mode() & 0o777, 0o600);
}

#[test]
fn a_role_without_a_password_does_not_get_in() {
    let server = private_cluster();
    let sql = "CREATE ROLE visitor LOGIN; CREATE ROLE clerk LOGIN PASSWORD 'known'";
    server.connect("postgres").batch_execute(sql).unwrap();
    let url = server.running.url("postgres");
    assert!(PgConnection::establish(&url.replace("dev@", "visitor@")).is_err());
    assert!(PgConnection::establish(&url.replace("dev@", "clerk:known@")).is_ok());
}

#[test]
fn a_long_folder_for_sockets_is_passed_over() {
    let long = Path::new("/tmp").join(unique("pgkeel-long")).join("x".repeat(80));
    fs::create_dir_all(&long).unwrap();
    let server = private_cluster_with(|spec| spec.socket_base = Some(long.clone()));
    assert!(server.running.socket_dir().as_os_str().len() < 90);
    assert!(server.running.socket_dir().starts_with("/tmp"));
    fs::remove_dir_all(long.parent().unwrap()).unwrap();
}

#[test]
fn root_gives_the_server_to_another_user() {
    let server = private_cluster();
    let expected = match geteuid() {
        me if me.is_root() => {
            User::from_name("postgres").unwrap().or(User::from_name("nobody").unwrap()).unwrap().uid
        }
        me => me,
    };
    let data = fs::metadata(data_of(&server)).unwrap();
    assert_eq!(data.uid(), expected.as_raw());
    assert_eq!(data.mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(server.running.socket_dir()).unwrap().uid(), expected.as_raw());
}

#[test]
fn ctrl_c_does_not_reach_the_server() {
    let server = private_cluster();
    let group = nix::unistd::getpgid(Some(Pid::from_raw(server.running.pid))).unwrap();
    assert_eq!(group.as_raw(), server.running.pid);
}

#[test]
fn databases_have_any_name_and_are_made_once() {
    let server = private_cluster();
    let names = ["shop", "Shop", "user=bob dbname=x", "it's \"quoted\"; --", "été\u{1F418}"];
    for name in names {
        let made = [(); 2].map(|()| {
            let running = server.running.clone();
            thread::spawn(move || running.create_database_if_missing(name).unwrap())
        });
        let made = made.map(|thread| thread.join().unwrap());
        assert!(made[0] != made[1], "{name}: {made:?}");
        let mut session = server.connect(&name.replace('%', "%25"));
        assert_eq!(words(&mut session, "SELECT current_database()::text AS value"), name);
    }
    for name in ["", "x\0y", &"x".repeat(64)] {
        let refused = server.running.create_database_if_missing(name);
        assert!(matches!(refused, Err(ClusterError::BadDatabaseName { .. })), "{name:?}");
    }
}

#[test]
fn a_start_that_fails_shows_the_end_of_the_log() {
    let server = private_cluster();
    let mut spec = cluster::spec(&base(), &unique("private"));
    spec.settings = vec![("no_such_setting".to_owned(), "1".to_owned())];
    let broken = Cluster::new(spec);
    let error = broken.start(&mut |_| {}).unwrap_err();
    broken.destroy().unwrap();
    assert!(matches!(error, ClusterError::StartFailed { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
    drop(server);
}

#[test]
fn data_of_a_version_that_is_gone_is_not_touched() {
    let server = private_cluster();
    server.cluster.stop().unwrap();
    fs::write(data_of(&server).join("PG_VERSION"), "9\n").unwrap();
    let error = server.cluster.start(&mut |_| {}).unwrap_err();
    assert!(matches!(error, ClusterError::MajorGone { major: 9, .. }), "{error}");
    assert!(error.hint().unwrap().contains("pgkeel dev destroy"));
}

#[test]
fn a_folder_of_clusters_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let open = Path::new("/tmp").join(unique("pgkeel-open"));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let error = cluster::at(&open, "shop").start(&mut |_| {}).unwrap_err();
    assert!(matches!(error, ClusterError::Untrusted { .. }), "{error}");
    let link = open.with_extension("link");
    std::os::unix::fs::symlink(&open, &link).unwrap();
    let error = cluster::at(&link, "shop").start(&mut |_| {}).unwrap_err();
    assert!(matches!(error, ClusterError::Untrusted { .. }), "{error}");
    fs::remove_file(link).unwrap();
    fs::remove_dir(open).unwrap();
}

#[test]
fn another_user_of_the_machine_does_not_get_in() {
    let server = private_cluster();
    let psql = Tools::find(&cluster::search(), "psql", Wanted::Any).unwrap();
    let try_as = |user: Option<User>| {
        let mut command = psql.command();
        command.args(["-X", "-w", "-c", "SELECT 1"]).arg(server.running.url("postgres")).current_dir("/");
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command.output().unwrap().status.success()
    };
    assert!(try_as(None));
    // Only root can try it as somebody else. `nobody` stays outside even where the server runs as `nobody`.
    if geteuid().is_root() {
        assert!(!try_as(User::from_name("nobody").unwrap()));
    }
}

#[test]
fn a_server_that_is_older_than_its_programs_says_so() {
    let server = private_cluster();
    let path = server.running.log().with_file_name("state.json");
    let state = fs::read_to_string(&path).unwrap();
    assert_eq!(server.running.upgraded, None);
    let start = state.find("\"modified\": ").unwrap() + "\"modified\": ".len();
    let older = state[..start].to_owned() + "1" + &state[start..];
    fs::write(&path, older.replace(server.running.version(), "9.0")).unwrap();
    let again = server.cluster.start(&mut |_| {}).unwrap();
    let upgraded = again.upgraded.unwrap();
    assert_eq!(
        (upgraded.running.as_str(), upgraded.installed.as_deref()),
        ("9.0", Some(server.running.version()))
    );
}

#[test]
fn a_server_that_gets_tcp_later_does_not_take_the_usual_port() {
    let server = private_cluster_with(|spec| spec.listen = Listen::Socket);
    assert_eq!(server.running.port(), 5432);
    server.cluster.stop().unwrap();
    let id = server.running.log().parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    let with_tcp = Cluster::new(cluster::spec(&base(), &id)).start(&mut |_| {}).unwrap();
    assert_ne!(with_tcp.port(), 5432);
    assert!(PgConnection::establish(&with_tcp.tcp_url("postgres").unwrap()).is_ok());
}

#[test]
fn the_server_does_not_see_the_environment_of_who_starts_it() {
    assert!(cluster::variable("CARGO_MANIFEST_DIR").is_some(), "cargo tells the tests where they are");
    let server = private_cluster();
    let mut session = server.connect("postgres");
    session.batch_execute("CREATE TEMP TABLE env (line text); COPY env FROM PROGRAM 'env'").unwrap();
    assert_eq!(number(&mut session, "SELECT count(*) AS value FROM env WHERE line LIKE 'CARGO%'"), 0);
    assert_eq!(number(&mut session, "SELECT count(*) AS value FROM env WHERE line LIKE 'PATH=%'"), 1);
}
