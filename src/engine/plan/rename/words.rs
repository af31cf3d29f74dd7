//! Names inside SQL that PostgreSQL printed: found as tokens, so never in a literal or in a part of another name.

use crate::engine::catalog::Id;
use crate::pg::ident::Tidy;
use crate::pg::statements::tokens;

/// The tokens of a text, and where one of them is.
pub(super) type At<'a> = (&'a [&'a str], usize);

/// The text with some of its tokens replaced: the edit says how many, and by what. What `'…'::regclass` and its like name is
/// edited too.
pub(super) fn edited(text: &str, edit: &dyn Fn(At<'_>) -> Option<(usize, String)>) -> String {
    let all = tokens(text);
    let start = |token: &str| token.as_ptr() as usize - text.as_ptr() as usize;
    let mut out = String::with_capacity(text.len());
    let (mut done, mut at) = (0, 0);
    while at < all.len() {
        let found = edit((&all, at)).or_else(|| Some((1, named(&all, at, edit)?)));
        let Some((count, by)) = found else {
            at += 1;
            continue;
        };
        let last = all[at + count - 1];
        out.push_str(&text[done..start(all[at])]);
        out.push_str(&by);
        done = start(last) + last.len();
        at += count;
    }
    out + &text[done..]
}

/// A literal that is the name of something.
fn named(all: &[&str], at: usize, edit: &dyn Fn(At<'_>) -> Option<(usize, String)>) -> Option<String> {
    let inner = all[at].strip_prefix('\'')?.strip_suffix('\'')?;
    if all.get(at + 1) != Some(&"::") || !all.get(at + 2)?.starts_with("reg") {
        return None;
    }
    let changed = edited(&inner.replace("''", "'"), edit);
    Some(format!("'{}'", changed.replace('\'', "''")))
}

fn before<'a>((all, at): At<'a>) -> &'a str {
    at.checked_sub(1).map_or("", |at| all[at])
}

fn next<'a>((all, at): At<'a>) -> &'a str {
    all.get(at + 1).copied().unwrap_or_default()
}

/// `schema.name`, for something in a schema.
pub(super) fn path(from: &Id, to: &Id) -> impl Fn(At<'_>) -> Option<(usize, String)> + use<> {
    let (schema, name) = (Tidy(&from.schema).to_string(), Tidy(&from.name).to_string());
    let by = to.path();
    move |(all, at)| {
        let is_here = all[at] == schema && all.get(at + 2) == Some(&name.as_str());
        let whole = is_here && all[at + 1] == "." && before((all, at)) != ".";
        whole.then(|| (3, by.clone()))
    }
}

/// `name.` before a column, where a table has no other name in a query.
pub(super) fn qualifier(from: &str, to: &str) -> impl Fn(At<'_>) -> Option<(usize, String)> + use<> {
    let (name, by) = (Tidy(from).to_string(), Tidy(to).to_string());
    move |at| {
        let whole = at.0[at.1] == name && next(at) == "." && ![".", "::"].contains(&before(at));
        whole.then(|| (1, by.clone()))
    }
}

/// A name after a certain word, as in `CREATE INDEX name`.
pub(super) fn after_word(
    word: &'static str,
    from: &str,
    to: &str,
) -> impl Fn(At<'_>) -> Option<(usize, String)> + use<> {
    let (name, by) = (Tidy(from).to_string(), Tidy(to).to_string());
    move |at| (at.0[at.1] == name && before(at) == word).then(|| (1, by.clone()))
}

/// A column: not a function, a type, or the name that a query gives to something.
pub(super) fn column(from: &str, to: &str) -> impl Fn(At<'_>) -> Option<(usize, String)> + use<> {
    let (name, by) = (Tidy(from).to_string(), Tidy(to).to_string());
    move |at| {
        let is_other = ["(", "."].contains(&next(at)) || ["::", "AS"].contains(&before(at));
        (at.0[at.1] == name && !is_other).then(|| (1, by.clone()))
    }
}

