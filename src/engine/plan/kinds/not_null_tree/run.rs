//! What the server does to the NOT NULL constraints of a tree of tables while the statements run, one after the other.

use crate::pg::ident::Tidy;

use super::super::super::hazard::Hazard;
use super::super::super::sql::Sql;
use super::super::not_null;
use super::{Constraint, Tree};

/// The constraints while the statements run.
pub(super) struct Run<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) now: Vec<Option<Constraint>>,
    pub(super) all: Vec<Sql>,
}

impl Run<'_> {
    fn say(&mut self, at: usize, what: String) {
        self.all.push(Sql::new(format!("ALTER TABLE {} {what}", self.tree.members[at].is.id.path())));
    }

    pub(super) fn drop(&mut self, at: usize) {
        self.say(at, format!("ALTER COLUMN {} DROP NOT NULL", self.tree.members[at].is.id.own()));
        self.take(at);
    }

    fn take(&mut self, at: usize) {
        let Some(gone) = self.now[at].take().filter(|gone| !gone.no_inherit) else { return };
        drop(gone);
        for child in &self.tree.members[at].children {
            let Some(now) = &mut self.now[*child] else { continue };
            now.above = now.above.saturating_sub(1);
            if now.above == 0 && !now.local {
                self.take(*child);
            }
        }
    }

    /// Its name and whether it is handed down, where that can be altered.
    pub(super) fn alter(&mut self, at: usize) {
        let member = &self.tree.members[at];
        let (Some(now), Some(wants)) = (self.now[at].clone(), &member.wants) else { return };
        if member.differing().contains(&"not_null_name")
            && wants.above == 0
            && now.above == 0
            && now.name != wants.name
        {
            self.all.push(not_null::renamed(&member.is.id, &(now.name.clone(), wants.name.clone())));
            self.name(at, &wants.name);
        }
        if now.no_inherit != wants.no_inherit {
            let no = if wants.no_inherit { "NO " } else { "" };
            self.say(at, format!("ALTER CONSTRAINT {} {no}INHERIT", Tidy(&wants.name)));
            self.now[at] = self.now[at].take().map(|now| Constraint { no_inherit: wants.no_inherit, ..now });
        }
    }

    fn name(&mut self, at: usize, name: &str) {
        let hands_down = self.now[at].as_ref().is_some_and(|now| !now.no_inherit);
        self.now[at] = self.now[at].take().map(|now| Constraint { name: name.to_owned(), ..now });
        for child in self.tree.members[at].children.iter().filter(|_| hands_down) {
            self.name(*child, name);
        }
    }

    pub(super) fn validate(&mut self, at: usize) {
        let (Some(now), Some(wants)) = (&self.now[at], &self.tree.members[at].wants) else { return };
        if !now.not_valid || wants.not_valid {
            return;
        }
        let name = now.name.clone();
        self.say(at, format!("VALIDATE CONSTRAINT {}", Tidy(&name)));
        self.reads(at);
        self.make_valid(at);
    }

    fn make_valid(&mut self, at: usize) {
        if let Some(now) = &mut self.now[at] {
            now.not_valid = false;
        }
        for child in &self.tree.members[at].children {
            self.make_valid(*child);
        }
    }

    /// The last statement reads the rows of a table that had no valid constraint.
    fn reads(&mut self, at: usize) {
        let member = &self.tree.members[at];
        if member.has.as_ref().is_some_and(|has| !has.not_valid) {
            return;
        }
        let (table, own) = (member.is.id.path(), member.is.id.own());
        let probe = format!("SELECT 1 FROM {table} WHERE {own} IS NULL LIMIT 1");
        let fails = Hazard::will_fail(format!("fails if {table}.{own} has NULLs"), Some(probe));
        if let Some(last) = self.all.pop() {
            self.all.push(last.hazard(Hazard::Scan { table }).hazard(fails));
        }
    }

    /// What the table is to have by itself; children come before.
    pub(super) fn add(&mut self, at: usize) -> Option<()> {
        let member = &self.tree.members[at];
        let Some(wants) = &member.wants else { return Some(()) };
        let is_there = match &self.now[at] {
            Some(now) => now.local || wants.above > 0 || now.name != wants.name,
            None => !wants.local && (!self.tree.members[at].is_partition || !self.tree.has_own_name(at)),
        };
        if is_there {
            return Some(());
        }
        let no_inherit = if wants.no_inherit { " NO INHERIT" } else { "" };
        let not_valid = if wants.not_valid { " NOT VALID" } else { "" };
        let (name, own) = (Tidy(&wants.name), member.is.id.own());
        self.say(at, format!("ADD CONSTRAINT {name} NOT NULL {own}{no_inherit}{not_valid}"));
        if !wants.not_valid {
            self.reads(at);
        }
        match &mut self.now[at] {
            Some(now) => now.local = true,
            None => {
                self.now[at] = Some(Constraint { above: 0, local: true, ..wants.clone() });
                self.hand_down(at)?;
            }
        }
        Some(())
    }

    fn hand_down(&mut self, at: usize) -> Option<()> {
        let given = self.now[at].clone().filter(|now| !now.no_inherit);
        let Some(given) = given else { return Some(()) };
        for child in &self.tree.members[at].children {
            match &mut self.now[*child] {
                // The server refuses both.
                Some(now) if now.no_inherit || now.not_valid && !given.not_valid => return None,
                Some(now) => now.above += 1,
                None => {
                    self.now[*child] = Some(Constraint { local: false, above: 1, ..given.clone() });
                    self.hand_down(*child)?;
                }
            }
        }
        Some(())
    }

    pub(super) fn comment(&mut self, at: usize, is_new: bool) {
        let member = &self.tree.members[at];
        let (was, is) = (member.was.get("not_null_comment"), member.is.get("not_null_comment"));
        let Some(now) = &self.now[at] else { return };
        if is != was.filter(|_| !is_new && member.has.is_some()) {
            self.all.push(not_null::commented_as(&member.is.id, &now.name, is));
        }
    }

    pub(super) fn is_right(&self) -> bool {
        self.tree.members.iter().zip(&self.now).all(|(member, now)| match (now, &member.wants) {
            (None, None) => true,
            (Some(now), Some(wants)) => {
                now.no_inherit == wants.no_inherit
                    && now.not_valid == wants.not_valid
                    && (now.above == 0) == (wants.above == 0)
                    && (wants.above > 0
                        || !member.differing().contains(&"not_null_name")
                        || now.name == wants.name)
            }
            _ => false,
        })
    }
}
