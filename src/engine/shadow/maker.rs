//! Runs statements that a guarded shadow database's login may not run, as a superuser. It takes only kinds of statements that
//! evaluate no code of the database, whatever they name, and keeps all event triggers disabled, which would run such code.

use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::statements::{name, split, tokens};

/// How a statement is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As it is.
    Plain,
    /// The login owns the new object afterwards. Only where it calls no validator of the database, and is not only claimed.
    HandedOver,
    /// It runs the script of an extension. Only where the script cannot call code of lesser roles.
    Script,
    /// The login owns the new object afterwards. Only where it calls no validator of the database.
    Validated,
    /// It is rolled back: the login must remain the owner.
    Tried,
}

/// A superuser's session in a shadow database.
#[derive(Debug)]
pub(super) struct Maker {
    session: Session,
    login: Ident,
    /// Which statements it runs.
    reach: Reach,
    /// Between SET ROLE and RESET ROLE.
    acts: bool,
}

/// Whether a superuser is known to have written what only a superuser may write, such as functions in untrusted languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Yes: it was read from a live catalog.
    Known,
    /// A record that a lesser role can change claims it.
    Claimed,
}

impl Maker {
    pub(super) fn new(session: Session, login: Ident, reach: Reach) -> Self {
        Self { session, login, reach, acts: false }
    }

    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Whether it acts as another role, for which all statements are run here.
    pub(super) fn acts(&self) -> bool {
        self.acts
    }

    /// Run a statement for which the login lacked the right. Returns whether it was run.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn run(&mut self, sql: &str) -> Result<bool, PgError> {
        let Some(manner) = manner(sql) else { return Ok(false) };
        let is = |word: &str| tokens(sql).first().is_some_and(|first| first.eq_ignore_ascii_case(word));
        if is("SET") || is("RESET") {
            self.session.query(sql)?;
            self.acts = is("SET");
            return Ok(true);
        }
        if self.acts {
            // A plan has only grants between SET ROLE and RESET ROLE.
            return if is("GRANT") || is("REVOKE") {
                self.session.query(sql).map(|_| true)
            } else {
                Ok(false)
            };
        }
        let may = match manner {
            Manner::Script => self.is_clean(sql)?,
            Manner::Validated => self.has_no_validator()?,
            Manner::HandedOver => self.reach == Reach::Known && self.has_no_validator()?,
            Manner::Plain | Manner::Tried => true,
        };
        if !may {
            return Ok(false);
        }
        self.session.query("BEGIN")?;
        let ended = self.inside(sql, manner);
        let end = if ended.is_ok() && manner != Manner::Tried { "COMMIT" } else { "ROLLBACK" };
        let closed = self.session.query(end);
        ended?;
        closed?;
        Ok(true)
    }

    fn inside(&mut self, sql: &str, manner: Manner) -> Result<(), PgError> {
        self.session.query(sql)?;
        if matches!(manner, Manner::HandedOver | Manner::Validated) {
            self.all(&handing_over(&self.login))?;
        }
        // ALTER EVENT TRIGGER fires no event trigger itself.
        self.all(
            "SELECT pg_catalog.format('ALTER EVENT TRIGGER %I DISABLE', evtname) FROM pg_catalog.pg_event_trigger \
             WHERE evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog.\"char\"",
        )
    }

    fn all(&mut self, query: &str) -> Result<(), PgError> {
        // `Session::catalog` would end the transaction. The search_path is ours already.
        let rows = self.session.query(query)?;
        for sql in rows.iter().flat_map(|rows| &rows.rows).filter_map(|row| row.first()?.as_ref()) {
            self.session.query(sql)?;
        }
        Ok(())
    }

    /// Whether superusers own all objects in the schemas of extensions that a script could call.
    fn is_clean(&mut self, sql: &str) -> Result<bool, PgError> {
        let words = tokens(sql);
        let at = words.iter().position(|word| word.eq_ignore_ascii_case("SCHEMA"));
        let schema = at.and_then(|at| name(words.get(at + 1)?));
        let schema = Literal(&schema.unwrap_or_default()).to_string();
        let rows = self.session.catalog(&format!(
            "SELECT count(*) FROM pg_namespace n JOIN (\
               SELECT pronamespace, proowner FROM pg_proc UNION ALL SELECT oprnamespace, oprowner FROM pg_operator \
               UNION ALL SELECT typnamespace, typowner FROM pg_type WHERE typtype IN ('d', 'e', 'r', 'm')) o (namespace, owner) \
             ON o.namespace = n.oid JOIN pg_roles r ON r.oid = o.owner \
             WHERE NOT r.rolsuper AND (n.nspname = {schema} OR n.oid IN (SELECT extnamespace FROM pg_extension))"
        ))?;
        Ok(rows.get(0, 0) == Some("0"))
    }

    /// Whether no function of the database can be called as the validator of a foreign-data wrapper or of a language.
    fn has_no_validator(&mut self) -> Result<bool, PgError> {
        let rows = self.session.catalog(
            "SELECT count(*) FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang \
             WHERE l.lanname NOT IN ('c', 'internal') \
               AND (p.proargtypes = '1009 26'::oidvector OR p.oid IN (SELECT lanvalidator FROM pg_language))",
        )?;
        Ok(rows.get(0, 0) == Some("0"))
    }
}

