//! What a .env file says.

use super::*;

#[track_caller]
fn check(text: &str, expected: Result<&[(&str, &str)], usize>) {
    let known = |name: &str| (name == "HOME_DB").then(|| "home".to_owned());
    let found = parse(text, &known).map(|variables| {
        variables
            .into_iter()
            .map(|(name, value)| (name, value.text.unwrap_or_else(|why| format!("ERROR: {why}"))))
            .collect::<BTreeMap<_, _>>()
    });
    let expected = expected.map(|pairs| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect());
    assert_eq!(found, expected, "{text}");
}

const NOT_SET: &str =
    "ERROR: it uses a variable after `$`, which is set neither in the environment nor above in the file";
const NO_NAME: &str = "ERROR: it holds a `$` that is not followed by a variable's name";

#[test]
fn variables_are_read_and_a_bad_line_is_counted() {
    check("A=1\n# note\nexport B='two words'\n", Ok(&[("A", "1"), ("B", "two words")]));
    check("\u{feff}A=\"x\"\r\nB=\r\n", Ok(&[("A", "x"), ("B", "")]));
    check("U=postgres://u:p%40ss@h/db?a=b&c=d\n", Ok(&[("U", "postgres://u:p%40ss@h/db?a=b&c=d")]));
    check("A=1\n\nhunter2\nB=2\n", Err(3));
    check("A=1\nB='open\nC=2\n", Err(2));
    check("A=two words\n", Err(1));
}

#[test]
fn variables_are_expanded_as_a_shell_does() {
    check("DB_NAME=shop\nU=h/$DB_NAME\n", Ok(&[("DB_NAME", "shop"), ("U", "h/shop")]));
    check("A=x\r\nU=\"${A}y$A/\"\r\n", Ok(&[("A", "x"), ("U", "xyx/")]));
    check("U=h/$HOME_DB?a=b\n", Ok(&[("U", "h/home?a=b")]));
    check("U=h/${NO:-d}${HOME_DB:-e}${NO-}\n", Ok(&[("U", "h/dhome")]));
    check("A=\nU=${A:-d}${A-e}\n", Ok(&[("A", ""), ("U", "d")]));
    check("A='x$y'\nB=\"${A}\"\n", Ok(&[("A", "x$y"), ("B", "x$y")]));
}

#[test]
fn a_dollar_in_a_password_is_quoted_or_an_error() {
    check("A='p$word'\nB=p\\$word\nC=\"p\\$5\"\n", Ok(&[("A", "p$word"), ("B", "p$word"), ("C", "p$5")]));
    check("A=p$word\n", Ok(&[("A", NOT_SET)]));
    check(
        "A=p$5\nB=p$\nC=$$\nD=${x?}\nE=1\n",
        Ok(&[("A", NO_NAME), ("B", NO_NAME), ("C", NO_NAME), ("D", NO_NAME), ("E", "1")]),
    );
    check("# don't $x\nA=1 # it's $y\nB='#$'\n", Ok(&[("A", "1"), ("B", "#$")]));
    check("A=$B\nB=1\n", Ok(&[("A", NOT_SET), ("B", "1")]));
}

#[test]
fn the_first_of_two_lines_counts_as_for_the_application() {
    let known = |_: &str| None;
    let found = parse("A=1\nB=2\nexport A=3\nB=2\nA=4\n", &known).unwrap();
    assert_eq!(found["A"], Value { line: 1, again: Some(3), text: Ok("1".into()) });
    assert_eq!(found["B"], Value { line: 2, again: None, text: Ok("2".into()) });
}

#[test]
fn the_names_of_an_environment_go_before_the_general_ones() {
    assert_eq!(names(Some("test")), [".env.test.local", ".env.local", ".env.test", ".env"]);
    assert_eq!(names(None), [".env.local", ".env"]);
}
