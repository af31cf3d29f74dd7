//! What becomes of each fact: kept, dropped, altered, or dropped and created anew because it or what it stands on must be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::engine::catalog::{Catalog, Difference, Fact, Hold, Kind};

use super::kinds::{self, Cx};
use super::sql::{Change, Sql};
use super::{PlanError, Wishes};

/// What becomes of a fact of the old catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    Gone,
    /// By statements; `true` where what is compiled against it must be gone meanwhile.
    Altered(Vec<Sql>, bool),
    /// Dropped and created anew.
    Replaced,
}

impl Fate {
    /// Whether the fact, as it was, ends.
    pub(super) fn ends(&self) -> bool {
        matches!(self, Fate::Gone | Fate::Replaced)
    }
}

/// What becomes of everything.
#[derive(Debug)]
pub(super) struct Fates {
    /// By index in the old catalog.
    pub(super) old: Vec<Fate>,
    /// The old fact of the same name, by index in the new catalog.
    pub(super) before: Vec<Option<usize>>,
    /// The new fact of the same name, by index in the old catalog.
    pub(super) after: Vec<Option<usize>>,
    /// Facts of the old catalog that get another name first, because what holds data stands on them or is in them.
    pub(super) aside: BTreeMap<usize, String>,
    /// Facts of the new catalog that are there without a statement: a table has them once it is detached.
    pub(super) given: BTreeSet<usize>,
}

impl Fates {
    /// Whether the fact at this index of the new catalog is created.
    pub(super) fn is_created(&self, new: usize) -> bool {
        self.before[new].is_none_or(|old| self.old[old] == Fate::Replaced) && !self.given.contains(&new)
    }
}

/// Decide; what is `replaced` (by index in the old catalog) is so in any case.
pub(super) fn decide(
    old: &Catalog,
    new: &Catalog,
    wishes: &Wishes,
    replaced: &BTreeSet<usize>,
) -> Result<Fates, PlanError> {
    let (before, after) = (new.counterparts(old), old.counterparts(new));
    let mut fates = Fates {
        old: vec![Fate::Kept; old.facts().len()],
        before,
        after,
        aside: BTreeMap::new(),
        given: BTreeSet::new(),
    };
    let cx = Cx { old, new, wishes, fates: None };
    let mut work = VecDeque::new();
    for difference in old.differences(new, &wishes.scope) {
        let Some(at) = old.index(difference.id()) else { continue };
        fates.old[at] = match difference {
            Difference::Missing(_) => continue,
            Difference::Extra(_) => Fate::Gone,
            Difference::Other(was, is, attributes) => match kinds::alter(&cx, was, is, &attributes) {
                Change::InPlace(steps) => Fate::Altered(steps, false),
                Change::Retype(steps) => Fate::Altered(steps, true),
                Change::Replace => Fate::Replaced,
                Change::Refuse(why) => return Err(PlanError::Refused { id: Box::new(was.id.clone()), why }),
            },
        };
        work.push_back(at);
    }
    for at in replaced {
        fates.old[*at] = Fate::Replaced;
        work.push_back(*at);
    }
    loop {
        spread(&cx, &mut fates, &mut work);
        work.extend(kinds::torn(&cx, &fates));
        if work.is_empty() {
            break;
        }
        for at in &work {
            fates.old[*at] = Fate::Replaced;
        }
    }
    for at in kinds::inherited::taken(&cx, &fates) {
        fates.old[at] = Fate::Kept;
    }
    fates.given = kinds::inherited::given(&cx, &fates).into_iter().collect();
    put_aside(&cx, &mut fates);
    Ok(fates)
}

/// What becomes of what depends on what, until nothing changes any more.
fn spread(cx: &Cx<'_>, fates: &mut Fates, work: &mut VecDeque<usize>) {
    while let Some(at) = work.pop_front() {
        let fate = fates.old[at].clone();
        for other in taken_along(cx, fates, at) {
            fates.old[other] = Fate::Replaced;
            work.push_back(other);
        }
        for (dependant, hold) in cx.old.needed(at) {
            let becomes = match &fate {
                Fate::Kept | Fate::Altered(_, false) => None,
                Fate::Altered(_, true) => disturbed(cx, fates, at, *dependant),
                Fate::Gone => orphaned(cx, fates, at, *dependant, *hold),
                Fate::Replaced => forced(cx, fates, at, *dependant),
            };
            if let Some(becomes) = becomes {
                fates.old[*dependant] = becomes;
                work.push_back(*dependant);
            }
        }
    }
}

