//! What a fact is called, and how that is written in SQL.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pg::ident::Tidy;

use super::Kind;

/// The name of a fact: the same in any two databases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id {
    /// What it is.
    pub kind: Kind,
    /// Its schema, or that of the table it belongs to; empty where it has none.
    pub schema: String,
    /// Its name, or that of the table (for a domain's constraint: of the domain) it belongs to.
    pub name: String,
    /// Its own name where it belongs to something; argument types of a routine, types of an operator; else empty.
    pub sub: String,
}

impl Id {
    /// The name of something.
    pub fn new(kind: Kind, schema: &str, name: &str, sub: &str) -> Self {
        Self { kind, schema: schema.to_owned(), name: name.to_owned(), sub: sub.to_owned() }
    }

    /// The table (or domain) that it belongs to, as another kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Self {
        Self { kind, sub: String::new(), ..self.clone() }
    }

    /// `schema.name`, quoted where that is needed.
    pub fn path(&self) -> String {
        if self.schema.is_empty() {
            Tidy(&self.name).to_string()
        } else {
            qualified(&self.schema, &self.name)
        }
    }

    /// The own name of what belongs to something, quoted.
    pub fn own(&self) -> String {
        Tidy(&self.sub).to_string()
    }
}

/// `schema.name`, quoted where that is needed.
pub fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", Tidy(schema), Tidy(name))
}

impl fmt::Display for Id {
    /// As people say it: `column shop.orders.total`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == Kind::ExtensionGrants {
            // Its name is what GRANT names, as in `FUNCTION public.f(integer)`.
            let of = if self.sub.is_empty() { String::new() } else { format!(" ({})", Tidy(&self.sub)) };
            return write!(f, "{} {}{of}", self.kind.noun(), self.name);
        }
        write!(f, "{} {}", self.kind.noun(), self.path())?;
        match self.kind {
            Kind::Function | Kind::Procedure | Kind::Aggregate => write!(f, "({})", self.sub),
            Kind::Operator | Kind::OperatorClass | Kind::OperatorFamily => write!(f, " {}", self.sub),
            _ if self.sub.is_empty() => Ok(()),
            _ => write!(f, ".{}", Tidy(&self.sub)),
        }
    }
}