/// How the superuser runs a statement; nothing where the statement may evaluate code.
fn manner(sql: &str) -> Option<Manner> {
    let statements = split(sql).ok()?;
    if statements.iter().filter(|one| !one.is_empty()).count() != 1 {
        return None;
    }
    let words: Vec<String> = tokens(sql).iter().map(|word| word.to_ascii_uppercase()).collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|known| known == word);
    let has = |word: &str| words.iter().any(|known| known == word);
    let begins = |text: &str| text.split(' ').enumerate().all(|(at, word)| is(at, word));
    let ends_in_owner = words.len() > 4 && is(words.len() - 3, "OWNER") && is(words.len() - 2, "TO");
    let shared =
        ["ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION", "OWNED", "SYSTEM", "PARAMETER"];
    let is_shared = shared.iter().any(|word| is(1, word));
    // CREATE OR REPLACE
    let made = if is(1, "OR") { 3 } else { 1 };
    let is_made = |word: &str| is(0, "CREATE") && is(made, word);
    // GRANT … ON DATABASE, COMMENT ON ROLE
    let on = words.iter().position(|word| word == "ON").and_then(|at| words.get(at + 1));
    let is_on_shared = (is(0, "GRANT") || is(0, "REVOKE") || begins("COMMENT ON"))
        && on.is_some_and(|word| shared.contains(&word.as_str()));
    match () {
        () if is_on_shared => None,
        () if is_shared && !is(0, "SET") && !is(0, "RESET") => None,
        () if begins("SET ROLE") && words.len() == 3 || begins("RESET ROLE") => Some(Manner::Plain),
        () if is(0, "GRANT") || is(0, "REVOKE") => has("ON").then_some(Manner::Plain),
        () if begins("COMMENT ON") => Some(Manner::Plain),
        () if begins("ALTER DEFAULT PRIVILEGES") => Some(Manner::Plain),
        () if is(0, "ALTER") && ends_in_owner => Some(Manner::Tried),
        () if is(0, "DROP") => Some(Manner::Plain),
        () if is_made("EXTENSION") || begins("ALTER EXTENSION") => Some(Manner::Script),
        () if is_made("EVENT") || begins("ALTER EVENT TRIGGER") => Some(Manner::Plain),
        // Parsing a row filter calls the input functions of its constants' types.
        () if is_made("PUBLICATION") || begins("ALTER PUBLICATION") => {
            (!has("WHERE")).then_some(Manner::Plain)
        }
        () if is_made("CAST") || is_made("TRANSFORM") || is_made("ACCESS") => Some(Manner::Plain),
        () if begins("CREATE TEXT SEARCH TEMPLATE") || begins("CREATE TEXT SEARCH PARSER") => {
            Some(Manner::Plain)
        }
        () if is_made("OPERATOR") || is_made("LANGUAGE") || is_made("TRUSTED") => Some(Manner::HandedOver),
        () if begins("ALTER OPERATOR") || begins("ALTER LANGUAGE") => Some(Manner::Plain),
        // A base type or a shell type: neither composite, enum nor range.
        () if is_made("TYPE") => (!has("AS")).then_some(Manner::HandedOver),
        // Defaults and SQL-standard bodies are parsed, which calls the input functions of their constants' types.
        () if is_made("FUNCTION") || is_made("PROCEDURE") => {
            let parsed = has("DEFAULT") || has("ATOMIC") || has("=");
            (!parsed).then_some(Manner::HandedOver)
        }
        // CREATE AGGREGATE calls the input function of the state's type for an initial value.
        () if is_made("AGGREGATE") => {
            (!has("INITCOND") && !has("MINITCOND") && !has("DEFAULT")).then_some(Manner::HandedOver)
        }
        () if ["FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"]
            .iter()
            .any(|word| is(0, "ALTER") && is(1, word)) =>
        {
            Some(Manner::Plain)
        }
        () if is_made("FOREIGN") && is(made + 1, "DATA")
            || begins("ALTER FOREIGN DATA")
            || begins("ALTER SERVER") =>
        {
            Some(Manner::Validated)
        }
        () if is_made("SERVER") => Some(Manner::Validated),
        () => None,
    }
}

