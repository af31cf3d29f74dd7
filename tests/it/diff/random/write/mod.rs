//! One object as SQL, in pieces: later ones need only that the first exists, so that two objects may need each other.

mod attached;
mod notes;
mod others;
mod relations;
mod routines;
mod types;
mod views;

use std::collections::BTreeSet;

use super::cx::Cx;
use super::model::{Id, Model, What};

#[derive(Debug)]
pub(super) struct Piece {
    pub(super) sql: String,
    pub(super) needs: BTreeSet<Id>,
}

/// Collects pieces with what each needs.
pub(super) struct Writer<'m> {
    pub(super) cx: Cx<'m>,
    pieces: Vec<Piece>,
}

impl Writer<'_> {
    pub(super) fn push(&mut self, sql: String) {
        let mut needs = self.cx.take_needs();
        if !self.pieces.is_empty() {
            needs.remove(&self.cx.id);
        }
        self.pieces.push(Piece { sql, needs });
    }
}

/// What creates the object, or `None` if it cannot be.
pub(super) fn pieces(model: &Model, id: Id, major: u32) -> Option<Vec<Piece>> {
    let mut writer = Writer { cx: Cx::new(model, id, major), pieces: Vec::new() };
    let object = model.objects.get(&id)?;
    // Its schema; its own name is no need.
    if let Some(schema) = object.schema {
        writer.cx.q(schema)?;
    }
    let needs = writer.cx.take_needs();
    write(&mut writer, id)?;
    let notes_from = writer.pieces.len();
    writer.notes(id)?;
    let mut pieces = writer.pieces;
    for piece in &mut pieces[notes_from..] {
        piece.needs.remove(&id);
    }
    if let Some(first) = pieces.first_mut() {
        first.needs.extend(needs);
    }
    Some(pieces)
}

fn write(writer: &mut Writer<'_>, id: Id) -> Option<()> {
    let object = writer.cx.model.objects.get(&id)?;
    match &object.what {
        What::Schema => writer.schema(object),
        What::Enum(labels) => writer.enumeration(object, labels),
        What::Composite(fields) => writer.composite(object, fields),
        What::Domain(domain) => writer.domain(object, domain),
        What::Range(base) => writer.range(object, *base),
        What::Collation(kind) => writer.collation(object, *kind),
        What::Sequence(sequence) => writer.sequence(object, sequence),
        What::Table(table) => writer.table(object, table),
        What::View(view) => writer.view(object, view),
        What::Function(function) => writer.function(object, function),
        What::Aggregate { base, state } => writer.aggregate(object, *base, *state),
        What::Constraint(constraint) => writer.constraint(object, constraint),
        What::Index(index) => writer.index(object, index),
        What::Trigger(trigger) => writer.trigger(object, trigger),
        What::Policy(policy) => writer.policy(object, policy),
        What::Rule(rule) => writer.rule(object, rule),
        What::Statistics { table, columns, kinds, target } => {
            writer.statistics(object, *table, columns, (*kinds, *target))
        }
        What::Publication(publication) => writer.publication(object, publication),
        What::Wrapper { option } => writer.wrapper(object, *option),
        What::Server { wrapper, option } => writer.server(object, *wrapper, *option),
        What::Mapping { server, role, option } => writer.mapping(*server, *role, *option),
        What::EventTrigger { function, event, enabled } => {
            writer.event_trigger(object, *function, *event, *enabled)
        }
        What::Cast { source, function, context } => writer.cast(*source, *function, *context),
        What::Operator { function, symbol } => writer.operator(object, *function, *symbol),
        What::DefaultRights { role, objects, right, option } => {
            writer.default_rights(object, *role, *objects, (*right, *option))
        }
    }
}
