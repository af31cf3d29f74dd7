//! Opening the database for a look: a role that may not read what it needs is told what would let it.

use anyhow::Result;

use crate::commands::open::Chosen;
use crate::context::Context;
use crate::engine::ledger::{LEDGER_TABLE, Ledger};
use crate::engine::operation::OpenError;
use crate::exit::{CommandError, Exit};
use crate::pg::error::PgFailure;
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// A ledger that the URL names, and whose schema the role may not enter, looks as if it were not there.
fn reachable(chosen: &Chosen, session: &mut Session, ledger: &Ledger) -> Result<()> {
    let Some(schema) = chosen.opening.url.schema().filter(|_| !ledger.facts.has_ledger) else {
        return Ok(());
    };
    let there = format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = {} AND c.relname = {}",
        Literal(schema),
        Literal(LEDGER_TABLE)
    );
    if session.catalog(&there)?.rows.is_empty() {
        return Ok(());
    }
    let (schema, role) = (Tidy(schema), Tidy(&ledger.facts.role));
    Err(CommandError::Ends {
        exit: Exit::Failed,
        message: format!(
            "the drift is unknown: `{role}` may not enter the schema {schema}, in which the ledger is"
        ),
        hint: format!(
            "ask the owner to run: GRANT USAGE ON SCHEMA {schema} TO {role}; \
             GRANT SELECT ON {schema}.{LEDGER_TABLE} TO {role};"
        ),
    }
    .into())
}

/// Open the database; a role that may not read what pgkeel has recorded is told what would let it.
pub(crate) fn look(cx: &Context, chosen: &Chosen) -> Result<(Session, Ledger)> {
    let (mut session, ledger) = opened(cx, chosen)?;
    reachable(chosen, &mut session, &ledger)?;
    Ok((session, ledger))
}

fn opened(cx: &Context, chosen: &Chosen) -> Result<(Session, Ledger)> {
    chosen.look(cx).map_err(|error| {
        let is_forbidden = error.chain().any(|cause| {
            cause.downcast_ref::<OpenError>().is_some_and(|error| {
                matches!(error, OpenError::Pg(error)
                    if error.failure() == PgFailure::NoPrivilege)
            })
        });
        if !is_forbidden {
            return error;
        }
        let schema = Tidy(chosen.opening.bookkeeping.as_str());
        let role = Tidy(chosen.opening.url.user().unwrap_or("…"));
        let ledgers = chosen.opening.url.schema().map(|schema| format!("{}.", Tidy(schema))).unwrap_or_default();
        CommandError::Ends {
            exit: Exit::Failed,
            message: format!("the drift is unknown: {error:#}"),
            hint: format!(
                "ask the owner to run: GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA \
                 {schema} TO {role}; GRANT SELECT ON {ledgers}__diesel_schema_migrations TO {role};"
            ),
        }
        .into()
    })
}
