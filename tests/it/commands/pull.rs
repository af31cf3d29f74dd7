//! `pgkeel pull`: the file, what it replaces, and that loading it gives the same.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::terminal::Terminal;

const SHOP: &str = "CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('sad', 'ok'); \
    CREATE TABLE shop.orders (id serial PRIMARY KEY, buyer int NOT NULL, mood shop.mood DEFAULT 'ok', total numeric(10,2) CHECK (total >= 0)); \
    CREATE TABLE shop.buyers (id int PRIMARY KEY, favourite int REFERENCES shop.orders, name text); \
    ALTER TABLE shop.orders ADD FOREIGN KEY (buyer) REFERENCES shop.buyers; \
    COMMENT ON COLUMN shop.orders.total IS 'in euros'; CREATE INDEX by_buyer ON shop.orders (buyer); \
    CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
    CREATE TRIGGER touched BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch(); \
    ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON shop.orders USING (buyer = 1); \
    CREATE VIEW shop.open AS SELECT id FROM shop.orders WHERE total IS NULL; \
    CREATE FUNCTION shop.largest() RETURNS shop.orders LANGUAGE sql AS 'SELECT * FROM shop.orders ORDER BY total DESC LIMIT 1'; \
    GRANT SELECT ON shop.open TO PUBLIC";

