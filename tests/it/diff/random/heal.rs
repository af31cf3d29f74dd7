//! Makes a model valid again after a change: what names something that is gone, or that has become something else, is
//! made plain, or goes with it. Names that two things of one kind want get a number.

mod mend;

use std::collections::BTreeSet;

use super::cx::Cx;
use super::model::{Id, Model, Object, Parent, Rules, TableKind, What};
use super::names::{numbered, quoted};
use super::order::{Pieces, circle};
use super::write::pieces;

/// What every server of that version and later can do is in the model; rendering for an older one leaves it out.
const NEWEST: u32 = 18;

pub(super) fn heal(model: &mut Model) {
    loop {
        model.mend();
        model.bounds();
        model.uniquely_named();
        let mut all = Pieces::new();
        let mut broken = Vec::new();
        for id in model.objects.keys() {
            match pieces(model, *id, NEWEST) {
                Some(pieces) => drop(all.insert(*id, pieces)),
                None => broken.push(*id),
            }
        }
        if !broken.is_empty() {
            model.objects.retain(|id, _| !broken.contains(id));
            continue;
        }
        let Some(id) = circle(model, all) else { return };
        model.objects.remove(&id);
    }
}

impl Model {
    /// Siblings have different bounds; a partition for which there is none goes.
    fn bounds(&mut self) {
        let mut taken = BTreeSet::new();
        let mut gone = Vec::new();
        for id in self.objects.keys().copied().collect::<Vec<_>>() {
            let Some(Parent::Partition { of, bound }) = self.table(id).map(|table| table.parent.clone())
            else {
                continue;
            };
            let hash =
                matches!(self.table(of).map(|table| &table.kind), Some(TableKind::Partitioned { by: 2, .. }));
            let last = if hash { 4 } else { 10 };
            let free =
                (0..last).map(|step| (bound + step) % last).find(|bound| !taken.contains(&(of, *bound)));
            let Some(free) = free else {
                gone.push(id);
                continue;
            };
            taken.insert((of, free));
            if let Some(What::Table(table)) = self.objects.get_mut(&id).map(|object| &mut object.what) {
                table.parent = Parent::Partition { of, bound: free };
            }
        }
        self.objects.retain(|id, _| !gone.contains(id));
    }

    fn uniquely_named(&mut self) {
        let mut taken = BTreeSet::new();
        let mut gone = Vec::new();
        for id in self.objects.keys().copied().collect::<Vec<_>>() {
            let object = self.objects[&id].clone();
            let is_free = |name: &str| {
                let claims = self.claims(id, &Object { name: name.to_owned(), ..object.clone() });
                claims.iter().all(|claim| !taken.contains(claim))
            };
            let nameless = matches!(
                object.what,
                What::Cast { .. } | What::Operator { .. } | What::Mapping { .. } | What::DefaultRights { .. }
            );
            if nameless && !is_free(&object.name) {
                gone.push(id);
                continue;
            }
            let name = free_name(&object.name, is_free);
            let object = self.objects.get_mut(&id).expect("its id was just there");
            object.name = name;
            let object = object.clone();
            taken.extend(self.claims(id, &object));
        }
        self.objects.retain(|id, _| !gone.contains(id));
    }

    /// The names that an object takes, each with where nobody else may have it.
    fn claims(&self, id: Id, object: &Object) -> Vec<String> {
        let name = quoted(&object.name);
        let schema = object.schema.unwrap_or(0);
        let schema_of = |table: Id| self.objects.get(&table).and_then(|object| object.schema).unwrap_or(0);
        let relation = |schema: Id| format!("relation {schema} {name}");
        let ty = || format!("type {schema} {name}");
        let in_tree = |kind: &str, table: Id| format!("{kind} {} {name}", self.root(table));
        let cx = Cx::new(self, id, NEWEST);
        let types = |function: &super::model::Function| {
            let types: Vec<_> =
                function.arguments.iter().map(|argument| cx.ty(&argument.ty).unwrap_or_default()).collect();
            match function.returns {
                super::model::Returns::Trigger | super::model::Returns::EventTrigger => String::new(),
                _ => types.join(","),
            }
        };
        let routine = |types: &str| vec![format!("routine {schema} {name} {types}")];
        match &object.what {
            What::Table(_) | What::View(_) | What::Composite(_) => vec![relation(schema), ty()],
            // It has no type, but may not have the name of one.
            What::Sequence(_) => vec![relation(schema), ty()],
            What::Enum(_) | What::Domain(_) | What::Range(_) => vec![ty()],
            What::Index(index) => vec![relation(schema_of(index.table))],
            What::Constraint(constraint) => match constraint.rule {
                Rules::Check { .. } | Rules::Foreign { .. } => vec![in_tree("constraint", constraint.table)],
                _ => vec![in_tree("constraint", constraint.table), relation(schema_of(constraint.table))],
            },
            What::Trigger(trigger) => {
                vec![in_tree("trigger", trigger.table), in_tree("constraint", trigger.table)]
            }
            What::Policy(policy) => vec![format!("policy {} {name}", policy.table)],
            What::Rule(rule) => vec![format!("rule {} {name}", rule.table)],
            What::Function(function) => routine(&types(function)),
            What::Aggregate { base, .. } => routine(&super::cx::base_name(*base)),
            What::Cast { source, function, .. } => {
                let result = self.callable(*function).and_then(|(_, result)| cx.ty(result));
                vec![format!("cast {source} {result:?}")]
            }
            What::Operator { function, symbol } => {
                vec![format!("operator {schema} {} {:?}", symbol % 6, self.function(*function).map(types))]
            }
            What::Mapping { server, role, .. } => vec![format!("mapping {server} {}", role.min(&3))],
            What::DefaultRights { role, objects, .. } => {
                vec![format!("default {schema} {} {}", role.min(&3), objects % 4)]
            }
            What::Schema | What::Wrapper { .. } | What::Server { .. } => {
                vec![format!("{} {name}", object.what.kind())]
            }
            What::Publication(_) | What::EventTrigger { .. } => {
                vec![format!("{} {name}", object.what.kind())]
            }
            What::Collation(_) | What::Statistics { .. } => {
                vec![format!("{} {schema} {name}", object.what.kind())]
            }
        }
    }

    /// The table at the top of those that inherit.
    pub(super) fn root(&self, table: Id) -> Id {
        let mut root = table;
        for _ in 0..8 {
            match self.table(root).map(|table| &table.parent) {
                Some(Parent::Partition { of, .. } | Parent::Inherits(of)) => root = *of,
                _ => return root,
            }
        }
        root
    }
}

/// The name, or the first one with a number that is free.
fn free_name(name: &str, is_free: impl Fn(&str) -> bool) -> String {
    if is_free(name) {
        return name.to_owned();
    }
    (1..)
        .map(|number| numbered(name, number))
        .find(|name| is_free(name))
        .expect("there are more numbers than names")
}

/// The same for a list, in its order.
fn unique_names<'a>(names: impl Iterator<Item = &'a mut String>, taken: &mut BTreeSet<String>) {
    for name in names {
        *name = free_name(name, |name| !taken.contains(name));
        taken.insert(name.clone());
    }
}
