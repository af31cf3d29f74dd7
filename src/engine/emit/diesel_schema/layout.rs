//! Lines with their indentation, and lists as rustfmt breaks them with its default settings: Diesel sends its text
//! through rustfmt. It knows nothing of tables.

/// Where rustfmt breaks lines (`max_width`).
const WIDTH: usize = 100;

/// The width of an element up to which a list is filled like prose (`short_array_element_width_threshold`).
const SHORT: usize = 10;

/// A text under way.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    depth: usize,
}

impl Text {
    /// A line of this depth.
    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            (0..self.depth).for_each(|_| self.text.push_str("    "));
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line, unless one was just written or something was just opened.
    pub(super) fn blank(&mut self) {
        if !self.text.ends_with("\n\n") && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    pub(super) fn deeper(&mut self) {
        self.depth += 1;
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
        while self.text.ends_with("\n\n") {
            self.text.pop();
        }
    }

    /// All of it, with one line end at its end.
    pub(super) fn done(self) -> String {
        let mut text = self.text;
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn indent(&self) -> usize {
        self.depth * 4
    }

    /// The call of a macro with a list of names, in one statement.
    pub(super) fn call(&mut self, head: &str, names: &[String]) {
        let one = names.join(", ");
        if self.indent() + head.len() + one.len() + "();".len() <= WIDTH {
            return self.line(&format!("{head}({one},);"));
        }
        self.line(&format!("{head}("));
        self.deeper();
        if names.iter().all(|name| name.len() <= SHORT) {
            let mut line = String::new();
            for name in names {
                if !line.is_empty() && self.indent() + line.len() + name.len() + " ,".len() >= WIDTH {
                    self.line(&std::mem::take(&mut line));
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(name);
                line.push(',');
            }
            self.line(&line);
        } else {
            names.iter().for_each(|name| self.line(&format!("{name},")));
        }
        self.shallower();
        self.line(");");
    }

    /// `#[derive(…)]`.
    pub(super) fn derive(&mut self, traits: &[&str]) {
        let list = traits.join(", ");
        let width = self.indent() + list.chars().count();
        if width + "#[derive()]".len() <= WIDTH - 4 {
            return self.line(&format!("#[derive({list})]"));
        }
        self.line("#[derive(");
        self.deeper();
        if width + 4 <= WIDTH {
            self.line(&format!("{list},"));
        } else {
            traits.iter().for_each(|one| self.line(&format!("{one},")));
        }
        self.shallower();
        self.line(")]");
    }

    /// `#[diesel(postgres_type(…))]`.
    pub(super) fn postgres_type(&mut self, parts: &[String]) {
        let one = format!("#[diesel(postgres_type({}))]", parts.join(", "));
        if self.indent() + one.chars().count() < WIDTH {
            return self.line(&one);
        }
        self.line("#[diesel(postgres_type(");
        self.deeper();
        for (at, part) in parts.iter().enumerate() {
            let comma = if at + 1 < parts.len() { "," } else { "" };
            self.line(&format!("{part}{comma}"));
        }
        self.shallower();
        self.line("))]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(names: &[&str]) -> String {
        let mut text = Text::default();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        text.call("diesel::allow_tables_to_appear_in_same_query!", &names);
        text.done()
    }

    #[test]
    fn a_list_that_fits_is_one_line() {
        assert_eq!(call(&["a", "b"]), "diesel::allow_tables_to_appear_in_same_query!(a, b,);\n");
        let (a, b) = ("a".repeat(26), "b".repeat(24));
        assert_eq!(call(&[&a, &b]).lines().count(), 1);
        assert_eq!(call(&[&a, &format!("{b}b")]).lines().count(), 4);
    }

    #[test]
    fn short_names_are_filled_like_prose() {
        let many = call(&["aaaaaaaaaa"; 12]);
        let widths: Vec<usize> = many.lines().map(str::len).collect();
        assert_eq!(widths, [46, 99, 51, 2]);
        assert_eq!(call(&["aaaaaaaaaaa"; 12]).lines().count(), 14);
    }
}
