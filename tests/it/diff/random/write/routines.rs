//! Functions, procedures, aggregates, and what is made of a function: operators, casts, event triggers.

use super::super::cx::base_name;
use super::super::model::{Argument, Base, Function, Id, Language, Object, Returns, Ty, What};
use super::super::names::{literal, quoted};
use super::Writer;

impl Writer<'_> {
    pub(super) fn function(&mut self, object: &Object, function: &Function) -> Option<()> {
        let name = self.own(object)?;
        let procedure = function.returns == Returns::Procedure;
        let arguments = match function.returns {
            Returns::Trigger | Returns::EventTrigger => String::new(),
            _ => self.arguments(&function.arguments)?,
        };
        let create = if procedure { "PROCEDURE" } else { "FUNCTION" };
        let mut sql = format!("CREATE {create} {name}({arguments})");
        sql += &self.returns(&function.returns)?;
        let language = self.language(function);
        let named = if language == Language::Plpgsql { "plpgsql" } else { "sql" };
        sql += &format!(" LANGUAGE {named}");
        if !procedure {
            sql += ["", " STABLE", " IMMUTABLE"][usize::from(function.volatility % 3)];
            if function.strict {
                sql += " STRICT";
            }
            sql += ["", " PARALLEL RESTRICTED", " PARALLEL SAFE"][usize::from(function.parallel % 3)];
            if function.cost {
                sql += " COST 7";
            }
        }
        if function.definer {
            sql += " SECURITY DEFINER";
        }
        if function.set && language != Language::Atomic {
            sql += " SET search_path TO ''";
        }
        sql += &self.body(function, language)?;
        self.push(sql);
        if function.revoked {
            let arguments = self.signature(function)?;
            self.push(format!("REVOKE EXECUTE ON {create} {name}({arguments}) FROM PUBLIC"));
        }
        Some(())
    }

    fn language(&self, function: &Function) -> Language {
        match function.returns {
            Returns::Trigger | Returns::EventTrigger => Language::Plpgsql,
            _ => function.language,
        }
    }

    /// The types of the arguments that identify it.
    pub(super) fn signature(&self, function: &Function) -> Option<String> {
        if matches!(function.returns, Returns::Trigger | Returns::EventTrigger) {
            return Some(String::new());
        }
        let types: Option<Vec<_>> =
            function.arguments.iter().map(|argument| self.cx.ty(&argument.ty)).collect();
        Some(types?.join(", "))
    }

    fn arguments(&self, arguments: &[Argument]) -> Option<String> {
        let mut written = Vec::new();
        let mut defaults = false;
        for argument in arguments {
            let mut one = format!("{} {}", quoted(&argument.name), self.cx.ty(&argument.ty)?);
            defaults |= argument.default.is_some();
            if defaults {
                let value = self.cx.literal(&argument.ty, argument.default.unwrap_or(0))?;
                one += &format!(" DEFAULT {value}");
            }
            written.push(one);
        }
        Some(written.join(", "))
    }

    fn returns(&self, returns: &Returns) -> Option<String> {
        Some(match returns {
            Returns::One(ty) => format!(" RETURNS {}", self.cx.ty(ty)?),
            Returns::Void => " RETURNS void".to_owned(),
            Returns::Set(rel) => format!(" RETURNS SETOF {}", self.cx.relation(*rel)?),
            Returns::Table(columns) => {
                let columns: Option<Vec<_>> = columns
                    .iter()
                    .map(|column| Some(format!("{} {}", quoted(&column.name), self.cx.ty(&column.ty)?)))
                    .collect();
                let columns = columns.filter(|columns| !columns.is_empty())?;
                format!(" RETURNS TABLE({})", columns.join(", "))
            }
            Returns::Trigger => " RETURNS trigger".to_owned(),
            Returns::EventTrigger => " RETURNS event_trigger".to_owned(),
            Returns::Procedure => String::new(),
        })
    }

    /// What the body also reads: an extra condition.
    fn also(&self, function: &Function) -> String {
        let Some(uses) = function.uses.filter(|uses| *uses != self.cx.id) else { return String::new() };
        let read = match self.cx.model.objects.get(&uses).map(|object| &object.what) {
            Some(What::Table(_) | What::View(_)) => {
                self.cx.relation(uses).map(|rel| format!("(SELECT count(*) FROM {rel}) >= 0"))
            }
            Some(What::Function(_)) => self.cx.call(uses, &[]).map(|call| format!("{call} IS NOT NULL")),
            _ => None,
        };
        read.map_or(String::new(), |read| format!(" WHERE {read}"))
    }

    fn body(&self, function: &Function, language: Language) -> Option<String> {
        let number = function.body % 30;
        let also = self.also(function);
        let value = match &function.returns {
            Returns::One(ty) => self.cx.literal(ty, number)?,
            Returns::Void | Returns::Procedure => format!("{number}"),
            Returns::Set(rel) => {
                return Some(match language {
                    Language::Sql => {
                        dollar(&format!("SELECT * FROM {} LIMIT {number}", self.cx.relation(*rel)?))
                    }
                    Language::Atomic => {
                        format!(" BEGIN ATOMIC SELECT * FROM {} LIMIT {number}; END", self.cx.relation(*rel)?)
                    }
                    Language::Plpgsql => {
                        dollar(&format!("BEGIN RETURN QUERY SELECT * FROM {}; END", self.cx.relation(*rel)?))
                    }
                });
            }
            Returns::Table(columns) => {
                let values: Option<Vec<_>> =
                    columns.iter().map(|column| self.cx.literal(&column.ty, number)).collect();
                values?.join(", ")
            }
            Returns::Trigger => {
                return Some(dollar(&format!("BEGIN /* {number} */ RETURN COALESCE(NEW, OLD); END")));
            }
            Returns::EventTrigger => return Some(dollar(&format!("BEGIN PERFORM {number}{also}; END"))),
        };
        let void = matches!(function.returns, Returns::Void);
        Some(match (language, &function.returns) {
            (Language::Sql, _) if void => dollar(&format!("SELECT {value}{also}; SELECT NULL::void")),
            (Language::Atomic, _) if void => format!(" BEGIN ATOMIC SELECT NULL::void{also}; END"),
            (Language::Sql, _) => dollar(&format!("SELECT {value}{also}")),
            (Language::Atomic, _) => format!(" BEGIN ATOMIC SELECT {value}{also}; END"),
            (Language::Plpgsql, Returns::One(_)) => {
                dollar(&format!("\n-- it's $1\nBEGIN RETURN (SELECT {value}{also}); END\n"))
            }
            (Language::Plpgsql, Returns::Table(_)) => {
                dollar(&format!("BEGIN RETURN QUERY SELECT {value}{also}; END"))
            }
            (Language::Plpgsql, _) => dollar(&format!("BEGIN PERFORM {value}{also}; END")),
        })
    }

    pub(super) fn aggregate(&mut self, object: &Object, base: Base, state: Option<Id>) -> Option<()> {
        let name = self.own(object)?;
        let fits = |id: &Id| {
            let ty = Ty::Base(base);
            self.cx.model.callable(*id).is_some_and(|(function, result)| {
                *result == ty
                    && function.arguments.len() == 2
                    && function.arguments.iter().all(|a| a.ty == ty)
            })
        };
        let ty = base_name(base);
        let built_in = match base {
            Base::Int => "int4pl",
            Base::Big => "int8pl",
            Base::Text => "textcat",
            Base::Double => "float8pl",
            Base::Bool => "booland_statefunc",
            Base::Numeric(0) => "numeric_add",
            _ => return None,
        };
        let step = match state.filter(fits) {
            Some(function) => self.cx.q(function)?,
            None => built_in.to_owned(),
        };
        let mut sql = format!("CREATE AGGREGATE {name}({ty}) (SFUNC = {step}, STYPE = {ty}");
        if base == Base::Int {
            sql += ", INITCOND = '0', PARALLEL = SAFE";
        }
        self.push(sql + ")");
        Some(())
    }

    pub(super) fn operator(&mut self, object: &Object, function: Id, symbol: u8) -> Option<()> {
        let (signature, _) = self.cx.model.callable(function)?;
        let schema = quoted(&self.cx.model.objects.get(&object.schema?)?.name);
        let types: Option<Vec<_>> = signature.arguments.iter().map(|a| self.cx.ty(&a.ty)).collect();
        let sides = match types?.as_slice() {
            [right] => format!("RIGHTARG = {right}"),
            [left, right] => format!("LEFTARG = {left}, RIGHTARG = {right}"),
            _ => return None,
        };
        let (symbol, function) = (operator_symbol(symbol), self.cx.q(function)?);
        self.push(format!("CREATE OPERATOR {schema}.{symbol} (FUNCTION = {function}, {sides})"));
        Some(())
    }

    /// A cast from a type of ours to what a function of one argument makes of it.
    pub(super) fn cast(&mut self, source: Id, function: Id, context: u8) -> Option<()> {
        let (target, arguments) = self.cast_types(source, function)?;
        let context = ["", " AS ASSIGNMENT"][usize::from(context % 2)];
        let function = self.cx.q(function)?;
        self.push(format!(
            "CREATE CAST ({arguments} AS {target}) WITH FUNCTION {function}({arguments}){context}"
        ));
        Some(())
    }

    pub(super) fn cast_types(&self, source: Id, function: Id) -> Option<(String, String)> {
        let castable =
            matches!(self.cx.object(source)?.what, What::Enum(_) | What::Range(_) | What::Composite(_));
        let (signature, result) = self.cx.model.callable(function)?;
        let [argument] = signature.arguments.as_slice() else { return None };
        let fits =
            castable && argument.ty == Ty::User(source) && matches!(result, Ty::Base(Base::Int | Base::Big));
        if !fits {
            return None;
        }
        Some((self.cx.ty(result)?, self.cx.ty(&argument.ty)?))
    }

    pub(super) fn event_trigger(
        &mut self,
        object: &Object,
        function: Id,
        event: u8,
        enabled: u8,
    ) -> Option<()> {
        let name = quoted(&object.name);
        if !matches!(self.cx.model.function(function)?.returns, Returns::EventTrigger) {
            return None;
        }
        let event =
            ["ddl_command_end", "ddl_command_start", "sql_drop", "table_rewrite"][usize::from(event % 4)];
        let tags = if event == "table_rewrite" { "'ALTER TABLE'" } else { "'CREATE TABLE', 'DROP TABLE'" };
        let tags = if event == "sql_drop" { String::new() } else { format!(" WHEN TAG IN ({tags})") };
        let function = self.cx.q(function)?;
        self.push(format!("CREATE EVENT TRIGGER {name} ON {event}{tags} EXECUTE FUNCTION {function}()"));
        match enabled % 4 {
            0 => {}
            state => {
                let state = ["", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"][usize::from(state)];
                self.push(format!("ALTER EVENT TRIGGER {name} {state}"));
            }
        }
        Some(())
    }
}

pub(super) fn operator_symbol(symbol: u8) -> &'static str {
    ["===", "<+>", "@@@", "|>|", "~~%", "!#"][usize::from(symbol % 6)]
}

fn dollar(body: &str) -> String {
    if body.contains("$$") || body.contains("$function$") {
        return format!(" AS {}", literal(body));
    }
    format!(" AS $$ {body} $$")
}
