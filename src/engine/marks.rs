//! What pgkeel leaves on a database while it works, told from what people set. `Properties` never holds any of it, so that
//! no backup, comparison or other database gets it.

use serde_json::Value;

use super::properties::DatabaseSetting;
use super::restore::journal::{Aside, Role};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;

/// The setting that refuses writes (docs 20.11.1).
pub const READ_ONLY: &str = "default_transaction_read_only";

/// The setting that says who refuses them. An owner who is not a superuser may set no parameter that the server does not
/// know, and this one takes any text (docs 20.8.4).
pub const NAME: &str = "application_name";

/// What it says. Sessions without a name of their own show it in pg_stat_activity.
pub const WORDS: &str = "writing stopped by a pgkeel restore";

/// What follows it where the database had a name of its own.
const BEFORE: &str = "; before: ";

/// The value of that setting.
const STOPS: &str = "true";

/// How earlier versions wrote it, without words.
const EARLIER: &str = "tru";

/// What a restore has set to refuse writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Whether writes are refused; false where only the words are left.
    pub refuses: bool,
    words: Option<String>,
}

impl Stopped {
    /// From a database's own two settings.
    pub fn of(read_only: Option<&str>, name: Option<&str>) -> Option<Self> {
        let words = name.filter(|name| is_ours(name)).map(str::to_owned);
        let refuses = read_only == Some(EARLIER) || (words.is_some() && read_only == Some(STOPS));
        (refuses || words.is_some()).then_some(Self { refuses, words })
    }

    /// The `application_name` that the database had before.
    fn before(&self) -> Option<&str> {
        self.words.as_ref()?[WORDS.len()..].strip_prefix(BEFORE)
    }

    /// The statements that take it away.
    pub fn resume_sql(&self, database: &str) -> String {
        let database = Ident::new(database);
        let mut sql = Vec::new();
        if self.refuses {
            sql.push(format!("ALTER DATABASE {database} RESET {READ_ONLY}"));
        }
        if self.words.is_some() {
            sql.push(match self.before() {
                Some(before) => format!("ALTER DATABASE {database} SET {NAME} = {}", Literal(before)),
                None => format!("ALTER DATABASE {database} RESET {NAME}"),
            });
        }
        sql.join("; ")
    }
}

fn is_ours(name: &str) -> bool {
    name.strip_prefix(WORDS).is_some_and(|rest| rest.is_empty() || rest.starts_with(BEFORE))
}

/// Whether writes are refused by a restore, where these are a database's own settings, one a line.
pub fn refuses(settings: &str) -> bool {
    let value = |name: &str| settings.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    Stopped::of(value(READ_ONLY), value(NAME)).is_some_and(|stopped| stopped.refuses)
}

/// The statements that refuse writes in a database with these settings. The words come first: there is no moment at which
/// nothing says who refuses.
pub fn stop_sql(database: &str, settings: &[DatabaseSetting]) -> [String; 2] {
    let before = own(settings, NAME).map_or(String::new(), |before| format!("{BEFORE}{before}"));
    let database = Ident::new(database);
    [
        format!("ALTER DATABASE {database} SET {NAME} = {}", Literal(&format!("{WORDS}{before}"))),
        format!("ALTER DATABASE {database} SET {READ_ONLY} = {STOPS}"),
    ]
}

/// The value of a database's own setting, as an SQL expression.
pub fn setting_sql(database: &str, name: &str) -> String {
    let begin = format!("{name}=");
    format!(
        "(SELECT substr(one, {}) FROM pg_database l JOIN pg_db_role_setting s ON s.setdatabase = l.oid AND s.setrole = 0, \
         unnest(s.setconfig) one WHERE l.datname = {} AND starts_with(one, {}))",
        begin.len() + 1,
        Literal(database),
        Literal(&begin)
    )
}

/// The same in settings that were read.
fn own<'a>(settings: &'a [DatabaseSetting], name: &str) -> Option<&'a str> {
    let mut all = settings.iter();
    all.find(|one| one.role.is_none() && one.name == name).map(|one| one.value.as_str())
}

/// Take what a restore has set out of a database's settings, and return it.
pub fn take_out(settings: &mut Vec<DatabaseSetting>) -> Option<Stopped> {
    let found = Stopped::of(own(settings, READ_ONLY), own(settings, NAME))?;
    settings.retain(|one| {
        let ours = one.role.is_none()
            && ((found.refuses && one.name == READ_ONLY)
                || (found.words.is_some() && one.name == NAME && found.before().is_none()));
        !ours
    });
    if let Some(before) = found.before()
        && let Some(one) = settings.iter_mut().find(|one| one.role.is_none() && one.name == NAME)
    {
        before.clone_into(&mut one.value);
    }
    Some(found)
}

