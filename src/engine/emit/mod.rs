//! Texts that are written from a catalog: one module per kind of text. Values in, a text out: no connection, no path; who
//! wrote what into which file is the caller's business.

pub mod diesel_schema;
pub mod seal;

use crate::engine::catalog::{Catalog, Id};

/// Something that writes a text from a catalog.
pub trait Emitter {
    /// The text, and what it leaves out.
    ///
    /// # Errors
    /// See `EmitError`.
    fn emit(&self, catalog: &Catalog) -> Result<Emitted, EmitError>;
}

/// A text made from a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emitted {
    /// The text, with a line end at its end.
    pub text: String,
    /// What the text cannot hold, or what will not work as people expect.
    pub notes: Vec<Note>,
}

/// What should be known beside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A table without a primary key, which Diesel cannot use: left out.
    NoPrimaryKey(Id),
    /// A column of an array of varchar, which Diesel cannot compare with text.
    VarcharArray(Id),
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPrimaryKey(id) => write!(
                f,
                "{id} has no primary key, which Diesel's tables need: it is left out (diesel print-schema stops there). Give \
                 it one, or name it in `except_tables` of `filter`"
            ),
            Self::VarcharArray(id) => {
                write!(f, "{id} is an array of varchar, which is hard to use with Diesel: text[] is not")
            }
        }
    }
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// The patch is no unified diff.
    #[error("the patch cannot be read: {0}")]
    PatchUnreadable(String),
    /// The text is not what the patch was made for.
    #[error("the patch does not fit the generated text: {0}")]
    PatchDoesNotFit(String),
}
