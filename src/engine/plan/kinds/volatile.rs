//! Which defaults may give each row a value of its own. It reads text only.

/// Whether a default may be another for each row (docs, ALTER TABLE, "Notes"): it calls what is not known to stay the same.
pub(super) fn is_volatile(expression: &str) -> bool {
    const STEADY: [&str; 24] = [
        "now",
        "statement_timestamp",
        "transaction_timestamp",
        "current_timestamp",
        "current_time",
        "localtimestamp",
        "localtime",
        "timezone",
        "date_trunc",
        "make_interval",
        "make_date",
        "lower",
        "upper",
        "md5",
        "to_char",
        "jsonb_build_object",
        "json_build_object",
        "jsonb_build_array",
        "json_build_array",
        "coalesce",
        "row",
        "array",
        "int4range",
        "current_setting",
    ];
    // Every other part is outside of literals.
    let code: Vec<&str> = expression.split('\'').step_by(2).collect();
    let code = code.join("''");
    let calls = code.match_indices('(').any(|(at, _)| {
        let before = &code[..at];
        let start =
            before.rfind(|c: char| !(c.is_alphanumeric() || "_.\"".contains(c))).map_or(0, |at| at + 1);
        let name = before[start..].trim_start_matches("pg_catalog.");
        let is_type = before[..start].ends_with("::") || name == "varying";
        !name.is_empty() && !is_type && !STEADY.contains(&name.to_lowercase().as_str())
    });
    calls || code.contains("::regclass")
}

#[cfg(test)]
mod tests {
    use super::is_volatile;

    #[test]
    fn what_calls_a_function_is_taken_for_volatile_unless_it_is_known_to_be_steady() {
        let check =
            |expression: &str, wanted: bool| assert_eq!(is_volatile(expression), wanted, "{expression}");
        check("gen_random_uuid()", true);
        check("nextval('public.s'::regclass)", true);
        check("public.now()", true);
        check("now()", false);
        check("(now() AT TIME ZONE 'f(x)'::text)", false);
        check("'f()'::character varying(10)", false);
        check("(1)::numeric(10,2)", false);
        check("CURRENT_TIMESTAMP(3)", false);
    }
}
