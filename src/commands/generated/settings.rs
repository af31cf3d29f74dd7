//! From a section of diesel.toml to what the emitter takes: the patch is read here.

use std::path::Path;

use anyhow::Result;

use crate::config::{self, PrintSchema};
use crate::engine::emit::diesel_schema::{Docs, Filter, SameQuery, Settings, Sorting};
use crate::exit::CommandError;

pub(super) fn of(section: &PrintSchema, root: &Path) -> Result<Settings> {
    Ok(Settings {
        schema: section.schema.clone(),
        docs: match section.docs {
            config::Docs::None => Docs::None,
            config::Docs::Comments => Docs::Comments,
            config::Docs::CommentsOrGenerated => Docs::CommentsOrGenerated,
        },
        filter: match &section.filter {
            config::Filter::All => Filter::All,
            config::Filter::Only(patterns) => Filter::Only(patterns.clone()),
            config::Filter::Except(patterns) => Filter::Except(patterns.clone()),
        },
        sorting: match section.sorting {
            config::Sorting::Position => Sorting::Position,
            config::Sorting::Name => Sorting::Name,
        },
        import_types: section.import_types.clone(),
        derives: section.derives.clone(),
        without_types: section.without_types,
        except_types: section.except_types.clone(),
        domains: section.domains.clone(),
        same_query: match section.same_query {
            config::SameQuery::All => SameQuery::All,
            config::SameQuery::Related => SameQuery::Related,
            config::SameQuery::None => SameQuery::None,
        },
        patch: section.patch.as_deref().map(|path| patch(path, root)).transpose()?,
    })
}

fn patch(path: &Path, root: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        CommandError::Usage {
            message: format!("`patch_file` in `[print_schema]` of diesel.toml names `{shown}`, which cannot be read: {error}"),
            hint: "correct the path, which begins at diesel.toml, or take the key out".into(),
        }
        .into()
    })
}