/// A label of an enum, cast to it.
pub(super) fn label(of: &Id, from: String, to: String) -> impl Fn(At<'_>) -> Option<(usize, String)> + use<> {
    let cast = ["::".to_owned(), Tidy(&of.schema).to_string(), ".".to_owned(), Tidy(&of.name).to_string()];
    move |(all, at)| {
        let is_here = all[at] == from && all[at + 1..].iter().zip(&cast).filter(|(a, b)| a == b).count() == 4;
        is_here.then(|| (1, to.clone()))
    }
}

/// A view's text after a column was renamed on which it stands: its own columns keep their names.
pub(super) fn query(text: &str, from: &str, to: &str) -> String {
    let (old, new) = (Tidy(from).to_string(), Tidy(to).to_string());
    let kept = entries(text, |entry| {
        let name = entry.rsplit_once('.').map_or(entry, |(_, name)| name);
        (name == old).then(|| format!("{entry} AS {old}"))
    });
    let changed = edited(&kept, &column(from, to));
    entries(&changed, |entry| {
        let (value, name) = entry.rsplit_once(" AS ")?;
        let column = value.rsplit_once('.').map_or(value, |(_, column)| column);
        (name == new && column == new).then(|| value.to_owned())
    })
}

/// Change entries of a query's list of columns, each of which PostgreSQL prints on its own line.
fn entries(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut listed = false;
    let mut out = Vec::new();
    for line in text.split('\n') {
        let bare = line.trim_start();
        let selected = bare.strip_prefix("SELECT ");
        listed = selected.is_some() || listed && !bare.starts_with("FROM ");
        let entry = selected.unwrap_or(bare);
        let entry = entry.strip_prefix("DISTINCT ").unwrap_or(entry);
        let (head, comma) = (&line[..line.len() - entry.len()], if entry.ends_with(',') { "," } else { "" });
        let changed = if listed { change(entry.trim_end_matches(',')) } else { None };
        out.push(changed.map_or(line.to_owned(), |changed| format!("{head}{changed}{comma}")));
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::catalog::Kind;

    #[test]
    fn only_whole_names_outside_literals_are_replaced() {
        let check = |text: &str, wanted: &str| assert_eq!(edited(text, &column("a", "b")), wanted);
        check("CHECK ((a > 0))", "CHECK ((b > 0))");
        check("ab + t.a + \"A\" + a_ + 'a' + a(1) + x::a", "ab + t.b + \"A\" + a_ + 'a' + a(1) + x::a");
        let table = |name| Id::new(Kind::Table, "public", name, "");
        let check = |text: &str, wanted: &str| {
            assert_eq!(edited(text, &path(&table("t"), &table("New"))), wanted);
        };
        check("nextval('public.t'::regclass) 'public.t'", "nextval('public.\"New\"'::regclass) 'public.t'");
        check(
            "public.t(a) x.public.t public.t_ $$public.t$$",
            "public.\"New\"(a) x.public.t public.t_ $$public.t$$",
        );
    }

    #[test]
    fn the_columns_of_a_view_keep_their_names() {
        let check = |text: &str, wanted: &str| assert_eq!(query(text, "a", "b"), wanted);
        check(
            " SELECT t.a,\n    t.x\n   FROM public.t\n  GROUP BY t.a",
            " SELECT t.b AS a,\n    t.x\n   FROM public.t\n  GROUP BY t.b",
        );
        check(" SELECT t.a AS b\n   FROM public.t", " SELECT t.b\n   FROM public.t");
    }

    #[test]
    fn a_label_is_replaced_where_it_is_cast() {
        let of = Id::new(Kind::Enum, "public", "mood", "");
        let found = edited("'x'::public.mood = 'x'::text", &label(&of, "'x'".into(), "'y'".into()));
        assert_eq!(found, "'y'::public.mood = 'x'::text");
    }
}
