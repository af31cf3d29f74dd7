//! Who runs the server: ourselves, or, when we are root, `postgres` or `nobody`. Nothing here is done as root
//! inside a folder that this user can write to, so that a link planted there leads nowhere.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, fchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, geteuid};

use super::ClusterError;

/// The user who runs the server.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) uid: u32,
    gid: u32,
    name: String,
    /// The user we are, if that is not the one who runs the server: root.
    root: Option<String>,
}

impl Owner {
    /// Ourselves; when we are root the user who already owns `data`, else the first that this machine has.
    pub(super) fn of(data: &Path) -> Result<Owner, ClusterError> {
        let me = geteuid();
        let myself =
            User::from_uid(me).ok().flatten().ok_or(ClusterError::NamelessUser { uid: me.as_raw() })?;
        if !me.is_root() {
            return Ok(Owner { uid: me.as_raw(), gid: myself.gid.as_raw(), name: myself.name, root: None });
        }
        let before =
            fs::symlink_metadata(data).ok().and_then(|m| User::from_uid(Uid::from_raw(m.uid())).ok()?);
        let known = ["postgres", "nobody"].into_iter().filter_map(|name| User::from_name(name).ok()?);
        let mut users = before.into_iter().chain(known).filter(|user| !user.uid.is_root());
        let user = users.next().ok_or(ClusterError::NoServerUser)?;
        Ok(Owner { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name, root: Some(myself.name) })
    }

    /// The users of this machine who may log in as the cluster's superuser. Not `nobody`: other daemons share it.
    pub(super) fn logins(&self) -> Vec<&str> {
        let own = Some(self.name.as_str()).filter(|&name| self.root.is_none() || name != "nobody");
        self.root.as_deref().into_iter().chain(own).collect()
    }

    /// Makes `command` run as this user. The standard library then also drops root's groups.
    pub(super) fn becomes<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.root.is_some() {
            command.uid(self.uid).gid(self.gid);
        }
        // Our own folder may be closed to this user.
        command.current_dir("/").stdin(Stdio::null())
    }

    /// Gives a folder to this user alone.
    pub(super) fn gets(&self, dir: &Path) -> Result<(), ClusterError> {
        if self.root.is_some() {
            chown(dir, Some(self.uid), Some(self.gid))
                .map_err(ClusterError::io("change the owner of", dir))?;
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(ClusterError::io("protect", dir))
    }

    /// Gives an open file to this user alone.
    pub(super) fn gets_file(&self, file: &File) -> io::Result<()> {
        if self.root.is_some() {
            fchown(file, Some(self.uid), Some(self.gid))?;
        }
        file.set_permissions(fs::Permissions::from_mode(0o600))
    }

    /// The mode of a folder of ours that this user must pass through.
    pub(super) fn passage_mode(&self) -> u32 {
        if self.root.is_some() { 0o711 } else { 0o700 }
    }

    /// Whether this user may pass through one folder, by its mode.
    pub(super) fn may_enter(&self, dir: &Path) -> bool {
        fs::metadata(dir).is_ok_and(|m| {
            // Our own rights can come from a group or an access list; a folder of those shows itself when used.
            if self.root.is_none() {
                return m.is_dir();
            }
            let bit = match (m.uid() == self.uid, m.gid() == self.gid) {
                (true, _) => 0o100,
                (_, true) => 0o010,
                _ => 0o001,
            };
            m.is_dir() && m.mode() & bit != 0
        })
    }

    /// Fails with the first folder above `path` that this user may not pass through.
    pub(super) fn must_reach(&self, path: &Path) -> Result<(), ClusterError> {
        match path.ancestors().find(|dir| !self.may_enter(dir)) {
            Some(dir) => Err(ClusterError::Unreachable { dir: dir.to_owned(), user: self.name.clone() }),
            None => Ok(()),
        }
    }
}