/// Statements that make the login the owner of what this transaction created. A shell type is left out: only its owner can
/// complete it.
fn handing_over(login: &Ident) -> String {
    let mine = |owner: &str| {
        format!(
            "{owner} = (SELECT oid FROM pg_roles WHERE rolname = current_user) \
             AND x.xmin::text = ((pg_current_xact_id()::text)::numeric % 4294967296)::text"
        )
    };
    let role = Literal(&login.to_string()).to_string();
    format!(
        "SELECT format('ALTER %s OWNER TO %s', what, {role}) FROM (\
           SELECT 'ROUTINE ' || x.oid::regprocedure FROM pg_proc x WHERE {} \
           UNION ALL SELECT 'TYPE ' || format_type(x.oid, NULL) FROM pg_type x \
             WHERE typisdefined AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = x.oid) AND {} \
           UNION ALL SELECT 'OPERATOR ' || x.oid::regoperator FROM pg_operator x WHERE {} \
           UNION ALL SELECT format('OPERATOR CLASS %I.%I USING %I', nspname, opcname, amname) FROM pg_opclass x \
             JOIN pg_namespace n ON n.oid = opcnamespace JOIN pg_am a ON a.oid = opcmethod WHERE {} \
           UNION ALL SELECT format('OPERATOR FAMILY %I.%I USING %I', nspname, opfname, amname) FROM pg_opfamily x \
             JOIN pg_namespace n ON n.oid = opfnamespace JOIN pg_am a ON a.oid = opfmethod WHERE {} \
           UNION ALL SELECT format('SERVER %I', srvname) FROM pg_foreign_server x WHERE {} \
           UNION ALL SELECT format('LANGUAGE %I', lanname) FROM pg_language x WHERE {}) made (what)",
        mine("proowner"),
        mine("typowner"),
        mine("oprowner"),
        mine("opcowner"),
        mine("opfowner"),
        mine("srvowner"),
        mine("lanowner")
    )
}

/// Whether an error says that the role lacks a right that a superuser has.
pub(super) fn lacks_right(error: &PgError, sql: &str) -> bool {
    let PgError::Server(server) = error else { return false };
    // Only a superuser may create an aggregate with a state of type `internal`; the error has another code.
    let is_state = server.0.sqlstate == "42P13" && sql.starts_with("CREATE AGGREGATE");
    server.failure() == PgFailure::NoPrivilege || is_state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_evaluates_nothing_is_run_as_a_superuser() {
        let check = |sql: &str, expected: Option<Manner>| assert_eq!(manner(sql), expected, "{sql}");
        check("ALTER TABLE a.b OWNER TO \"x; y\"", Some(Manner::Tried));
        check("ALTER DATABASE a OWNER TO b", None);
        check("GRANT SELECT ON TABLE t TO x", Some(Manner::Plain));
        check("GRANT a TO b", None);
        check("SET ROLE x", Some(Manner::Plain));
        check("SET ROLE x; SELECT f()", None);
        check("SET search_path = x", None);
        check("DROP OWNED BY x", None);
        check("DROP EVENT TRIGGER x", Some(Manner::Plain));
        check("CREATE EXTENSION x SCHEMA y", Some(Manner::Script));
        check("CREATE PUBLICATION x FOR ALL TABLES", Some(Manner::Plain));
        check("CREATE PUBLICATION x FOR TABLES IN SCHEMA s, TABLE t WHERE (a = '1')", None);
        check("CREATE TYPE x (INPUT = a, OUTPUT = b)", Some(Manner::HandedOver));
        check("CREATE TYPE x AS ENUM ('a')", None);
        check(
            "CREATE OR REPLACE FUNCTION f(a d) RETURNS d LANGUAGE c AS $$a = b$$",
            Some(Manner::HandedOver),
        );
        check("CREATE FUNCTION f(a d DEFAULT '1') RETURNS d LANGUAGE c AS 'a'", None);
        check("CREATE FUNCTION f(a d = '1') RETURNS d LANGUAGE c AS 'a'", None);
        check("CREATE FUNCTION f() RETURNS d LANGUAGE sql LEAKPROOF BEGIN ATOMIC SELECT g(); END", None);
        check("CREATE AGGREGATE a (t) (SFUNC = f, STYPE = internal)", Some(Manner::HandedOver));
        check("CREATE AGGREGATE a (t) (SFUNC = f, STYPE = t, INITCOND = '1')", None);
        check("CREATE SERVER s FOREIGN DATA WRAPPER w", Some(Manner::Validated));
        for sql in [
            "CREATE TABLE t (a int DEFAULT f())",
            "CREATE MATERIALIZED VIEW m AS SELECT f()",
            "CREATE INDEX ON t (f(a))",
            "ALTER TABLE t ADD CHECK (f(a))",
            "CREATE DOMAIN d AS int CHECK (f(VALUE))",
            "CREATE TRIGGER t BEFORE INSERT ON t EXECUTE FUNCTION f()",
            "REFRESH MATERIALIZED VIEW m",
            "DO 'BEGIN END'",
            "CALL p()",
            "SELECT f()",
            "TRUNCATE t",
            "ALTER TABLE t ENABLE TRIGGER x",
        ] {
            check(sql, None);
        }
    }
}
