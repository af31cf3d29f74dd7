//! Databases that are hard to reload: what PostgreSQL allows to be restored manually, `restore` restores.

mod broken;
mod config;
mod defaults;
mod forced;
mod hints;
mod left_out;
mod partitions;
mod paths;
mod record;
mod tables;
mod tables_edge;
mod tables_keys;

use diesel::Connection;
use diesel::connection::SimpleConnection;

use crate::support::restored::Place;
use crate::support::role::Role;

/// A role that restores, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Swapped in by a superuser, to whom everything belongs.
    Superuser,
    /// Swapped in by a superuser, where everything belongs to the database's owner.
    SuperuserForOwner,
    /// In place by a superuser.
    SuperuserInPlace,
    /// Swapped in by an owner who may create databases.
    Createdb,
    /// In place by an owner who may not.
    Owner,
}

const EVERYBODY: [Who; 5] =
    [Who::Superuser, Who::SuperuserForOwner, Who::SuperuserInPlace, Who::Createdb, Who::Owner];

/// A database that somebody restores. The role goes before its project.
struct Hard {
    role: Option<Role>,
    place: Place,
    who: Who,
}

impl Hard {
    /// Filled by `sql`, as the role that everything is to belong to.
    fn new(who: Who, extensions: &[&str], sql: &str) -> Self {
        let mut place = Place::new();
        place.file("pgkeel.toml", "");
        let superuser = place.db.url.clone();
        let role = match who {
            Who::Superuser | Who::SuperuserInPlace => None,
            Who::Createdb => Some(Role::owner(&mut place, "CREATEDB")),
            Who::SuperuserForOwner | Who::Owner => Some(Role::owner(&mut place, "")),
        };
        for extension in extensions {
            place.sql(&format!("CREATE EXTENSION {extension}"));
        }
        match &role {
            None => {
                place.sql(sql);
            }
            Some(role) => {
                place.sql(&format!("GRANT pg_signal_backend TO {}", role.name));
                diesel::PgConnection::establish(&role.url()).unwrap().batch_execute(sql).unwrap();
            }
        }
        if who == Who::SuperuserForOwner {
            place.connect_to(&superuser);
        }
        Self { role, place, who }
    }

    /// Run SQL as the role that everything belongs to.
    fn sql_as_owner(&self, sql: &str) {
        match &self.role {
            None => drop(self.place.sql(sql)),
            Some(role) => diesel::PgConnection::establish(&role.url()).unwrap().batch_execute(sql).unwrap(),
        }
    }

    fn backup(&self) -> &Self {
        self.place.run(&["backup"]).exits(0);
        self
    }

    /// Restore the latest backup.
    #[track_caller]
    fn restore(&self, code: i32) -> String {
        let arguments: &[&str] = match self.who {
            Who::Owner | Who::SuperuserInPlace => {
                &["restore", "latest", "--in-place", "--no-backup", "--yes"]
            }
            _ => &["restore", "latest", "--yes"],
        };
        let ran = self.place.run(arguments);
        assert_eq!(ran.code, code, "{:?}: {}", self.who, ran.text());
        ran.text().to_owned()
    }

    /// Backed up, restored on trial where the role may, and restored; everything is as it was.
    #[track_caller]
    fn goes_round(&self) {
        self.backup();
        if self.who != Who::Owner {
            let ran = self.place.run(&["backup", "verify", "latest", "--level", "2"]);
            assert_eq!(ran.code, 0, "{:?}: {}", self.who, ran.text());
        }
        let before = self.schema();
        self.restore(0);
        assert_eq!(self.schema(), before, "{:?}", self.who);
    }

    fn schema(&self) -> String {
        crate::support::dump::schema(&self.place.db.url, &["--exclude-schema=pgkeel"])
            .lines()
            .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Hard {
    fn drop(&mut self) {
        // Databases of an owner stop the role from being dropped.
        if self.role.is_some() && !std::thread::panicking() {
            for name in self.place.beside().iter().chain([&self.place.db.name]) {
                self.place.sql(&format!("ALTER DATABASE \"{name}\" OWNER TO CURRENT_USER"));
            }
            for name in self.place.beside() {
                self.place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
            }
        }
    }
}
