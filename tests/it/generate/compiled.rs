//! What is generated is Rust, and Diesel takes it: two of the texts are part of this program.

use diesel::QueryDsl as _;
use diesel::debug_query;
use diesel::pg::Pg;

// Included, so that `cargo fmt` leaves them as they were recorded.
#[expect(non_snake_case, unreachable_pub, reason = "it is as Diesel and the database have it")]
mod promptstash {
    include!("../../cases/generate/systems/promptstash.rs");
}

mod backslashes {
    include!("../../cases/generate/names-with-backslashes/ours.rs");
}

#[test]
fn queries_over_a_generated_text_name_what_the_database_has() {
    let query = backslashes::a_b::table.select(backslashes::a_b::c_d);
    let sql = debug_query::<Pg, _>(&query).to_string();
    assert_eq!(sql, "SELECT \"a\\b\".\"c\\d\" FROM \"a\\b\" -- binds: []");
}
