//! The header: what was edited is told from what was not.

use super::{Hand, hand, with_header};

#[test]
fn an_edit_is_seen_by_the_hash_in_the_header() {
    let written = with_header("CREATE TABLE t (a int);\n");
    assert_eq!(hand(&written), Hand::Ours);
    assert_eq!(hand(&written.replace('\n', "\r\n")), Hand::Ours);
    assert_eq!(hand(&written.replace("int", "bigint")), Hand::Edited);
    assert_eq!(hand("CREATE TABLE t (a int);\n"), Hand::Foreign);
    assert_eq!(hand(""), Hand::Foreign);
}
