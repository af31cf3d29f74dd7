//! May this destroy? One rule for every command that can: facts in, verdict out. Pure; it asks
//! nobody, the command does.

use serde::Serialize;

use super::ledger::Mark;

/// What is known of the place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The environment's name as configured (`--env`, `PGKEEL_ENV`, …).
    pub environment: Option<String>,
    /// Why the configuration calls it protected, if it does.
    pub protected_by_config: Option<String>,
    /// The mark stored in the database.
    pub mark: Option<Mark>,
    /// The database we are connected to.
    pub database: String,
    /// Its cluster, where we may know.
    pub system_identifier: Option<String>,
    /// Whether it is the project's own dev cluster.
    pub dev_cluster: bool,
    /// What speaks for production where no fact is stated (managed host, size, replicas).
    pub hints: Vec<String>,
}

/// Whether the place is protected, and which fact says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// Whether destroying wants the place's name.
    pub protected: bool,
    /// Whether it is production, where a reset wants `--allow-production` as well.
    pub production: bool,
    /// The environment's name, as the strongest fact has it.
    pub environment: String,
    /// The facts, in words.
    pub because: Vec<String>,
}

/// Whether a name means production (`prod*`, `live`).
pub fn is_production(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("prod") || name == "live"
}

impl Place {
    /// Stated facts may only raise one another; hints count where none is stated.
    pub fn protection(&self) -> Protection {
        let mut because = Vec::new();
        let mut environment = self.environment.clone();
        let mut production = false;
        if let Some(name) = self.environment.as_deref().filter(|name| is_production(name)) {
            because.push(format!("the environment's name is `{name}`"));
            production = true;
        }
        if let Some(reason) = &self.protected_by_config {
            because.push(reason.clone());
        }
        if let Some(mark) = &self.mark {
            if is_production(&mark.name) {
                because.push(format!(
                    "the database is marked `{}` (by {}, {} UTC)",
                    mark.name, mark.set_by, mark.set_at
                ));
                environment = Some(mark.name.clone());
                production = true;
            } else if environment.is_none() {
                environment = Some(mark.name.clone());
            }
            if self.is_copy(mark) {
                because.push(format!(
                    "the mark `{}` was set in database `{}` of another place: this is a copy until `pgkeel env set` says what it is",
                    mark.name, mark.database
                ));
            }
        }
        let stated = self.environment.is_some() || self.mark.is_some() || self.protected_by_config.is_some();
        if !stated && !self.dev_cluster {
            because.extend(self.hints.iter().cloned());
        }
        Protection {
            protected: !because.is_empty(),
            production,
            environment: environment
                .unwrap_or_else(|| if self.dev_cluster { "development".into() } else { "unmarked".into() }),
            because,
        }
    }

    /// Whether this mark, in place of the stored one, would take protection away. The marks alone are
    /// compared: the environment's name and the configuration protect this run, and the next may be
    /// told another. A hint that nobody stated is settled by stating something.
    pub fn is_lowered_by(&self, mark: &Mark) -> bool {
        let protects = |mark: Option<&Mark>| {
            let place = Self {
                mark: mark.cloned(),
                database: self.database.clone(),
                system_identifier: self.system_identifier.clone(),
                ..Self::default()
            };
            place.protection().protected
        };
        protects(self.mark.as_ref()) && !protects(Some(mark))
    }

    fn is_copy(&self, mark: &Mark) -> bool {
        let other_cluster = match (&mark.system_identifier, &self.system_identifier) {
            (Some(theirs), Some(ours)) => theirs != ours,
            _ => false,
        };
        mark.database != self.database || other_cluster
    }
}

/// What the user said in advance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// `--yes`.
    pub yes: bool,
    /// `--confirm ENVIRONMENT/DATABASE`.
    pub confirm: Option<String>,
    /// `--allow-production`.
    pub allow_production: bool,
    /// Whether a person can be asked.
    pub terminal: bool,
}

/// What is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// `reset`: also wants `--allow-production`, and `allow_reset` can forbid it for good.
    Reset {
        /// `allow_reset` of the configuration.
        allowed: bool,
    },
    /// Anything else that can destroy.
    Other,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Go,
    /// Ask yes or no.
    AskYes,
    /// Ask for this name to be typed.
    AskName(String),
    /// Refuse: why, and what to do instead.
    Refuse {
        /// Why.
        why: String,
        /// What would let it pass.
        remedy: String,
    },
}