/// The table whose column cannot get another type in it; the partitions of a table that is made anew.
fn taken_along(cx: &Cx<'_>, fates: &Fates, at: usize) -> Vec<usize> {
    let fact = &cx.old.facts()[at];
    let mut all = match (fact.id.kind, &fates.old[at]) {
        (Kind::Column, Fate::Altered(_, true)) if kinds::is_fixed(cx, fact) => {
            cx.old.index(&fact.id.of(Kind::Table)).into_iter().collect()
        }
        (Kind::Column, Fate::Altered(_, true)) => kinds::of_row_type(cx, &fact.id),
        (Kind::Table, Fate::Replaced) => kinds::aside::partitions(cx, &fact.id),
        _ => Vec::new(),
    };
    all.retain(|other| fates.after[*other].is_some() && !fates.old[*other].ends());
    all
}

/// What gets another name; again until nothing is added, because what stands on something may have to follow it.
fn put_aside(cx: &Cx<'_>, fates: &mut Fates) {
    loop {
        let before = fates.aside.len();
        for (at, fact) in cx.old.facts().iter().enumerate() {
            let makes_room = match fates.old[at] {
                Fate::Replaced => true,
                Fate::Gone => kinds::is_type_name_taken(cx.new, &fact.id),
                _ => false,
            };
            if makes_room && !fates.aside.contains_key(&at) {
                let name = kinds::aside::name(cx, fact, fates);
                fates.aside.extend(name.map(|name| (at, name)));
            }
        }
        if fates.aside.len() == before {
            return;
        }
    }
}

/// What a dependant becomes whose ground is altered under it.
fn disturbed(cx: &Cx<'_>, fates: &Fates, ground: usize, dependant: usize) -> Option<Fate> {
    let fact = &cx.old.facts()[dependant];
    let is_settled = fates.old[dependant].ends() || fates.after[dependant].is_none();
    (!is_settled && kinds::minds_retype(cx, &cx.old.facts()[ground], fact)).then_some(Fate::Replaced)
}

/// What a dependant becomes whose ground goes for good.
fn orphaned(cx: &Cx<'_>, fates: &Fates, ground: usize, dependant: usize, hold: Hold) -> Option<Fate> {
    if is_let_go(cx, fates, ground, dependant) {
        return None;
    }
    match &fates.old[dependant] {
        // It reads the same and means something else: another function of the same name, say.
        Fate::Kept => rebuilt(cx, ground, dependant),
        Fate::Altered(..)
            if hold == Hold::Auto && !kinds::lets_go(&cx.old.facts()[dependant])
                || kinds::holds_on(cx, &cx.old.facts()[ground], &cx.old.facts()[dependant]) =>
        {
            rebuilt(cx, ground, dependant)
        }
        _ => None,
    }
}

/// What a dependant becomes whose ground is created anew.
fn forced(cx: &Cx<'_>, fates: &Fates, ground: usize, dependant: usize) -> Option<Fate> {
    if fates.old[dependant].ends() || is_let_go(cx, fates, ground, dependant) {
        return None;
    }
    let ground_id = &cx.old.facts()[ground].id;
    let after = fates.after[dependant]?;
    let still = cx.new.needs(after).iter().any(|(to, _)| cx.new.facts()[*to].id == *ground_id);
    match &fates.old[dependant] {
        Fate::Altered(..)
            if !still && !kinds::holds_on(cx, &cx.old.facts()[ground], &cx.old.facts()[dependant]) =>
        {
            None
        }
        _ => rebuilt(cx, ground, dependant),
    }
}

/// An attached constraint whose partition is detached first stays on its own; so does the column of a child table.
fn is_let_go(cx: &Cx<'_>, fates: &Fates, ground: usize, dependant: usize) -> bool {
    let (above, below) = (&cx.old.facts()[ground].id, &cx.old.facts()[dependant].id);
    if above.kind == Kind::Column && below.kind == Kind::Column && cx.old.facts()[dependant].is("_inherited")
    {
        let anew = cx.old.index(&above.of(Kind::Table)).is_some_and(|table| fates.old[table].ends());
        let stays =
            cx.new.fact(above).is_none() && !kinds::drops_with_parent(cx, above, &cx.old.facts()[dependant]);
        return anew || !cx.is_child_of(below, above) || stays;
    }
    let is_pair = above.kind == Kind::Constraint && below.kind == Kind::Constraint;
    let detached = |at: usize| fates.old[at].ends();
    is_pair && cx.old.index(&below.of(Kind::Partition)).is_some_and(detached)
}

/// How a dependant gets onto its new ground.
fn rebuilt(cx: &Cx<'_>, ground: usize, dependant: usize) -> Option<Fate> {
    let (was, ground) = (&cx.old.facts()[dependant], &cx.old.facts()[ground]);
    let is: &Fact = cx.new.fact(&was.id)?;
    Some(match kinds::rebuild(cx, ground, was, is) {
        Change::InPlace(steps) => Fate::Altered(steps, false),
        Change::Retype(steps) => Fate::Altered(steps, true),
        Change::Replace | Change::Refuse(_) => Fate::Replaced,
    })
}
