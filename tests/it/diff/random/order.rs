//! A model as SQL, in an order in which it loads.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Id, Model, What};
use super::write::{Piece, pieces};

/// When the pieces come that could be now: by rank, object and place.
type Turn = (u8, Id, usize);

/// What creates each object.
pub(super) type Pieces = BTreeMap<Id, Vec<Piece>>;

/// All pieces in order, or the objects in a circle and behind it.
fn ordered(model: &Model, mut pieces: Pieces) -> Result<Vec<String>, Vec<Id>> {
    let mut waiting: BTreeSet<Turn> = BTreeSet::new();
    for (id, object) in &model.objects {
        let rank = match object.what {
            What::EventTrigger { .. } | What::DefaultRights { .. } => 1,
            _ => 0,
        };
        waiting.extend((0..pieces.get(id).map_or(0, Vec::len)).map(|at| (rank, *id, at)));
    }
    let mut done: BTreeSet<(Id, usize)> = BTreeSet::new();
    let mut statements = Vec::new();
    while !waiting.is_empty() {
        let needs = |id: &Id, at: usize| pieces[id][at].needs.iter().all(|id| done.contains(&(*id, 0)));
        let ready = |(_, id, at): &&Turn| (*at == 0 || done.contains(&(*id, *at - 1))) && needs(id, *at);
        let Some(turn) = waiting.iter().find(ready).copied() else {
            return Err(waiting.iter().map(|(_, id, _)| *id).collect());
        };
        waiting.remove(&turn);
        let (_, id, at) = turn;
        done.insert((id, at));
        let piece = pieces.get_mut(&id).and_then(|pieces| pieces.get_mut(at)).expect("it was waiting");
        statements.push(std::mem::take(&mut piece.sql));
    }
    statements.retain(|sql| !sql.is_empty());
    Ok(statements)
}

/// An object whose end breaks a circle, if there is one: the last one.
pub(super) fn circle(model: &Model, pieces: Pieces) -> Option<Id> {
    ordered(model, pieces).err()?.into_iter().max()
}

impl Model {
    /// The whole model for an empty database of a server of this major version.
    pub(super) fn sql(&self, major: u32) -> String {
        let all = self.objects.keys().filter_map(|id| Some((*id, pieces(self, *id, major)?))).collect();
        let statements = ordered(self, all).expect("a healed model has no circle");
        statements.iter().map(|statement| format!("{statement};\n")).collect()
    }
}
