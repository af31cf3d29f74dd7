//! Schemas, types, collations and sequences.

use super::super::cx::{Family, base_name};
use super::super::model::{Base, Column, Domain, Object, Sequence, Ty};
use super::super::names::{label, literal, quoted};
use super::Writer;

impl Writer<'_> {
    /// A name in the object's own schema; not a need.
    pub(super) fn own(&self, object: &Object) -> Option<String> {
        match object.schema {
            Some(schema) => Some(format!("{}.{}", self.cx.q(schema)?, quoted(&object.name))),
            None => Some(quoted(&object.name)),
        }
    }

    pub(super) fn schema(&mut self, object: &Object) -> Option<()> {
        // It is there in every database.
        if object.name == "public" {
            self.push(String::new());
        } else {
            self.push(format!("CREATE SCHEMA {}", quoted(&object.name)));
        }
        Some(())
    }

    pub(super) fn enumeration(&mut self, object: &Object, labels: &[u8]) -> Option<()> {
        let labels: Vec<_> = labels.iter().map(|number| literal(label(*number))).collect();
        self.push(format!("CREATE TYPE {} AS ENUM ({})", self.own(object)?, labels.join(", ")));
        (!labels.is_empty()).then_some(())
    }

    pub(super) fn composite(&mut self, object: &Object, fields: &[Column]) -> Option<()> {
        let mut written = Vec::new();
        for field in fields {
            let collate = self.cx.collate(&field.ty, field.collation)?;
            written.push(format!("{} {}{collate}", quoted(&field.name), self.cx.ty(&field.ty)?));
        }
        self.push(format!("CREATE TYPE {} AS ({})", self.own(object)?, written.join(", ")));
        Some(())
    }

    pub(super) fn domain(&mut self, object: &Object, domain: &Domain) -> Option<()> {
        let mut sql = format!("CREATE DOMAIN {} AS {}", self.own(object)?, self.cx.ty(&domain.base)?);
        if let Ty::User(id) = &domain.base
            && self.cx.model.table(*id).or(None).is_some()
        {
            return None;
        }
        sql += &self.cx.collate(&domain.base, domain.collation)?;
        if let Some(number) = domain.default {
            sql += &format!(" DEFAULT {}", self.cx.literal(&domain.base, number)?);
        }
        if domain.not_null {
            sql += " NOT NULL";
        }
        for (name, how) in &domain.checks {
            let condition = self.cx.condition("VALUE", &domain.base, *how)?;
            sql += &format!(" CONSTRAINT {} CHECK ({condition})", quoted(name));
        }
        self.push(sql);
        Some(())
    }

    pub(super) fn range(&mut self, object: &Object, base: Base) -> Option<()> {
        // An index of its own kind for every type but these.
        if matches!(base, Base::Bool | Base::Jsonb | Base::Bytea | Base::Char(_) | Base::Varchar(_)) {
            return None;
        }
        let mut sql = format!("CREATE TYPE {} AS RANGE (SUBTYPE = {}", self.own(object)?, base_name(base));
        if base == Base::Double {
            sql += ", SUBTYPE_DIFF = float8mi";
        }
        if self.cx.model.family(&Ty::Base(base)) == Family::Text {
            sql += ", COLLATION = \"C\"";
        }
        self.push(sql + ")");
        Some(())
    }

    pub(super) fn collation(&mut self, object: &Object, kind: u8) -> Option<()> {
        let from = ["C", "POSIX"][usize::from(kind % 2)];
        self.push(format!("CREATE COLLATION {} (LOCALE = '{from}')", self.own(object)?));
        Some(())
    }

    pub(super) fn sequence(&mut self, object: &Object, sequence: &Sequence) -> Option<()> {
        let name = self.own(object)?;
        let ty = ["integer", "bigint", "smallint"][usize::from(sequence.ty % 3)];
        let increment = if sequence.increment == 0 { 1 } else { sequence.increment };
        let start =
            if increment < 0 { -i16::from(sequence.start) - 1 } else { i16::from(sequence.start) + 1 };
        let mut sql = format!("CREATE SEQUENCE {name} AS {ty} INCREMENT BY {increment} START WITH {start}");
        if sequence.maximum && increment > 0 {
            sql += " MINVALUE 1 MAXVALUE 30000";
        }
        sql += &format!(" CACHE {}", u16::from(sequence.cache) + 1);
        if sequence.cycle {
            sql += " CYCLE";
        }
        self.push(sql);
        if let Some((table, column)) = sequence.owner {
            let column = quoted(&self.cx.column(table, column)?.name);
            let owner = format!("{}.{column}", self.cx.q(table)?);
            self.push(format!("ALTER SEQUENCE {name} OWNED BY {owner}"));
        }
        Some(())
    }
}
