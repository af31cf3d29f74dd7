//! Which statements can destroy data: DROP and TRUNCATE by their names, DELETE and UPDATE if they have no WHERE at
//! their own level, wherever PostgreSQL lets them stand.

use super::Loss;
use super::command::Command;
use super::head::{Lexeme, Lexemes};

/// The verb of a query that hides it behind WITH or parentheses, and what the statement loses.
pub(super) fn of(command: &Command<'_>) -> (Option<&'static str>, Option<Loss>) {
    let head = command.head;
    let mut lexemes = Lexemes::of(head.sql);
    if command.is("DROP") {
        (None, Some(Loss::Drop))
    } else if command.is("TRUNCATE") {
        (None, Some(Loss::Truncate))
    } else if command.acts("ALTER", &["TABLE", "FOREIGN TABLE", "TYPE"]) && drops_column(command) {
        (None, Some(Loss::Drop))
    } else if command.is_any(&["WITH", "(", "DELETE", "UPDATE", "MERGE", "TABLE"]) {
        queries(lexemes)
    } else if command.is("COPY (") {
        lexemes.next();
        (None, queries(lexemes).1)
    } else if command.is("PREPARE") && !command.is("PREPARE TRANSACTION")
        || command.acts("CREATE", &["TABLE", "MATERIALIZED VIEW"])
    {
        (None, queries(past_as(lexemes)).1)
    } else {
        (None, None)
    }
}

/// The query of `PREPARE p (int) AS …` and of `CREATE TABLE t AS …`.
fn past_as(mut lexemes: Lexemes<'_>) -> Lexemes<'_> {
    let mut depth = 0i32;
    for lexeme in lexemes.by_ref() {
        depth += i32::from(lexeme.is_symbol("(")) - i32::from(lexeme.is_symbol(")"));
        if depth == 0 && lexeme.is("AS") {
            break;
        }
    }
    lexemes
}

/// `DROP [COLUMN] c` as one of the actions of ALTER TABLE, `DROP ATTRIBUTE` as one of ALTER TYPE.
fn drops_column(command: &Command<'_>) -> bool {
    let head = command.head;
    let at = head.past(head.past(command.after, "IF EXISTS"), "ONLY");
    let Some((_, at)) = head.name(at) else { return false };
    // The actions begin after the name (and a `*`), and after each comma outside parentheses.
    let start = head.get(at).filter(|lexeme| lexeme.text == "*").map_or(at, |_| at + 1);
    let mut depth = 0i32;
    let mut begins = true;
    let mut lexemes = Lexemes::of(head.sql).skip(start).peekable();
    while let Some(lexeme) = lexemes.next() {
        depth += i32::from(lexeme.is_symbol("(")) - i32::from(lexeme.is_symbol(")"));
        if begins && lexeme.is("DROP") && !lexemes.peek().is_some_and(|next| next.is("CONSTRAINT")) {
            return true;
        }
        begins = depth == 0 && lexeme.is_symbol(",");
    }
    false
}

/// What is known of one level of parentheses.
#[derive(Default)]
struct Level {
    /// Nothing but opening parentheses stands before it: its verb is the statement's.
    leads: bool,
    /// A statement may begin here.
    fresh: bool,
    /// Inside the list of WITH; the statement itself is still to come.
    with: bool,
    loss: Option<Loss>,
}

static VERBS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"];

/// After these a word is a name, not the verb that ends the list of WITH (key words such as `update` may be names).
static BEFORE_NAMES: &[&str] = &["WITH", "RECURSIVE", "BY", "SET", "TO", "DEFAULT", "USING"];

/// Reads a query that begins with the first lexeme.
fn queries<'a>(lexemes: impl Iterator<Item = Lexeme<'a>>) -> (Option<&'static str>, Option<Loss>) {
    let mut levels = vec![Level { leads: true, fresh: true, ..Level::default() }];
    let mut verb = None;
    let mut lost = None;
    let mut previous: Option<Lexeme<'a>> = None;
    for lexeme in lexemes {
        let nested = levels.len() > 1;
        let level = levels.last_mut().expect("the outermost level stays");
        if lexeme.is_symbol("(") {
            let inner = Level {
                leads: level.leads && level.fresh,
                fresh: level.fresh
                    || level.with && previous.is_some_and(|word| word.is_any(&["AS", "MATERIALIZED"])),
                ..Level::default()
            };
            level.fresh = false;
            levels.push(inner);
        } else if lexeme.is_symbol(")") && nested {
            lost = lost.or(level.loss);
            levels.pop();
        } else if level.fresh && lexeme.is("WITH") {
            level.fresh = false;
            level.with = true;
        } else if level.fresh || level.with {
            let named = previous.is_some_and(|word| word.is_any(BEFORE_NAMES) || word.is_symbol(","));
            let found = VERBS.iter().find(|verb| lexeme.is(verb) && (level.fresh || !named));
            level.fresh = false;
            if let Some(found) = found {
                level.with = false;
                level.loss = match *found {
                    "DELETE" => Some(Loss::UnqualifiedDelete),
                    "UPDATE" => Some(Loss::UnqualifiedUpdate),
                    _ => None,
                };
                verb = verb.or(level.leads.then_some(*found));
            }
        } else if lexeme.is("WHERE") {
            level.loss = None;
        }
        previous = Some(lexeme);
    }
    (verb, lost.or(levels.iter().find_map(|level| level.loss)))
}
