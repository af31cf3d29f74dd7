//! Which statements a superuser runs for an ordinary role that lacks the right: those that only a superuser can mean, and
//! that evaluate no expression and change no row. A statement that does is never run so: policies would not apply to it.

use crate::pg::statements::tokens;

/// Whether a statement may run with the rights of the session's own role.
pub(super) fn may_lend(body: &str) -> bool {
    let words: Vec<String> = tokens(body).iter().map(|word| word.to_ascii_uppercase()).collect();
    let is = |at: usize, all: &[&str]| words.get(at).is_some_and(|word| all.contains(&word.as_str()));
    let has = |all: &[&str]| words.iter().any(|word| all.contains(&word.as_str()));
    // CREATE OR REPLACE
    let made = if is(1, &["OR"]) { 3 } else { 1 };
    match words.first().map(String::as_str) {
        Some(
            "GRANT" | "REVOKE" | "COMMENT" | "SECURITY" | "REASSIGN" | "IMPORT" | "LOAD" | "CHECKPOINT"
            | "SET" | "RESET" | "DROP",
        ) => true,
        Some("CREATE") => match words.get(made).map(String::as_str) {
            // AS reads rows, and a bound is evaluated.
            Some("TABLE" | "UNLOGGED" | "TEMP" | "TEMPORARY" | "GLOBAL" | "LOCAL" | "FOREIGN") => {
                !has(&["AS", "VALUES"])
            }
            Some("SCHEMA") => !has(&["CREATE"]),
            Some("MATERIALIZED") => false,
            _ => true,
        },
        Some("ALTER") => match words.get(1).map(String::as_str) {
            Some("TABLE" | "FOREIGN" | "MATERIALIZED" | "DOMAIN" | "TYPE") => {
                !has(&["ADD", "USING", "ATTACH", "VALIDATE", "DEFAULT", "CHECK", "CONSTRAINT"])
            }
            _ => true,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_or_changes_rows_or_calls_functions_runs_with_no_other_rights() {
        let check = |sql: &str, expected: bool| assert_eq!(may_lend(sql), expected, "{sql}");
        for sql in [
            "CREATE EXTENSION postgis",
            "CREATE PUBLICATION p FOR ALL TABLES",
            "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION f()",
            "COMMENT ON EXTENSION plpgsql IS 'x'",
            "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE c AS 'f'",
            "CREATE TRUSTED LANGUAGE l HANDLER h",
            "CREATE CAST (a AS b) WITHOUT FUNCTION",
            "CREATE OPERATOR CLASS c FOR TYPE t USING btree AS OPERATOR 1 <",
            "ALTER FUNCTION f() SET log_statement = 'all'",
            "ALTER TABLE t OWNER TO a",
            "ALTER SYSTEM SET work_mem = '1MB'",
            "CREATE TABLE s.t (a int DEFAULT 1)",
            "CREATE VIEW v AS SELECT * FROM pg_authid",
            "GRANT SELECT ON t TO a",
            "set role a",
            "DROP TABLE t",
        ] {
            check(sql, true);
        }
        for sql in [
            "SELECT f()",
            "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
            "INSERT INTO t VALUES (1)",
            "UPDATE t SET a = 1",
            "DELETE FROM t",
            "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
            "TRUNCATE t",
            "COPY t FROM '/x'",
            "DO $$ BEGIN CREATE EXTENSION x; END $$",
            "CALL p()",
            "EXECUTE p",
            "CREATE TABLE n AS SELECT secret()",
            "CREATE TABLE p PARTITION OF t FOR VALUES IN (f())",
            "CREATE MATERIALIZED VIEW m AS SELECT f()",
            "REFRESH MATERIALIZED VIEW m",
            "ALTER TABLE t ADD COLUMN a int DEFAULT f()",
            "ALTER TABLE t ALTER a TYPE text USING f(a)",
            "",
        ] {
            check(sql, false);
        }
    }
}
