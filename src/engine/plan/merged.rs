//! Columns that a table has from a parent and by itself: which of both comes, changes or goes first.

use crate::engine::catalog::{Id, Kind};

use super::fate::Fate;
use super::graph::Builder;
use super::kinds;

impl Builder<'_> {
    /// A child's own column, which is like that of its parent before the parent gets it (`ATExecAddColumn` merges them).
    pub(super) fn becomes_inherited(&self, at: usize, ground: usize) -> bool {
        let (child, parent) = (&self.old.facts()[at], &self.new.facts()[ground]);
        child.id.kind == Kind::Column
            && parent.id.kind == Kind::Column
            && !child.is("_inherited")
            && self.fates.is_created(ground)
            && self.cx.is_child_in_both(&child.id)
    }

    /// A column that a child gets as its own one too, before the parent gets it.
    pub(super) fn is_merged(&self, at: usize, ground: usize) -> bool {
        let (child, parent) = (&self.new.facts()[at], &self.new.facts()[ground]);
        let stays = |id: &Id| self.old.fact(id).is_some() && !self.cx.made(self.fates, id);
        child.id.kind == Kind::Column
            && parent.id.kind == Kind::Column
            && child.is("_local")
            && self.fates.is_created(ground)
            && stays(&child.id.of(Kind::Table))
            && stays(&parent.id.of(Kind::Table))
            && self.cx.is_child_of(&child.id, &parent.id)
    }

    /// A column of a parent that the table leaves, which it does before either changes.
    pub(super) fn is_left(&self, at: usize, ground: usize) -> bool {
        let (child, parent) = (&self.old.facts()[at], &self.old.facts()[ground]);
        child.id.kind == Kind::Column
            && parent.id.kind == Kind::Column
            && self.old.fact(&child.id.of(Kind::Partition)).is_none()
            && !self.cx.is_child_of(&child.id, &parent.id)
    }

    /// A child's column that can go only after the parent's, because it does not go with it.
    pub(super) fn is_freed_by_drop(&self, at: usize, ground: usize) -> bool {
        let (child, parent) = (&self.old.facts()[at], &self.old.facts()[ground]);
        let are_columns = child.id.kind == Kind::Column && parent.id.kind == Kind::Column;
        let stays =
            |id: &Id| self.old.index(&id.of(Kind::Table)).is_some_and(|table| !self.fates.old[table].ends());
        are_columns
            && child.is("_inherited")
            && self.fates.old[ground] == Fate::Gone
            && stays(&child.id)
            && stays(&parent.id)
            && self.cx.is_child_in_both(&child.id)
            && !kinds::drops_with_parent(&self.cx, &parent.id, child)
    }
}
