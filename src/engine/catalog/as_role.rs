//! The same catalog as another role would have made it: for what ran as a role that only stands for it.

use crate::pg::ident::Tidy;

use super::{Catalog, Fact};

impl Catalog {
    /// With one role's name in the place of another, wherever names of roles are. The other must not need quotes, and must not
    /// be part of another word.
    #[must_use]
    pub(in crate::engine) fn with_role(mut self, from: &str, to: &str) -> Self {
        let is_renamed = |fact: &Fact| fact.id.name == from || fact.id.sub == from;
        if self.facts.iter().any(is_renamed) {
            // Facts are sorted by their names.
            self = self.mapped(|fact| {
                let mut fact = fact.clone();
                for part in [&mut fact.id.name, &mut fact.id.sub] {
                    if part == from {
                        to.clone_into(part);
                    }
                }
                fact
            });
        }
        let quoted = Tidy(to).to_string();
        for fact in &mut self.facts {
            for (name, value) in fact.names.iter().zip(&mut fact.values) {
                let Some(value) = value.as_mut().filter(|value| value.contains(from)) else { continue };
                match name.as_str() {
                    "owner" => *value = value.replace(from, to),
                    // The rows of these lists are sorted.
                    "acl" | "grants" | "roles" => {
                        let mut lines: Vec<String> =
                            value.split('\n').map(|line| line.replace(from, &quoted)).collect();
                        lines.sort();
                        *value = lines.join("\n");
                    }
                    _ => *value = value.replace(from, &quoted),
                }
            }
        }
        if self.role == from {
            to.clone_into(&mut self.role);
        }
        self
    }
}