#[test]
fn a_database_becomes_a_file_that_reads_well() {
    let project = Project::new();
    project.sql(SHOP);
    let ran = project.run(&["pull"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    wrote schema.sql (2 tables); loading it gives the same
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let text = std::fs::read_to_string(project.root().join("schema.sql")).unwrap();
    let body = text.split_once("\n\n").unwrap().1;
    // Before PostgreSQL 16 a view names the table of its columns, also where there is one table only.
    let body = body.replace("SELECT orders.id", "SELECT id").replace("(orders.total IS", "(total IS");
    assert_snapshot!(body, @"
    SET check_function_bodies = off;

    CREATE SCHEMA shop;

    CREATE TYPE shop.mood AS ENUM ('sad', 'ok');

    CREATE OR REPLACE FUNCTION shop.touch()
     RETURNS trigger
     LANGUAGE plpgsql
    AS $function$BEGIN RETURN NEW; END$function$;

    CREATE SEQUENCE shop.orders_id_seq AS integer;
    CREATE TABLE shop.orders (
        id integer DEFAULT nextval('shop.orders_id_seq'::regclass) NOT NULL,
        buyer integer NOT NULL,
        mood shop.mood DEFAULT 'ok'::shop.mood,
        total numeric(10,2),
        CONSTRAINT orders_pkey PRIMARY KEY (id),
        CONSTRAINT orders_total_check CHECK ((total >= (0)::numeric))
    );
    ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
    COMMENT ON COLUMN shop.orders.total IS 'in euros';
    ALTER SEQUENCE shop.orders_id_seq OWNED BY shop.orders.id;
    CREATE INDEX by_buyer ON shop.orders USING btree (buyer);
    CREATE TRIGGER touched BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
    CREATE POLICY own ON shop.orders
        USING ((buyer = 1));

    CREATE TABLE shop.buyers (
        id integer NOT NULL,
        favourite integer,
        name text,
        CONSTRAINT buyers_pkey PRIMARY KEY (id)
    );
    ALTER TABLE shop.buyers ADD CONSTRAINT buyers_favourite_fkey FOREIGN KEY (favourite) REFERENCES shop.orders(id);

    ALTER TABLE shop.orders ADD CONSTRAINT orders_buyer_fkey FOREIGN KEY (buyer) REFERENCES shop.buyers(id);

    CREATE OR REPLACE FUNCTION shop.largest()
     RETURNS shop.orders
     LANGUAGE sql
    AS $function$SELECT * FROM shop.orders ORDER BY total DESC LIMIT 1$function$;

    CREATE VIEW shop.open AS
     SELECT id
       FROM shop.orders
      WHERE (total IS NULL);
    GRANT SELECT ON TABLE shop.open TO PUBLIC;
    ");
    let ran = project.run(&["pull"]);
    assert!(ran.stdout.contains("schema.sql is up to date"), "{}", ran.text());
    let url = project.url_text();
    project.run(&["diff", &url, "schema.sql", "--exit-code"]).exits(0);
}

#[test]
fn it_is_printed_and_nothing_is_written() {
    let project = Project::new();
    project.sql(SHOP);
    let ran = project.run(&["pull", "--print"]);
    ran.exits(0);
    assert!(ran.stdout.starts_with("-- Written by `pgkeel pull`"), "{}", ran.text());
    assert!(!project.root().join("schema.sql").exists());
    let without = project.run(&["pull", "--print", "--no-privileges"]);
    assert!(ran.stdout.contains("GRANT SELECT") && !without.stdout.contains("GRANT"), "{}", without.text());
    let owners = project.run(&["pull", "--print", "--owners"]);
    owners.exits(0);
    let json = project.run(&["pull", "--print", "--json"]).exits(0).json();
    assert!(json["proved"] == true && json["sql"].as_str().unwrap() == ran.stdout, "{json}");
}

#[test]
fn a_file_that_people_wrote_or_edited_is_not_replaced_in_silence() {
    let project = Project::new();
    project.sql("CREATE TABLE t (a int)").file("schema.sql", "-- by hand\nCREATE TABLE t ();\n");
    let ran = project.run(&["pull"]);
    assert_snapshot!(ran.text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: `schema.sql` was not written by `pgkeel pull`, and would be replaced
    next: `--print` prints it, `--output FILE` writes another file, `--yes` replaces this one
    ");
    project.run(&["pull", "--yes"]).exits(0);
    project.sql("ALTER TABLE t ADD b int");
    // Its own work it replaces.
    project.run(&["pull"]).exits(0);
    let path = project.root().join("schema.sql");
    let text = std::fs::read_to_string(&path).unwrap();
    project.file("schema.sql", text.replace("b integer", "b integer -- why"));
    project.sql("ALTER TABLE t ADD c int");
    let ran = project.run(&["pull"]);
    ran.exits(3);
    assert!(ran.stderr.contains("`schema.sql` was edited since `pgkeel pull` wrote it"), "{}", ran.text());
    let mut terminal = Terminal::start(project.command(&["pull"]));
    let (shown, code) = terminal.sees("Replace it? [y/N]").types("n").ends();
    assert_eq!(code, 130, "{shown}");
    let mut terminal = Terminal::start(project.command(&["pull"]));
    let (shown, code) = terminal.sees("Replace it? [y/N]").types("y").ends();
    assert_eq!(code, 0, "{shown}");
    assert!(!std::fs::read_to_string(&path).unwrap().contains("why"));
}

#[test]
fn another_source_goes_into_another_file() {
    let project = Project::new();
    project.migration("20260101000000_t", "CREATE TABLE t (a int);", "DROP TABLE t;");
    project.run(&["pull", "--from", "migrations", "--output", "made.sql"]).exits(0);
    project.run(&["diff", "migrations", "made.sql", "--exit-code"]).exits(0);
    project.file("tables/a.sql", "CREATE TABLE a ();").file("pgkeel.toml", "schema = \"tables\"\n");
    let ran = project.run(&["pull"]);
    assert_snapshot!(ran.text(), @"
    exit 2
    --- stderr
    error: the desired state `ROOT/tables` is a folder, and `pull` writes one file
    next: `--output FILE` writes another one, `--print` prints it
    ");
    project.run(&["pull", "--from", "tables", "--print"]).exits(0);
}

#[test]
fn without_a_place_for_a_shadow_it_is_written_and_said_not_to_be_proved() {
    let mut project = Project::new().env("CI", "true");
    project.sql(SHOP);
    let role = crate::support::role::Role::new(&mut project, "NOCREATEDB");
    project.connect_as(&role);
    let ran = project.run(&["pull"]);
    ran.exits(0);
    assert!(ran.stderr.contains("it was not proved that loading it gives the same"), "{}", ran.text());
    let json = project.run(&["pull", "--print", "--json"]).exits(0).json();
    assert_eq!(json["proved"], false);
}

#[test]
fn a_shadow_database_that_is_named_serves_and_is_left_empty() {
    let shadow = Project::new();
    let mut project = Project::new();
    project.sql(SHOP);
    project.set("SHADOW_DATABASE_URL", &shadow.url_text());
    let json = project.run(&["pull", "--json"]).exits(0).json();
    assert_eq!(json["proved"], true, "{json}");
    assert_eq!(shadow.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'"), 0);
    project.run(&["pull", "--from", "schema.sql", "--print"]).exits(0);
}

#[test]
fn a_password_that_is_not_read_is_left_to_people_and_said() {
    let project = Project::new();
    project.sql(
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; \
         CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'hidden-4711')",
    );
    let ran = project.run(&["pull", "--print"]);
    ran.exits(0);
    assert!(!ran.text().contains("hidden-4711"), "{}", ran.text());
    assert!(ran.stdout.contains("-- by-hand: ") && ran.stderr.contains("set it by hand"), "{}", ran.text());
}

#[test]
fn the_five_systems_are_pulled_and_loaded_without_a_difference() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "",
        "examples/contextkeeper",
        "examples/devmetrics",
        "examples/viral-dashboard",
        "examples/keyflash",
    ];
    for folder in folders {
        let project = Project::new();
        let migrations = root.join(folder).join("migrations");
        let from = migrations.to_str().unwrap();
        let json = project.run(&["pull", "--from", from, "--json"]).exits(0).json();
        assert_eq!(json["proved"], true, "{folder}: {json}");
        project.run(&["diff", from, "schema.sql", "--exit-code"]).exits(0);
        if folder.ends_with("contextkeeper") {
            let text = std::fs::read_to_string(project.root().join("schema.sql")).unwrap();
            let blocks: Vec<&str> = text.split("\n\n").collect();
            let at = blocks.iter().position(|block| block.contains("CREATE TABLE")).unwrap();
            assert_snapshot!(blocks[at..at + 3].join("\n\n"), @r"
            CREATE TABLE public.users (
                id uuid DEFAULT gen_random_uuid() NOT NULL,
                email text NOT NULL,
                name text,
                password_hash text,
                email_verified_at timestamp with time zone,
                verification_token text,
                plan text DEFAULT 'free'::text NOT NULL,
                stripe_customer_id text,
                created_at timestamp with time zone DEFAULT now() NOT NULL,
                updated_at timestamp with time zone DEFAULT now() NOT NULL,
                deleted_at timestamp with time zone,
                CONSTRAINT users_email_key UNIQUE (email),
                CONSTRAINT users_pkey PRIMARY KEY (id),
                CONSTRAINT users_plan_check CHECK ((plan = ANY (ARRAY['free'::text, 'pro'::text, 'team'::text]))),
                CONSTRAINT users_stripe_customer_id_key UNIQUE (stripe_customer_id),
                CONSTRAINT users_verification_token_key UNIQUE (verification_token)
            );
            ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
            CREATE INDEX users_deleted_at_idx ON public.users USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
            CREATE POLICY own_rows ON public.users
                USING (((id = public.app_current_user()) AND (deleted_at IS NULL)));

            CREATE TABLE public.api_keys (
                id uuid DEFAULT gen_random_uuid() NOT NULL,
                user_id uuid NOT NULL,
                name text NOT NULL,
                key_prefix character varying(12) NOT NULL,
                key_hash text NOT NULL,
                expires_at timestamp with time zone,
                last_used_at timestamp with time zone,
                revoked_at timestamp with time zone,
                created_at timestamp with time zone DEFAULT now() NOT NULL,
                CONSTRAINT api_keys_key_hash_check CHECK ((key_hash ~ '^\$2[aby]\$'::text)),
                CONSTRAINT api_keys_pkey PRIMARY KEY (id)
            );
            ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;
            ALTER TABLE public.api_keys ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
            CREATE UNIQUE INDEX api_keys_key_prefix_key ON public.api_keys USING btree (key_prefix);
            CREATE INDEX api_keys_user_id_idx ON public.api_keys USING btree (user_id);
            CREATE POLICY own_rows ON public.api_keys
                USING ((user_id = public.app_current_user()));

            CREATE TABLE public.audit_logs (
                id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
                user_id uuid,
                action text NOT NULL,
                resource_type text NOT NULL,
                resource_id text,
                ip_address inet,
                user_agent text,
                created_at timestamp with time zone DEFAULT now() NOT NULL,
                CONSTRAINT audit_logs_pkey PRIMARY KEY (id)
            );
            ALTER TABLE public.audit_logs ENABLE ROW LEVEL SECURITY;
            ALTER TABLE public.audit_logs ADD CONSTRAINT audit_logs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;
            CREATE INDEX audit_logs_action_created_at_idx ON public.audit_logs USING btree (action, created_at DESC);
            CREATE INDEX audit_logs_user_id_created_at_idx ON public.audit_logs USING btree (user_id, created_at DESC);
            CREATE TRIGGER audit_logs_append_only BEFORE DELETE OR UPDATE ON public.audit_logs FOR EACH ROW EXECUTE FUNCTION public.audit_logs_append_only();
            CREATE POLICY own_rows ON public.audit_logs
                USING ((user_id = public.app_current_user()));
            ");
        }
    }
}
