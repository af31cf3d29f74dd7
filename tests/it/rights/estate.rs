//! Plants behind the planter's own tables, types and views: what a backup, a restore or a comparison of catalogs fills,
//! checks or builds again.

use super::cast::{Cast, Powers, Records, Runner, Stage};
use super::commands::{ALL, BUILDING};
use super::report::Report;

/// Objects of the planter's own, each with code behind it. `{f}(text)` is immutable and reports itself as this plant.
const OBJECTS: &[(&str, &str)] = &[
    ("check", "CREATE TABLE public.checked (v text CHECK ({f}(v))); INSERT INTO public.checked VALUES ('x')"),
    (
        "domain",
        "CREATE DOMAIN public.sort AS text CHECK ({f}(VALUE)); CREATE TABLE public.sorted (v public.sort); \
         INSERT INTO public.sorted VALUES ('x')",
    ),
    (
        "generated",
        "CREATE TABLE public.derived (v text, g boolean GENERATED ALWAYS AS ({f}(v)) STORED); \
         INSERT INTO public.derived VALUES ('x')",
    ),
    (
        "partition key",
        "CREATE TABLE public.parted (v text) PARTITION BY LIST ({f}(v)); \
         CREATE TABLE public.part PARTITION OF public.parted FOR VALUES IN (true); INSERT INTO public.parted VALUES ('x')",
    ),
    (
        "bound over a domain",
        "CREATE DOMAIN public.bound AS integer CHECK ({f}(VALUE::text)); \
         CREATE TABLE public.ranged (v public.bound) PARTITION BY RANGE (v); \
         CREATE TABLE public.range PARTITION OF public.ranged FOR VALUES FROM (1) TO (9); \
         INSERT INTO public.ranged VALUES (3)",
    ),
    (
        "default",
        "CREATE TABLE public.defaulted (v integer, d boolean DEFAULT {f}('x')); INSERT INTO public.defaulted (v) VALUES (1)",
    ),
    ("materialized view", "CREATE MATERIALIZED VIEW public.kept AS SELECT {f}('x') AS v"),
    ("view", "CREATE VIEW public.shown AS SELECT {f}('x') AS v"),
    (
        "index",
        "CREATE TABLE public.indexed (v text); INSERT INTO public.indexed VALUES ('x'); \
         CREATE INDEX by_it ON public.indexed ({f}(v)); CREATE INDEX where_it ON public.indexed (v) WHERE {f}(v)",
    ),
    (
        "statistics",
        "CREATE TABLE public.counted (v text); INSERT INTO public.counted VALUES ('x'); \
         CREATE STATISTICS public.stat ON v, ({f}('a constant')) FROM public.counted",
    ),
    (
        "not valid",
        "CREATE TABLE public.late (v text); INSERT INTO public.late VALUES ('x'); \
         ALTER TABLE public.late ADD CONSTRAINT later CHECK ({f}(v)) NOT VALID",
    ),
    (
        "exclusion",
        "CREATE TABLE public.excluded (v text, EXCLUDE (({f}(v)) WITH =) WHERE (v = 'x')); \
         INSERT INTO public.excluded VALUES ('x')",
    ),
    (
        "policy",
        "CREATE TABLE public.guarded (v text); INSERT INTO public.guarded VALUES ('x'); \
         ALTER TABLE public.guarded ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY own ON public.guarded USING ({f}(v)); GRANT SELECT ON public.guarded TO PUBLIC",
    ),
    (
        "trigger",
        "CREATE TABLE public.watched (v text); INSERT INTO public.watched VALUES ('x'); \
         CREATE TRIGGER x BEFORE INSERT OR UPDATE OR DELETE ON public.watched FOR EACH ROW EXECUTE FUNCTION {f}_row(); \
         ALTER TABLE public.watched ENABLE ALWAYS TRIGGER x",
    ),
    (
        "rule",
        "CREATE TABLE public.ruled (v text); INSERT INTO public.ruled VALUES ('x'); \
         CREATE RULE x AS ON INSERT TO public.ruled DO ALSO SELECT {f}('x')",
    ),
    (
        "cascade",
        "CREATE TABLE public.upper (v text PRIMARY KEY); INSERT INTO public.upper VALUES ('x'); \
         CREATE TABLE public.lower (v text REFERENCES public.upper ON DELETE CASCADE ON UPDATE CASCADE); \
         INSERT INTO public.lower VALUES ('x'); \
         CREATE TRIGGER x AFTER INSERT OR UPDATE OR DELETE ON public.lower FOR EACH ROW EXECUTE FUNCTION {f}_row()",
    ),
    (
        "range",
        "CREATE FUNCTION public.apart(text, text) RETURNS double precision IMMUTABLE LANGUAGE plpgsql \
         AS 'BEGIN PERFORM {f}($1); RETURN 1; END'; \
         CREATE TYPE public.span AS RANGE (SUBTYPE = text, SUBTYPE_DIFF = public.apart); \
         CREATE TABLE public.spanned (v public.span); INSERT INTO public.spanned VALUES ('[a,b)'); \
         CREATE INDEX by_span ON public.spanned USING gist (v)",
    ),
    (
        "cast",
        "CREATE TYPE public.pair AS (a text, b text); \
         CREATE FUNCTION public.paired(public.pair) RETURNS text IMMUTABLE LANGUAGE plpgsql \
         AS 'BEGIN PERFORM {f}(''x''); RETURN ''x''; END'; \
         CREATE CAST (public.pair AS text) WITH FUNCTION public.paired(public.pair) AS IMPLICIT; \
         CREATE TABLE public.pairs (v public.pair, CHECK (length(v) > 0)); INSERT INTO public.pairs VALUES (ROW('a', 'b'))",
    ),
    (
        "aggregate",
        "CREATE FUNCTION public.step(boolean, text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql \
         AS 'BEGIN RETURN {f}($2); END'; CREATE AGGREGATE public.every_one (text) (SFUNC = public.step, STYPE = boolean); \
         CREATE MATERIALIZED VIEW public.summed AS SELECT public.every_one(v) FROM (VALUES ('x')) t (v)",
    ),
    (
        "procedure body",
        "CREATE FUNCTION public.inlined() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT {f}(''x'')'; \
         CREATE MATERIALIZED VIEW public.inlining AS SELECT public.inlined() AS v",
    ),
    (
        "default privileges",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO PUBLIC; \
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC",
    ),
    (
        "names and comments",
        "CREATE TABLE public.\"x\"\"; SELECT public.no() --\n'y\" (\"a\nb\" text DEFAULT {f}('x')::text); \
         COMMENT ON TABLE public.\"x\"\"; SELECT public.no() --\n'y\" IS E'\\nSELECT {f}(''x'');\\n\\\\! id\\n*/ SELECT {f}(1); --'; \
         CREATE VIEW public.\"v'; SELECT {f}('x'); --\" AS SELECT 1 AS \"{f}('x')\"",
    ),
];

