//! Takes CHECK constraints out before rows are loaded and puts them back afterwards: a function in one may read tables that
//! are not filled yet, and rows may break one that was changed after they came in.

use super::keys::detail;
use super::{Careful, Relaxed, phase, restoring};
use crate::engine::Observer;
use crate::engine::operation::Opening;
use crate::engine::restore::RestoreError;
use crate::engine::restore::cause::is_of_the_server;
use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// Valid CHECKs of tables and domains that this role may alter, those of parents first. An inherited one goes with that of
/// the parent.
pub(in crate::engine::restore) const CHECKS: &str = "WITH RECURSIVE up (oid, above) AS (\
       SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits \
       UNION SELECT up.oid, i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) up.above) \
     SELECT CASE WHEN r.oid IS NULL THEN 'ALTER DOMAIN ' ELSE CASE r.relkind WHEN 'f' THEN 'ALTER FOREIGN TABLE ' \
         ELSE 'ALTER TABLE ' END END, \
       CASE WHEN r.oid IS NULL THEN pg_catalog.format('%I.%I', tn.nspname, t.typname) \
         ELSE pg_catalog.format('%I.%I', rn.nspname, r.relname) END, \
       c.conname, pg_catalog.pg_get_constraintdef(c.oid), pg_catalog.obj_description(c.oid, 'pg_constraint'), \
       r.oid IS NULL, COALESCE(r.relname, t.typname) \
     FROM pg_catalog.pg_constraint c \
       LEFT JOIN pg_catalog.pg_class r ON r.oid OPERATOR(pg_catalog.=) c.conrelid \
       LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.relnamespace \
       LEFT JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) c.contypid \
       LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid OPERATOR(pg_catalog.=) t.typnamespace \
     WHERE c.contype OPERATOR(pg_catalog.=) 'c' AND c.convalidated AND c.conislocal \
       AND c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid \
       AND pg_catalog.pg_has_role(COALESCE(r.relowner, t.typowner), 'USAGE') \
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
         AND d.objid OPERATOR(pg_catalog.=) COALESCE(r.oid, t.oid)) \
     ORDER BY (SELECT pg_catalog.count(*) FROM up WHERE up.oid OPERATOR(pg_catalog.=) r.oid), 1, 2, 3";

/// One that was taken out.
#[derive(Debug)]
pub(super) struct Taken {
    /// `ALTER TABLE public.t`.
    alter: String,
    /// Quoted.
    of: String,
    /// As it is.
    bare: String,
    name: String,
    definition: String,
    comment: Option<String>,
    is_of_domain: bool,
}

impl Taken {
    fn key(&self) -> String {
        format!("{} {}", self.alter, Tidy(&self.name))
    }
}

impl Careful<'_> {
    /// Take out those that were not yet put back.
    pub(super) fn take_out(&mut self, opening: &Opening) -> Result<Vec<Taken>, PgError> {
        let mut session = restoring(opening)?;
        let mut all = found(&mut session)?;
        all.retain(|taken| !self.checked.contains(&taken.key()));
        for taken in &all {
            session.query(&format!("{} DROP CONSTRAINT {}", taken.alter, Tidy(&taken.name)))?;
        }
        Ok(all)
    }

    /// Put them back, those of children first.
    pub(super) fn put_back(
        &mut self,
        opening: &Opening,
        all: Vec<Taken>,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if all.is_empty() {
            return Ok(());
        }
        phase(observer, "checking constraints");
        let mut session = restoring(opening)?;
        for taken in all.into_iter().rev() {
            let name = Tidy(&taken.name);
            let add = format!("{}\n    ADD CONSTRAINT {name} {}", taken.alter, taken.definition);
            match session.query(&add) {
                Ok(_) => {}
                Err(error @ PgError::Server(_)) if !is_of_the_server(error.failure()) => {
                    session.query(&format!("{add} NOT VALID"))?;
                    self.relaxed.push(Relaxed {
                        what: format!(
                            "rows break the constraint `{}` of {}, which is NOT VALID now: {}; repair them, then VALIDATE CONSTRAINT",
                            taken.name,
                            taken.of,
                            detail(&error)
                        ),
                        now: format!("{add} NOT VALID;"),
                        then: format!("CONSTRAINT {name} {}", taken.definition),
                        title: Some(format!(
                            "-- Name: {} {}; Type: CHECK CONSTRAINT;",
                            taken.bare, taken.name
                        )),
                    });
                }
                Err(error) => return Err(error.into()),
            }
            if let Some(comment) = &taken.comment {
                let domain = if taken.is_of_domain { "DOMAIN " } else { "" };
                let (of, comment) = (&taken.of, Literal(comment));
                session.query(&format!("COMMENT ON CONSTRAINT {name} ON {domain}{of} IS {comment}"))?;
            }
            self.checked.insert(taken.key());
        }
        Ok(())
    }
}

fn found(session: &mut Session) -> Result<Vec<Taken>, PgError> {
    let rows = session.catalog(CHECKS)?;
    let one = |row| {
        let cell = |column| rows.get(row, column).unwrap_or_default().to_owned();
        Taken {
            alter: cell(0) + &cell(1),
            of: cell(1),
            bare: cell(6),
            name: cell(2),
            definition: cell(3),
            comment: rows.get(row, 4).map(str::to_owned),
            is_of_domain: cell(5) == "t",
        }
    };
    Ok((0..rows.rows.len()).map(one).collect())
}
