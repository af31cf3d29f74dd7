//! How each platform installs PostgreSQL's programs.

use std::fs;

use super::Wanted;

/// The line that installs a program on this platform.
pub(super) fn line(program: &str, wanted: Wanted) -> String {
    line_of(&platform(), wanted, Part::of(program))
}

/// The half of PostgreSQL that a program is packaged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Server,
    Client,
}

impl Part {
    fn of(program: &str) -> Part {
        if matches!(program, "postgres" | "initdb" | "pg_ctl") { Part::Server } else { Part::Client }
    }
}

/// The ids of this platform, the most particular first: `macos`, or those of `/etc/os-release`.
fn platform() -> Vec<String> {
    if cfg!(target_os = "macos") {
        return vec!["macos".to_owned()];
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field =
        |name: &str| release.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().to_owned();
    let ids = field("ID=") + " " + &field("ID_LIKE=");
    ids.replace('"', "").split_whitespace().map(str::to_owned).collect()
}

fn line_of(platform: &[String], wanted: Wanted, part: Part) -> String {
    let major = match wanted {
        Wanted::Any => None,
        Wanted::Major(major) | Wanted::AtLeast(major) => Some(major),
        Wanted::Tested(..) => None,
    };
    let suffix = |dash: &str| major.map(|m| format!("{dash}{m}")).unwrap_or_default();
    for id in platform {
        let server = part == Part::Server;
        return match id.as_str() {
            "macos" => format!("brew install postgresql@{}", major.unwrap_or(17)),
            "debian" | "ubuntu" if server => format!("sudo apt-get install postgresql{}", suffix("-")),
            "debian" | "ubuntu" => format!("sudo apt-get install postgresql-client{}", suffix("-")),
            "fedora" | "rhel" | "centos" if server => {
                format!("sudo dnf install postgresql{}-server", suffix(""))
            }
            "fedora" | "rhel" | "centos" => format!("sudo dnf install postgresql{}", suffix("")),
            "alpine" if server => format!("apk add postgresql{}", suffix("")),
            "alpine" => format!("apk add postgresql{}-client", major.unwrap_or(17)),
            "arch" => "sudo pacman -S postgresql".to_owned(),
            _ => continue,
        };
    }
    "install PostgreSQL from https://www.postgresql.org/download/".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_its_line_of() {
        let check = |ids: &[&str], wanted, part, line| {
            let ids: Vec<_> = ids.iter().map(|&id| id.to_owned()).collect();
            assert_eq!(line_of(&ids, wanted, part), line);
        };
        let server = Wanted::Tested(14, 19);
        check(&["debian"], server, Part::Server, "sudo apt-get install postgresql");
        check(
            &["linuxmint", "ubuntu", "debian"],
            Wanted::AtLeast(16),
            Part::Client,
            "sudo apt-get install postgresql-client-16",
        );
        check(
            &["rocky", "rhel", "centos", "fedora"],
            server,
            Part::Server,
            "sudo dnf install postgresql-server",
        );
        check(&["alpine"], Wanted::Major(16), Part::Server, "apk add postgresql16");
        check(&["macos"], server, Part::Server, "brew install postgresql@17");
        check(
            &["plan9"],
            server,
            Part::Server,
            "install PostgreSQL from https://www.postgresql.org/download/",
        );
    }
}
