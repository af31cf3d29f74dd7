//! The catalog of a source: read, or found in the cache.

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, EXTRACTOR, read::read};
use crate::exit::CommandError;

use super::{Held, Prepared, cache};

/// The catalog of a source, from the cache where it was read before; of a live database with the session that read it.
pub(crate) fn catalog(mut prepared: Prepared, cx: &Context) -> Result<(Catalog, Option<Held>)> {
    let is_live = prepared.live().is_some();
    let key = prepared.key(EXTRACTOR)?;
    let kept = cache(cx).zip(key);
    if let Some((cache, key)) = &kept
        && let Some(catalog) = cache.get(key).and_then(|bytes| Catalog::from_bytes(&bytes))
    {
        return Ok((catalog, None));
    }
    let mut held = prepared.open(cx)?;
    let _progress = cx.ui.progress(&format!("reading {}", held.label()));
    let catalog = read(held.session(), &cx.config.bookkeeping_schema.value)?;
    // What was left out of the shadow is told each time.
    if let Some((cache, key)) = kept
        && held.left_out().is_empty()
    {
        // A cache that cannot be written costs time alone.
        drop(cache.put(&key, &catalog.to_bytes()));
    }
    Ok((catalog, is_live.then_some(held)))
}

/// Two majors say the same thing differently.
pub(crate) fn same_version(cx: &Context, allow: bool, old: &Catalog, new: Catalog) -> Result<Catalog> {
    let majors = (old.server / 10_000, new.server / 10_000);
    if majors.0 == majors.1 {
        return Ok(new);
    }
    if !allow {
        return Err(CommandError::Usage {
            message: format!(
                "one side is PostgreSQL {}, the other {}: what they say about the same object differs",
                majors.0, majors.1
            ),
            hint: "compare on servers of one major version, or add `--allow-version-mismatch` and read the result as advice".into(),
        }
        .into());
    }
    cx.ui.warn(&format!(
        "PostgreSQL {} is compared with {}: some differences are only in what the two say",
        majors.0, majors.1
    ));
    Ok(new.as_of(old.server))
}
