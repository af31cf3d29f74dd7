//! A role of one test, with a password of its own, on the tests' server. Objects and role go with this value, which must
//! therefore go before its project.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::cluster::{TestDb, unique};
use super::project::Project;

/// An ordinary role.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) password: String,
    address: String,
    admin_url: String,
}

impl Role {
    /// A role with these options (`""`, `"CREATEDB"`); runs show it as `ROLE`.
    pub(crate) fn new(project: &mut Project, options: &str) -> Self {
        Self::with_password(project, options, &unique("secret"))
    }

    /// The same with this password, which must not need quoting in a URL or in SQL.
    pub(crate) fn with_password(project: &mut Project, options: &str, password: &str) -> Self {
        let (name, password) = (unique("r"), password.to_owned());
        project.sql(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}' {options}"));
        project.shows(&name, "ROLE");
        let address = project.db.tcp_url.rsplit_once('@').expect("the URL names a user").1.to_owned();
        Self { name, password, address, admin_url: project.db.url.clone() }
    }

    /// The same, owner of the project's database, which its DATABASE_URL names.
    pub(crate) fn owner(project: &mut Project, options: &str) -> Self {
        let role = Self::new(project, options);
        project.sql(&format!("ALTER DATABASE {} OWNER TO {}", project.db.name, role.name));
        project.connect_as(&role);
        role
    }

    /// The project's database as this role, by TCP and with its password.
    pub(crate) fn url(&self) -> String {
        format!("postgresql://{}:{}@{}", self.name, self.password, self.address)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let name = &self.name;
        let mut admin = PgConnection::establish(&self.admin_url).unwrap();
        let sql = format!("REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}");
        admin.batch_execute(&sql).unwrap();
    }
}

impl TestDb {
    /// `host:port` of the server on the loopback address.
    pub(crate) fn tcp_address(&self) -> &str {
        let address = self.tcp_url.rsplit_once('@').map_or("", |(_, address)| address);
        address.split('/').next().unwrap_or_default()
    }
}
