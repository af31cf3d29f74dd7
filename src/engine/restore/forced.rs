//! Writes the part of a restore in place by which an owner counts the rows of tables with FORCE ROW LEVEL SECURITY, for psql.

/// Lets the owner count every row: FORCE ROW LEVEL SECURITY would make policies apply to it. The tables are kept in a setting
/// of the transaction, for the FORCE after the counts.
pub(super) fn unforced() -> String {
    format!(
        "SELECT pg_catalog.set_config('pgkeel.forced', \
           pg_catalog.format('{{%s}}', pg_catalog.string_agg(c.oid::pg_catalog.text, ',')), true) \
         FROM pg_catalog.pg_class c WHERE c.relrowsecurity AND c.relforcerowsecurity \
           AND pg_catalog.row_security_active(c.oid) AND pg_catalog.pg_has_role(c.relowner, 'USAGE');\n{}",
        alter_forced("NO FORCE")
    )
}

fn alter_forced(force: &str) -> String {
    format!(
        "SELECT pg_catalog.format('ALTER TABLE %I.%I {force} ROW LEVEL SECURITY', n.nspname, c.relname) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.oid OPERATOR(pg_catalog.=) \
           ANY (pg_catalog.current_setting('pgkeel.forced')::pg_catalog.oid[]) \\gexec\n"
    )
}

/// FORCE again, after the counts.
pub(super) fn again() -> String {
    alter_forced("FORCE")
}
