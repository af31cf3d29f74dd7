//! Which backups are kept, in restic's words: values in, verdicts out. Rules are ORed, so a larger policy keeps more; and
//! whatever the policy, enough stays of each group to bring its database back.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde::Serialize;

use super::manifest::{Level, Manifest, Reason, Scope};
use super::name::BackupId;

/// How many backups that we took before something are kept where the policy asks for fewer.
pub const BEFORE_SOMETHING: u32 = 5;

/// How far the newest backup may lie in the future before clocks are not to be trusted with a removal.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What to keep; zero keeps nothing by that rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The newest so many.
    pub last: u32,
    /// The newest of so many hours that have one.
    pub hourly: u32,
    /// Of days.
    pub daily: u32,
    /// Of weeks, which begin on Monday.
    pub weekly: u32,
    /// Of months.
    pub monthly: u32,
    /// Of years.
    pub yearly: u32,
    /// Whatever is not older than this, counted from the newest: where backups stop, none is lost by it.
    pub within: Option<TimeDelta>,
    /// Everything with one of these labels.
    pub labels: Vec<String>,
}

/// What is known beside the manifests.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The time.
    pub now: DateTime<Utc>,
    /// Backups that a recent operation may have to come back to.
    pub referenced: BTreeSet<BackupId>,
}

/// What shall become of one backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep(Vec<Why>),
    /// It goes.
    Remove(Reject),
}

/// Why a backup stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Pinned.
    Pinned,
    /// A recent operation may come back to it.
    Referenced,
    /// The newest of its group.
    Newest,
    /// The newest of its group that has passed this level.
    Proved(Level),
    /// It is damaged, but no newer one is sound.
    NothingBetter,
    /// One of the newest so many.
    Last,
    /// The newest of its hour.
    Hourly,
    /// Of its day.
    Daily,
    /// Of its week.
    Weekly,
    /// Of its month.
    Monthly,
    /// Of its year.
    Yearly,
    /// Not old enough.
    Within,
    /// Its label.
    Label(String),
}

/// Why a backup goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reject {
    /// No rule keeps it.
    NoRule,
    /// It is damaged, and a newer one is sound.
    Damaged,
}

/// Why nothing is judged at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No rule was given.
    #[error("no rule says which backups to keep, and nothing was removed")]
    NoRule,
    /// A clock is or was wrong.
    #[error(
        "the backup `{id}` was taken at {at}, and by this machine's clock it is {now}: a clock is wrong, and nothing was removed"
    )]
    ClockSkew {
        /// The newest.
        id: BackupId,
        /// When it says it was taken.
        at: DateTime<Utc>,
        /// What time it is.
        now: DateTime<Utc>,
    },
}

impl Policy {
    /// Whether it keeps nothing.
    pub fn is_empty(&self) -> bool {
        let counts = [self.last, self.hourly, self.daily, self.weekly, self.monthly, self.yearly];
        counts.iter().all(|count| *count == 0)
            && self.within.is_none_or(|within| within <= TimeDelta::zero())
            && self.labels.is_empty()
    }
}

/// Judge all backups of a folder; the verdicts are in their order. Only whole ones are to be given. Each group keeps at
/// least one: its newest, and the newest sound one.
///
/// # Errors
/// See `Refusal`.
pub fn judge(backups: &[&Manifest], policy: &Policy, known: &Known) -> Result<Vec<Verdict>, Refusal> {
    if policy.is_empty() {
        return Err(Refusal::NoRule);
    }
    if let Some(newest) = backups.iter().max_by_key(|one| one.created_at)
        && newest.created_at - known.now > SKEW
    {
        let (id, at, now) = (newest.id.clone(), newest.created_at, known.now);
        return Err(Refusal::ClockSkew { id, at, now });
    }
    let mut groups: BTreeMap<Group<'_>, Vec<usize>> = BTreeMap::new();
    for (index, backup) in backups.iter().enumerate() {
        groups.entry(Group::of(backup)).or_default().push(index);
    }
    let mut whys: Vec<Vec<Why>> = vec![Vec::new(); backups.len()];
    for (group, mut members) in groups {
        // By sequence, not by time: clocks jump.
        members.sort_by_key(|index| std::cmp::Reverse((backups[*index].sequence, &backups[*index].id)));
        let members: Vec<_> = members.into_iter().map(|index| (index, backups[index])).collect();
        always(&members, known, &mut whys);
        by_rule(&members, &group.policy(policy), &mut whys);
    }
    let verdict = |(whys, backup): (Vec<Why>, &&Manifest)| match whys.as_slice() {
        [] if backup.is_damaged() => Verdict::Remove(Reject::Damaged),
        [] => Verdict::Remove(Reject::NoRule),
        _ => Verdict::Keep(whys),
    };
    Ok(whys.into_iter().zip(backups).map(verdict).collect())
}

