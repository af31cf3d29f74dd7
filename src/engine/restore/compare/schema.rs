//! Compares the schema of a restored database, as text that pg_dump writes, with that of the backup.

use std::ffi::OsString;

use super::{Compare, Compared};
use crate::engine::backup::manifest::Layout;
use crate::engine::backup::schema_text::{different_lines, fingerprint};
use crate::engine::operation::Opening;
use crate::engine::restore::RestoreError;
use crate::engine::restore::load::{list_file, printed, use_list};

/// What pg_dump writes after the columns of a table that inherits.
const INHERITS: &str = "\nINHERITS (";

/// How many different lines are named.
const LINES: usize = 20;

impl Compare<'_> {
    /// The text that pg_dump writes of it now against the hash of the text then; where they differ, line by line against
    /// the archive's own text. The order of objects is none of their properties.
    pub(super) fn schema(&self, opening: &Opening, found: &mut Compared) -> Result<(), RestoreError> {
        let mut ownership = self.ownership;
        if ownership.no_owner && !ownership.no_privileges {
            // What the owner may do is not written: that of another owner is another text.
            ownership.no_privileges = true;
            found.notes.push("privileges were not compared: everything belongs to another role".into());
        }
        let flags: Vec<_> = ownership.flags().into_iter().chain(self.select.flags()).collect();
        // A CHECK that is NOT VALID stands outside of its table.
        let is_loose = self.relaxed.iter().any(|relaxed| relaxed.title.is_some());
        let mut arguments = vec!["--schema-only".into()];
        arguments.extend(flags.iter().cloned());
        arguments.extend(self.encoding_flag()?);
        let now = printed(
            &self.programs.pg_dump,
            Some(&opening.url),
            arguments,
            &opening.interrupt,
            "pg_dump of the restored schema failed",
        )?;
        let now = self.as_it_was(now);
        let expected = self.expected.schema_sha256.as_deref();
        if flags.is_empty() && expected == Some(fingerprint(&now).as_str()) {
            return Ok(());
        }
        if self.source.layout() == Layout::Plain || self.source.is_encrypted() {
            match expected {
                Some(_) if flags.is_empty() && self.expected.hash_has_own_options => found.notes.push(
                    "the schema's text was not compared: an older pg_dump may have written numbers of the server's own \
                     into it"
                        .into(),
                ),
                Some(_) if flags.is_empty() && !is_loose => {
                    found.differences.push("the schema's text is another one".into())
                }
                _ => found.notes.push("the schema's text was not compared".into()),
            }
            return Ok(());
        }
        let mut arguments = vec!["--schema-only".into(), "--file=-".into()];
        arguments.extend(flags);
        let mut list = None;
        if self.select.has_list()
            && let Some(mut archive) = self.source.archive()?
        {
            self.select.apply(&mut archive);
            let file = list_file(archive.entries.iter().map(|entry| entry.dump_id))?;
            arguments.push(use_list(file.path()));
            list = Some(file);
        }
        arguments.push("--".into());
        arguments.push(self.source.payload().into());
        let then = printed(
            &self.programs.pg_restore,
            None,
            arguments,
            &opening.interrupt,
            "pg_restore of the archive's schema failed",
        )?;
        drop(list);
        // The order of columns changes which line ends in a comma: one that joined its parent later gets the parent's first.
        let inherits = then.contains(INHERITS) && !different_lines(&then, &now).is_empty();
        let (then, now) = if is_loose || inherits { (loose(&then), loose(&now)) } else { (then, now) };
        let mut different = different_lines(&then, &now);
        if inherits && !is_loose && different.is_empty() {
            found.notes.push(
                "a table that inherits has its columns in another order now: those of its parent come first"
                    .into(),
            );
        }
        // A partition has the constraint of its parent in its own definition only while it is valid.
        let relaxed = self.relaxed.iter().filter(|relaxed| relaxed.title.is_some());
        let known: Vec<String> =
            relaxed.map(|relaxed| format!("missing `{}`", loose(&relaxed.then).trim_end())).collect();
        different.retain(|line| !known.contains(line));
        let more = different.len().saturating_sub(LINES);
        found.differences.extend(different.into_iter().take(LINES).map(|line| format!("schema: {line}")));
        if more > 0 {
            found.differences.push(format!("schema: and {more} lines more"));
        }
        Ok(())
    }

    /// With the constraints valid that rows break.
    fn as_it_was(&self, mut now: String) -> String {
        for relaxed in self.relaxed {
            now = now.replacen(&relaxed.now, &relaxed.then, 1);
            if let Some(title) = &relaxed.title {
                let kept = now.lines().filter(|line| !line.starts_with(title.as_str()));
                now = kept.collect::<Vec<_>>().join("\n");
            }
        }
        now
    }

    /// In the encoding in which the source is written, so that texts can be compared.
    fn encoding_flag(&self) -> Result<Option<OsString>, RestoreError> {
        if let Some(manifest) = self.source.manifest() {
            return Ok(Some(manifest.source.properties.encoding_flag().into()));
        }
        let archive = self.source.archive()?;
        let entry = archive.as_ref().and_then(|a| a.entries.iter().find(|entry| entry.desc == "ENCODING"));
        // SET client_encoding = 'LATIN1';
        let name = entry.and_then(|entry| entry.definition.split('\'').nth(1));
        Ok(name.map(|name| format!("--encoding={name}").into()))
    }
}

/// Without the indentation and the punctuation that depend on what comes next in a definition.
fn loose(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_end_matches([',', ';']));
    lines.map(|line| format!("{line}\n")).collect()
}
