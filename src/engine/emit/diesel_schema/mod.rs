//! Diesel's schema.rs, byte for byte as `diesel print-schema` writes it where rustfmt is at hand (diesel.rs, "Configuring Diesel
//! CLI"). What we know of its rules was learned from what the tool prints; `tests/cases/generate` holds that.

mod changes;
mod columns;
mod docs;
mod layout;
mod names;
mod relations;
mod settings;
mod tables;
mod types;

pub use changes::{Change, changes};
pub use settings::{Docs, Filter, SameQuery, Settings, Sorting};

use crate::engine::catalog::Catalog;
use crate::engine::emit::{EmitError, Emitted, Emitter};

use layout::Text;
use tables::Table;

/// The first line, by which people and tools know Diesel's file.
pub const FIRST_LINE: &str = "// @generated automatically by Diesel CLI.";

/// Tables that begin with this are Diesel's own.
const HIDDEN: &str = "__";

/// Writes schema.rs.
#[derive(Debug, Clone)]
pub struct DieselSchema {
    /// What diesel.toml asks for.
    pub settings: Settings,
}

impl Emitter for DieselSchema {
    fn emit(&self, catalog: &Catalog) -> Result<Emitted, EmitError> {
        let settings = &self.settings;
        let (tables, notes) = tables::chosen(catalog, settings);
        let mut text = Text::default();
        text.line(FIRST_LINE);
        text.blank();
        match settings.module() {
            None => body(&mut text, &tables, settings),
            Some(_) if tables.is_empty() => {}
            Some(schema) => {
                text.line(&format!("pub mod {} {{", names::rust(schema)));
                text.deeper();
                body(&mut text, &tables, settings);
                text.shallower();
                text.line("}");
            }
        }
        if let (Some(schema), true) = (settings.module(), tables.is_empty()) {
            text.line(&format!("pub mod {} {{}}", names::rust(schema)));
        }
        let text = patched(text.done(), settings)?;
        Ok(Emitted { text, notes })
    }
}

/// Everything after the first line.
fn body(text: &mut Text, tables: &[Table], settings: &Settings) {
    types::write(text, tables, settings);
    for table in tables {
        tables::write(text, table, settings);
    }
    relations::write(text, tables, settings);
}

fn patched(text: String, settings: &Settings) -> Result<String, EmitError> {
    let Some(patch) = &settings.patch else { return Ok(text) };
    let patch =
        diffy::Patch::from_str(patch).map_err(|error| EmitError::PatchUnreadable(error.to_string()))?;
    diffy::apply(&text, &patch).map_err(|error| EmitError::PatchDoesNotFit(error.to_string()))
}