/// The comment of a reset's databases.
pub fn reset_comment(database: &str) -> String {
    format!("{RESET}{database}; may be dropped")
}

const RESET: &str = "pgkeel: made or replaced by a reset of ";

/// A person's comment on a database: none where it is ours, and that of before where we keep it in ours.
pub fn own_comment(comment: Option<String>) -> Option<String> {
    let comment = comment?;
    if let Some(Role::Quarantine(Aside { comment, .. })) = Role::parse(&comment) {
        return comment;
    }
    let is_json = serde_json::from_str::<Value>(&comment).is_ok_and(|value| value["pgkeel"].is_string());
    (!is_json && !comment.starts_with(RESET)).then_some(comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(role: Option<&str>, name: &str, value: &str) -> DatabaseSetting {
        DatabaseSetting { role: role.map(str::to_owned), name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn only_what_a_restore_wrote_is_taken_out() {
        let check = |settings: &[(Option<&str>, &str, &str)], refuses: Option<bool>, left: &[&str]| {
            let mut all: Vec<_> =
                settings.iter().map(|(role, name, value)| setting(*role, name, value)).collect();
            let found = take_out(&mut all);
            assert_eq!(found.map(|found| found.refuses), refuses, "{settings:?}");
            let values: Vec<_> = all.iter().map(|one| one.value.as_str()).collect();
            assert_eq!(values, left, "{settings:?}");
        };
        let (after, more) = (format!("{WORDS}{BEFORE}shop"), format!("{WORDS}, or not"));
        check(&[(None, READ_ONLY, "tru")], Some(true), &[]);
        check(&[(None, NAME, WORDS), (None, READ_ONLY, "true")], Some(true), &[]);
        check(&[(None, NAME, &after), (None, READ_ONLY, "true")], Some(true), &["shop"]);
        check(&[(None, NAME, WORDS)], Some(false), &[]);
        // Its owner wants it so.
        check(&[(None, NAME, WORDS), (None, READ_ONLY, "on")], Some(false), &["on"]);
        check(&[(None, READ_ONLY, "true")], None, &["true"]);
        check(&[(None, READ_ONLY, "on"), (None, NAME, "shop")], None, &["on", "shop"]);
        check(&[(None, NAME, &more), (None, READ_ONLY, "true")], None, &[&more, "true"]);
        check(&[(Some("app"), READ_ONLY, "tru")], None, &["tru"]);
    }

    #[test]
    fn what_stops_and_what_lets_go_on_belong_together() {
        let check = |settings: &[DatabaseSetting], stop: [&str; 2], resume: &str| {
            assert_eq!(stop_sql("s", settings), stop);
            let words =
                settings.first().map_or(WORDS.to_owned(), |one| format!("{WORDS}{BEFORE}{}", one.value));
            let found = Stopped::of(Some(STOPS), Some(&words)).unwrap();
            assert_eq!(found.resume_sql("s"), resume);
        };
        let stops = "ALTER DATABASE \"s\" SET default_transaction_read_only = true";
        check(
            &[],
            ["ALTER DATABASE \"s\" SET application_name = E'writing stopped by a pgkeel restore'", stops],
            "ALTER DATABASE \"s\" RESET default_transaction_read_only; ALTER DATABASE \"s\" RESET application_name",
        );
        check(
            &[setting(None, NAME, "it's")],
            [
                "ALTER DATABASE \"s\" SET application_name = E'writing stopped by a pgkeel restore; before: it''s'",
                stops,
            ],
            "ALTER DATABASE \"s\" RESET default_transaction_read_only; ALTER DATABASE \"s\" SET application_name = E'it''s'",
        );
    }

    #[test]
    fn a_comment_of_ours_is_not_a_persons() {
        let check = |comment: &str, own: Option<&str>| {
            assert_eq!(own_comment(Some(comment.to_owned())).as_deref(), own, "{comment}");
        };
        check("the shop's", Some("the shop's"));
        check(r#"{"team":"shop"}"#, Some(r#"{"team":"shop"}"#));
        check(r#"{"pgkeel":"shadow","host":"h"}"#, None);
        check(&reset_comment("shop"), None);
        let aside = |comment: Option<&str>| {
            let at = chrono::DateTime::from_timestamp(0, 0).unwrap();
            Role::Quarantine(Aside {
                of: "shop".into(),
                since: at,
                backup: None,
                comment: comment.map(str::to_owned),
                undone: None,
                redone: false,
            })
            .comment()
        };
        check(&aside(None), None);
        check(&aside(Some("the shop's")), Some("the shop's"));
        assert_eq!(own_comment(None), None);
    }
}
