//! Who may log in: the users of this machine who own the cluster, as its superuser, by their identity; any role
//! that has a password, by that. Never `trust`.

use super::folder::Places;
use super::state::replace;
use super::{ClusterError, Owner, SUPERUSER};

/// Writes pg_hba.conf and pg_ident.conf, outside the data directory.
pub(super) fn write(places: &Places, owner: &Owner) -> Result<(), ClusterError> {
    replace(&places.hba, &hba(), 0o644)?;
    replace(&places.ident, &ident(&owner.logins()), 0o644)
}

fn hba() -> String {
    format!(
        "local all {SUPERUSER} peer map=pgkeel\n\
         local all all scram-sha-256\n\
         host all all 127.0.0.1/32 scram-sha-256\n\
         local replication {SUPERUSER} peer map=pgkeel\n"
    )
}

fn ident(logins: &[&str]) -> String {
    logins.iter().map(|login| format!("pgkeel \"{login}\" {SUPERUSER}\n")).collect()
}
