//! A restore in place into a database whose default privileges were altered.

use super::{Hard, Who};

const SHOP: &str = "CREATE SCHEMA shop; CREATE TABLE shop.secrets (i int); REVOKE ALL ON shop.secrets FROM PUBLIC; \
     CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE shop.s; CREATE TYPE shop.t AS (i int)";

const ALTERED: &str = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; \
     ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; \
     ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO PUBLIC; \
     ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC; \
     ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO PUBLIC; \
     ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT DELETE ON TABLES TO PUBLIC";

fn both() -> [Who; 2] {
    [Who::SuperuserInPlace, Who::Owner]
}

#[test]
fn nothing_gets_more_privileges_than_it_had() {
    for who in both() {
        // As in the backup, where they were altered after the objects were made.
        let hard = Hard::new(who, &[], &format!("{SHOP}; {ALTERED}"));
        hard.goes_round();
        // Altered after the backup: they go with what was changed.
        let hard = Hard::new(who, &[], SHOP);
        let before = hard.backup().schema();
        hard.sql_as_owner(ALTERED);
        hard.restore(0);
        assert_eq!(hard.schema(), before, "{who:?}");
    }
}

#[test]
fn default_privileges_stay_where_a_part_is_restored_or_no_privileges_are() {
    for who in both() {
        let hard = Hard::new(who, &[], &format!("{SHOP}; {ALTERED}"));
        let before = hard.backup().schema();
        let part = &["restore", "latest", "--in-place", "--no-backup", "--yes", "--schema", "shop"];
        hard.place.run(part).exits(0);
        assert_eq!(hard.schema(), before, "{who:?}");
        let bare = &["restore", "latest", "--in-place", "--no-backup", "--yes", "--no-privileges"];
        hard.place.run(bare).exits(0);
        let defaults = |schema: &str| {
            let lines = schema.lines().filter(|line| line.starts_with("ALTER DEFAULT PRIVILEGES"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(defaults(&hard.schema()), defaults(&before), "{who:?}");
        let open = "SELECT count(*) FROM pg_class WHERE relname = 'secrets' AND relacl IS NOT NULL";
        assert_eq!(hard.place.number(open), 0, "{who:?}");
    }
}