/// What is counted together: backups that can stand in for one another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    cluster: Option<&'a str>,
    database: &'a str,
    /// Taken before something, not because somebody asked for it.
    before_something: bool,
    scope: u8,
}

impl<'a> Group<'a> {
    fn of(backup: &'a Manifest) -> Self {
        Self {
            cluster: backup.source.system_identifier.as_deref(),
            database: &backup.source.database,
            before_something: backup.reason != Reason::Manual,
            // A backup of the schema alone must not push one with rows out.
            scope: match backup.scope {
                Scope::Full => 0,
                Scope::Schema => 1,
                Scope::Data => 2,
            },
        }
    }

    fn policy(&self, policy: &Policy) -> Policy {
        let last = if self.before_something { policy.last.max(BEFORE_SOMETHING) } else { policy.last };
        Policy { last, ..policy.clone() }
    }
}

/// What stays under any policy. Members are newest first.
fn always(members: &[(usize, &Manifest)], known: &Known, whys: &mut [Vec<Why>]) {
    for (index, backup) in members {
        if backup.pinned.is_some() {
            whys[*index].push(Why::Pinned);
        }
        if known.referenced.contains(&backup.id) {
            whys[*index].push(Why::Referenced);
        }
    }
    let sound = || members.iter().filter(|(_, backup)| !backup.is_damaged());
    let proved = |least: Level| {
        sound().find_map(|(index, backup)| {
            let (level, _) = backup.proved().filter(|(level, _)| *level >= least)?;
            Some((*index, level))
        })
    };
    if let Some((newest, _)) = sound().next() {
        whys[*newest].push(Why::Newest);
    }
    if let Some((index, level)) = proved(Level::L2).or_else(|| proved(Level::L1)) {
        whys[index].push(Why::Proved(level));
    }
    for (index, _) in members.iter().take_while(|(_, backup)| backup.is_damaged()) {
        whys[*index].push(Why::NothingBetter);
    }
}

/// The hour, day, … of a time.
type Period = fn(DateTime<Utc>) -> (i32, u32);

/// What the policy keeps; damaged ones neither count nor stay by it.
fn by_rule(members: &[(usize, &Manifest)], policy: &Policy, whys: &mut [Vec<Why>]) {
    let sound: Vec<_> = members.iter().filter(|(_, backup)| !backup.is_damaged()).collect();
    let Some((_, newest)) = sound.first() else { return };
    for (index, _) in sound.iter().take(policy.last as usize) {
        whys[*index].push(Why::Last);
    }
    let periods: [(u32, Why, Period); 5] = [
        (policy.hourly, Why::Hourly, |at| (at.num_days_from_ce(), at.hour())),
        (policy.daily, Why::Daily, |at| (at.num_days_from_ce(), 0)),
        (policy.weekly, Why::Weekly, |at| (at.iso_week().year(), at.iso_week().week())),
        (policy.monthly, Why::Monthly, |at| (at.year(), at.month())),
        (policy.yearly, Why::Yearly, |at| (at.year(), 0)),
    ];
    for (count, why, period) in periods {
        let mut seen = BTreeSet::new();
        for (index, backup) in &sound {
            if seen.len() < count as usize && seen.insert(period(backup.created_at)) {
                whys[*index].push(why.clone());
            }
        }
    }
    for (index, backup) in &sound {
        if policy.within.is_some_and(|within| newest.created_at - backup.created_at <= within) {
            whys[*index].push(Why::Within);
        }
        if let Some(label) = backup.label.as_ref().filter(|label| policy.labels.contains(label)) {
            whys[*index].push(Why::Label(label.clone()));
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pinned => "pinned",
            Self::Referenced => "a recent operation may come back to it",
            Self::Newest => "newest",
            Self::Proved(level) => return write!(f, "newest at {level:?}"),
            Self::NothingBetter => "damaged, but nothing newer is sound",
            Self::Last => "last",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
            Self::Within => "within",
            Self::Label(label) => return write!(f, "label `{label}`"),
        })
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRule => "no rule keeps it",
            Self::Damaged => "damaged, and a newer one is sound",
        })
    }
}
