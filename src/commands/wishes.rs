//! What is to count as renamed between two catalogs: the flags, hints in the files, and answers at a terminal. Shared by all
//! commands that plan.

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::plan::{Candidate, Hazard, Plan, Rename, Step, candidates, hints};
use crate::engine::shadow::files;
use crate::engine::source::Source;
use crate::exit::CommandError;

/// What was said, and what was not.
#[derive(Debug)]
pub(crate) struct Renames {
    /// What is the same under a new name.
    pub(crate) said: Vec<Rename>,
    /// What may be, and nobody said so.
    pub(crate) unsaid: Vec<Candidate>,
}

impl Renames {
    /// What the flags and the comments in the files of the new schema say; the rest is put to the person, where there is one.
    ///
    /// # Errors
    /// A flag that names nothing, files that cannot be read, an interrupted question.
    pub(crate) fn between(
        (old, new): (&Catalog, &Catalog),
        flags: &[String],
        to: &Source,
        cx: &Context,
    ) -> Result<Self> {
        let mut renames = Self::unasked((old, new), flags, to)?;
        if cx.ui.is_interactive() && !cx.ui.is_json() {
            renames.said.extend(agreed(&mut renames.unsaid, cx)?);
        }
        Ok(renames)
    }

    /// The same without a question to anybody.
    ///
    /// # Errors
    /// A flag that names nothing, files that cannot be read.
    pub(crate) fn unasked((old, new): (&Catalog, &Catalog), flags: &[String], to: &Source) -> Result<Self> {
        let mut said = Rename::parse_all(flags, old, new).map_err(|error| CommandError::Usage {
            message: format!("--rename: {error}"),
            hint: "write it as `--rename table.old_column=new_column` or `--rename old_table=new_table`"
                .into(),
        })?;
        let is_new = |said: &[Rename], one: &Rename| {
            !said.iter().any(|other| other.from == one.from || other.to == one.to)
        };
        for hinted in Rename::hinted(&said_in(to)?, old, new) {
            if is_new(&said, &hinted) {
                said.push(hinted);
            }
        }
        let mut unsaid = candidates(old, new);
        unsaid.retain(|candidate| is_new(&said, &candidate.rename));
        Ok(Self { said, unsaid })
    }
}

/// What the comments in a schema's files say of old names. A pipe has been read, and says nothing twice.
fn said_in(source: &Source) -> Result<Vec<String>> {
    let Source::Files(path) = source else { return Ok(Vec::new()) };
    if !path.is_dir() && !path.is_file() {
        return Ok(Vec::new());
    }
    let files = files::read(path)?;
    Ok(files.iter().flat_map(|file| hints(&file.text)).collect())
}

/// Ask for each that could be nothing else whether it is the same under a new name. What is answered is taken out.
fn agreed(unsaid: &mut Vec<Candidate>, cx: &Context) -> Result<Vec<Rename>> {
    let mut agreed = Vec::new();
    let (clear, unclear): (Vec<_>, Vec<_>) = unsaid.drain(..).partition(|candidate| candidate.is_only);
    for Candidate { rename, .. } in clear {
        if cx.ui.confirm(&format!("Is {} the same as {} before?", rename.to, rename.from))? {
            agreed.push(rename);
        }
    }
    *unsaid = unclear;
    Ok(agreed)
}

/// Where nobody is to be asked, what loses data and may be a rename is refused.
pub(crate) fn decided(plan: &Plan, cx: &Context) -> Result<()> {
    let loses = |step: &&Step| step.hazards.iter().any(|hazard| matches!(hazard, Hazard::DataLoss { .. }));
    let open: Vec<&Step> = plan.steps.iter().filter(|step| !step.may_be.is_empty()).filter(loses).collect();
    if open.is_empty() || cx.ui.is_interactive() && !cx.ui.is_json() {
        return Ok(());
    }
    let mut lines = Vec::new();
    for step in open {
        for wish in &step.may_be {
            lines.push(format!("{} goes and {} comes: `--rename '{wish}'`", wish.from, wish.to));
        }
    }
    Err(CommandError::Refused {
        why: format!(
            "nobody has said whether these are renamed, or dropped with their data\n  {}",
            lines.join("\n  ")
        ),
        remedy: "say `--rename` for each that keeps its data, and `--no-rename` for the rest".into(),
    }
    .into())
}