/// Decide.
pub fn verdict(place: &Place, deed: Deed, said: &Said) -> Verdict {
    let protection = place.protection();
    let name = format!("{}/{}", protection.environment, place.database);
    let refuse = |why: String, remedy: String| Verdict::Refuse { why, remedy };
    if deed == (Deed::Reset { allowed: false }) {
        return refuse(
            "`allow_reset = false` in the configuration forbids it, and no flag passes that".into(),
            "change pgkeel.toml if it is really meant".into(),
        );
    }
    let because = protection.because.join("; ");
    // Who names another place is not where he thinks he is, protected or not.
    if let Some(given) = said.confirm.as_ref().filter(|given| **given != name) {
        let protected =
            if protection.protected { format!("; it is protected: {because}") } else { String::new() };
        return refuse(
            format!("`--confirm {given}` does not name this place, which is `{name}`{protected}"),
            "check that you are where you think you are".into(),
        );
    }
    let named = said.confirm.is_some();
    if !protection.protected {
        return match (said.yes || named, said.terminal) {
            (true, _) => Verdict::Go,
            (false, true) => Verdict::AskYes,
            (false, false) => refuse(
                "nobody can be asked: this is no terminal".into(),
                "give `--yes` if it is meant".into(),
            ),
        };
    }
    if matches!(deed, Deed::Reset { .. }) && protection.production && !said.allow_production {
        return refuse(
            format!("this is production: {because}"),
            format!("if it is really meant: `--allow-production --confirm {name}`"),
        );
    }
    match (named, said.terminal) {
        (true, _) => Verdict::Go,
        (false, true) => Verdict::AskName(place.database.clone()),
        (false, false) => refuse(
            format!("the place is protected ({because}), and nobody can be asked: this is no terminal"),
            format!("give `--confirm {name}` if it is meant; `--yes` is not enough here"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(name: &str, database: &str) -> Mark {
        Mark {
            name: name.into(),
            database: database.into(),
            system_identifier: Some("1".into()),
            set_by: "dba".into(),
            set_at: "2026-01-01 00:00:00".into(),
        }
    }

    fn place(environment: Option<&str>, mark: Option<Mark>) -> Place {
        Place {
            environment: environment.map(Into::into),
            mark,
            database: "shop".into(),
            system_identifier: Some("1".into()),
            ..Place::default()
        }
    }

    const RESET: Deed = Deed::Reset { allowed: true };

    fn kind(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Go => "go",
            Verdict::AskYes => "ask-yes",
            Verdict::AskName(_) => "ask-name",
            Verdict::Refuse { .. } => "refuse",
        }
    }

    #[test]
    fn stated_facts_only_raise_one_another() {
        let check = |environment, stored: Option<&str>, protected, production| {
            let got = place(environment, stored.map(|name| mark(name, "shop"))).protection();
            assert_eq!(
                (got.protected, got.production),
                (protected, production),
                "{environment:?} {stored:?}"
            );
        };
        check(None, None, false, false);
        check(Some("development"), None, false, false);
        check(Some("development"), Some("production"), true, true);
        check(Some("production"), Some("development"), true, true);
        check(Some("staging"), Some("staging"), false, false);
        check(Some("live"), None, true, true);
    }

    #[test]
    fn a_copy_is_protected_until_it_is_named() {
        let protection = place(None, Some(mark("development", "other"))).protection();
        assert!(protection.protected && !protection.production, "{protection:?}");
        let mut elsewhere = place(None, Some(mark("development", "shop")));
        elsewhere.system_identifier = Some("2".into());
        assert!(elsewhere.protection().protected);
    }

    #[test]
    fn a_mark_is_lowered_whatever_else_protects() {
        let check = |environment, stored: Option<&str>, next: &str, lowered| {
            let place = place(environment, stored.map(|name| mark(name, "shop")));
            assert_eq!(
                place.is_lowered_by(&mark(next, "shop")),
                lowered,
                "{environment:?} {stored:?} {next}"
            );
        };
        check(None, Some("production"), "development", true);
        check(Some("production"), Some("production"), "development", true);
        check(Some("production"), Some("production"), "live", false);
        check(Some("production"), Some("staging"), "development", false);
        check(Some("production"), None, "development", false);
        assert!(place(None, Some(mark("development", "other"))).is_lowered_by(&mark("development", "shop")));
    }

    #[test]
    fn hints_count_only_where_nothing_is_stated() {
        let hinted =
            |stored: Option<Mark>| Place { hints: vec!["a managed host".into()], ..place(None, stored) };
        assert!(hinted(None).protection().protected);
        assert!(!hinted(Some(mark("development", "shop"))).protection().protected);
    }

    #[test]
    fn yes_never_suffices_where_it_is_protected() {
        let check = |environment, said: Said, expected: &str| {
            let verdict = verdict(&place(environment, None), RESET, &said);
            assert_eq!(kind(&verdict), expected, "{environment:?} {said:?} {verdict:?}");
        };
        let yes = Said { yes: true, ..Said::default() };
        let named = Said { confirm: Some("production/shop".into()), ..Said::default() };
        check(None, Said::default(), "refuse");
        check(None, yes.clone(), "go");
        check(None, Said { terminal: true, ..Said::default() }, "ask-yes");
        check(Some("production"), yes.clone(), "refuse");
        check(Some("production"), named.clone(), "refuse");
        check(Some("production"), Said { allow_production: true, ..yes }, "refuse");
        check(Some("production"), Said { allow_production: true, ..named }, "go");
        check(
            Some("production"),
            Said { allow_production: true, terminal: true, ..Said::default() },
            "ask-name",
        );
        let wrong = Said { allow_production: true, confirm: Some("staging/shop".into()), ..Said::default() };
        check(Some("production"), Said { terminal: true, ..wrong }, "refuse");
    }

    #[test]
    fn a_forbidden_reset_passes_no_flag() {
        let said =
            Said { yes: true, allow_production: true, confirm: Some("unmarked/shop".into()), terminal: true };
        assert_eq!(kind(&verdict(&place(None, None), Deed::Reset { allowed: false }, &said)), "refuse");
    }
}