/// All objects in this database.
fn plant(stage: &Stage<'_>) {
    let planter = stage.planter();
    for (n, (plant, sql)) in OBJECTS.iter().enumerate() {
        let function = format!("public.m{n}");
        let mut all = planter.function(plant, &format!("{function}(text)"), "boolean IMMUTABLE", "true");
        all += &planter.function(plant, &format!("{function}_row()"), "trigger", "coalesce(NEW, OLD)");
        stage.plant(&(all + &sql.replace("{f}", &function)));
    }
}

/// The commands, one after the other, in one database with all plants.
fn meets(powers: Powers, report: &mut Report, row: &str) {
    let cast = Cast::new(powers, Runner::Superuser, Records::Runner);
    let mut stage = cast.stage();
    plant(&stage);
    for command in &ALL {
        let cell = stage.run(command);
        report.note(row, command.name, &cell);
    }
}

/// What builds definitions that were read of the database: over a login it works, and proves what it builds.
fn builds(powers: Powers, runner: Runner, report: &mut Report) {
    let cast = Cast::new(powers, runner, Records::Runner);
    let mut stage = cast.stage();
    plant(&stage);
    for command in &BUILDING {
        let mut cell = stage.run(command);
        if cell.code != command.code || cell.shown.contains("not proved") {
            cell.complaints.push(cell.shown.clone());
        }
        report.note(&format!("{powers:?}"), command.name, &cell);
    }
}

#[test]
fn definitions_of_lesser_roles_are_built_and_proved_without_their_code_running_as_superuser() {
    let mut report = Report::new("definitions of lesser roles, as superuser");
    builds(Powers::MayCreate, Runner::Superuser, &mut report);
    builds(Powers::OwnsDatabase, Runner::Superuser, &mut report);
    report.judge();
}

#[test]
fn nothing_behind_the_objects_of_a_lesser_role_runs_as_superuser() {
    let mut report = Report::new("objects of a lesser role, as superuser");
    meets(Powers::MayCreate, &mut report, "of a role that may create");
    report.judge();
}

#[test]
fn nothing_behind_the_objects_of_the_database_s_owner_runs_as_superuser() {
    let mut report = Report::new("objects of the database's owner, as superuser");
    meets(Powers::OwnsDatabase, &mut report, "of the database's owner");
    report.judge();
}
