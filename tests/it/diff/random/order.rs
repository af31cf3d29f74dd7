//! A model as SQL, in an order in which it loads.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Id, Model, What};
use super::write::{Piece, pieces};

/// When the pieces come that could be now: by rank, object and place.
type Turn = (u8, Id, usize);

/// All pieces in order, or the objects in a circle and behind it.
fn ordered(model: &Model, major: u32) -> Result<Vec<String>, Vec<Id>> {
    let mut waiting: BTreeMap<Turn, Piece> = BTreeMap::new();
    for (id, object) in &model.objects {
        let rank = match object.what {
            What::EventTrigger { .. } | What::DefaultRights { .. } => 1,
            _ => 0,
        };
        for (at, piece) in pieces(model, *id, major).into_iter().flatten().enumerate() {
            waiting.insert((rank, *id, at), piece);
        }
    }
    let mut done: BTreeSet<(Id, usize)> = BTreeSet::new();
    let mut statements = Vec::new();
    while !waiting.is_empty() {
        let ready = |((_, id, at), piece): &(&Turn, &Piece)| {
            (*at == 0 || done.contains(&(*id, *at - 1)))
                && piece.needs.iter().all(|id| done.contains(&(*id, 0)))
        };
        let Some(turn) = waiting.iter().find(ready).map(|(turn, _)| *turn) else {
            return Err(waiting.keys().map(|(_, id, _)| *id).collect());
        };
        let piece = waiting.remove(&turn).expect("it was found there");
        done.insert((turn.1, turn.2));
        statements.push(piece.sql);
    }
    statements.retain(|sql| !sql.is_empty());
    Ok(statements)
}

/// An object whose end breaks a circle, if there is one: the last one.
pub(super) fn circle(model: &Model, major: u32) -> Option<Id> {
    ordered(model, major).err()?.into_iter().max()
}

impl Model {
    /// The whole model for an empty database of a server of this major version.
    pub(super) fn sql(&self, major: u32) -> String {
        let statements = ordered(self, major).expect("a healed model has no circle");
        statements.iter().map(|statement| format!("{statement};\n")).collect()
    }
}
