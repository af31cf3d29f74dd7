//! What is read from which connection string, and what is shown of it. The pairs were compared with libpq's
//! `PQconninfoParse`.

use super::*;

/// Parse; the expectation is what libpq gets, as `keyword=value` joined by blanks, or the error.
#[track_caller]
fn check(text: &str, expected: &str) {
    let found = match DatabaseUrl::parse(text) {
        Ok(url) => {
            let pairs: Vec<String> =
                url.params().iter().map(|(keyword, value)| format!("{keyword}={}", value.expose())).collect();
            let again = DatabaseUrl::parse(url.uri().expose()).map(|again| again.uri());
            assert!(again == Ok(url.uri()), "{url} must read back as itself");
            let from_pairs = DatabaseUrl::parse(&format!("{} ", url.conninfo().expose()));
            if !url.options.is_empty() {
                assert_eq!(from_pairs.map(|url| url.options), Ok(url.options), "its pairs must read back");
            }
            pairs.join(" ")
        }
        Err(error) => format!("error: {error}"),
    };
    assert!(found.starts_with(expected) && (found == expected || expected.starts_with("error: ")), "{found}");
}

#[track_caller]
fn check_shown(text: &str, expected: &str) {
    let url = DatabaseUrl::parse(text).unwrap();
    assert_eq!((url.to_string().as_str(), format!("{url:?}").as_str()), (expected, expected));
}

#[test]
fn urls_are_read_as_libpq_reads_them() {
    check("postgres://", "");
    check("postgresql://localhost", "host=localhost");
    check("postgresql://localhost:5433", "host=localhost port=5433");
    check("postgresql://localhost/mydb", "dbname=mydb host=localhost");
    check("postgresql://user@localhost", "host=localhost user=user");
    check("postgres://user:secret@localhost/", "host=localhost password=secret user=user");
    check("postgres://:secret@localhost", "host=localhost password=secret");
    check("postgres://user:@localhost", "host=localhost user=user");
    check("postgres://@/shop", "dbname=shop");
    check("postgres:///shop?host=/run/pg&port=5433", "dbname=shop host=/run/pg port=5433");
    check("postgres://%2Fvar%2Frun/shop", "dbname=shop host=/var/run");
    check("postgres://%40abstract/shop", "dbname=shop host=@abstract");
    check(
        "postgres://a:1,b,c:3/shop?target_session_attrs=any",
        "dbname=shop host=a,b,c port=1,,3 target_session_attrs=any",
    );
    check("postgres://a,b/shop?port=5433", "dbname=shop host=a,b port=5433");
    check("postgres://,/shop", "dbname=shop host=, port=,");
    check("postgres://[2001:db8::1234]:5432,[::1]/shop", "dbname=shop host=2001:db8::1234,::1 port=5432,");
    check("postgres://u:p%40s%2Fs%25@h/my%20db", "dbname=my db host=h password=p@s/s% user=u");
    check("postgres://u:a:b?c#d@h", "host=h password=a:b?c#d user=u");
    check("postgres://h/a/b+c", "dbname=a/b+c host=h");
    check("postgres://one/x?host=two&dbname=y&", "dbname=y host=two");
    check("postgres://h?ssl=true", "host=h sslmode=require");
    check("postgres://h?requiressl=1", "host=h sslmode=require");
    check(
        "postgres://h/db?options=-c%20geqo%3Doff&connect_timeout=0",
        "connect_timeout=0 dbname=db host=h options=-c geqo=off",
    );
    check("  postgres://h/db?hostaddr=10.0.0.1\n", "dbname=db host=h hostaddr=10.0.0.1");
    check("postgres://h/post%67res%3D1", "dbname=postgres=1 host=h");
}

#[test]
fn key_value_strings_are_read_as_libpq_reads_them() {
    check("host=localhost port = 5432  dbname=shop", "dbname=shop host=localhost port=5432");
    check(r"password='it\'s \\ here' user=a\ b", r"password=it's \ here user=a b");
    check(r"password='' dbname='a=b host=evil'", "dbname=a=b host=evil password=");
    check("service=shop passfile=/run/pass", "passfile=/run/pass service=shop");
    check("user=a@b dbname=x\tsslmode=verify-full", "dbname=x sslmode=verify-full user=a@b");
    check(r"dbname=x\", "dbname=x");
    check("user= dbname=x", "user=dbname=x");
}

#[test]
fn what_cannot_be_read_is_refused_with_the_remedy_and_without_the_text() {
    check(" ", "error: The database URL is empty.");
    check("shop", "error: This is neither a URL nor");
    check("'postgres://h/db'", "error: The database URL begins or ends with a quotation mark");
    check("postgres://u:hunter2%zz@h", "error: The password of the database URL has a `%`");
    check("postgres://h/%00", "error: The database name of the database URL decodes to");
    check("postgres://h/%ff", "error: The database name of the database URL decodes to");
    check("postgres://[::1/db", "error: The IPv6 address");
    check("postgres://[]/db", "error: The IPv6 address");
    check("postgres://[::1]x/db", "error: The IPv6 address");
    check("postgres://h:0/db", "error: A port in the database URL");
    check("postgres://a:1,b:2,c/db?hostaddr=10.0.0.1", "error: The database URL names 1 hosts and 3 ports.");
    check("postgres://h?sslmode", "error: Parameter 1 after the `?`");
    check("postgres://h?a=b=c", "error: Parameter 1 after the `?`");
    check("postgres://h?user=x&&dbname=y", "error: Parameter 2 after the `?`");
    check(
        "host=h password=hunter two",
        "error: The connection string has a word without `=` at character 24",
    );
    check("dbname='x", "error: The connection string has a quotation that does not end at character 8");
    check(
        "postgres://h?sslmdoe=require",
        "error: The database URL has the unknown parameter `sslmdoe`. Did you mean `sslmode`?",
    );
    check(
        "postgres://h?currentSchema=x",
        "error: The database URL has the unknown parameter `currentSchema`. Write `schema=…`.",
    );
    check("postgres://h?sslmode=no-verify", "error: `sslmode` in the database URL must be one of disable,");
    check(
        "postgres://h?connection_limit=0",
        "error: `connection_limit` in the database URL must be a number from 1 up, and it is `0`.",
    );
    check("postgres://h?sslidentity=x.p12", "error: `sslidentity` names a PKCS #12 file");
}

#[test]
fn other_schemes_are_refused_with_what_to_write() {
    check(
        "prisma://accelerate.prisma-data.net/?api_key=k",
        "error: `prisma://` addresses Prisma's own service",
    );
    check(
        "prisma+postgres://localhost:51213/?api_key=k",
        "error: `prisma+postgres://` addresses Prisma's own service",
    );
    check("mysql://root:hunter2@h/db", "error: `mysql://` is not PostgreSQL");
    check(
        "postgresql+psycopg2://app:hunter2@db:5433/shop",
        "error: `postgresql+psycopg2` is the form of another driver. Write `postgres://app:****@db:5433/shop`",
    );
    check(
        "jdbc:postgresql://db/shop?user=app&password=hunter2&ssl=true",
        "error: `jdbc:postgresql` is the form of another driver. Write `postgres://app:****@db/shop?sslmode=require`",
    );
    check("POSTGRES://app@db", "error: `POSTGRES` is the form of another driver. Write `postgres://app@db`");
    check(
        "postgis://db/shop?wrong",
        "error: `postgis` is the form of another driver. Write `postgres://USER:****@HOST:5432/DATABASE`",
    );
}

#[test]
fn no_mistake_in_a_password_brings_it_onto_the_screen() {
    for text in [
        "postgres://app:hun@ter2@db/shop",
        "postgres://app:hun/ter2@db/shop",
        "postgres://app:hun@ter2?x=y@db/shop",
        "postgres://app:12/ter2@db/shop",
        "postgres://app:hun%ter2@db/shop",
        "postgres://db?password=hun&ter2=x",
        "postgres://app:hun@ter2&ter2=x@db",
        "mysql+x://app:hunter2@db/shop",
        "postgresql+asyncpg://app:hun@ter2@db/shop",
        "jdbc:postgresql://db?password=hun&ter2=x",
        "password=hun ter2=1 host=db",
        "password='hun'ter2 host=db",
        "host=db password=hun ter2",
    ] {
        let shown = format!("{:?}", DatabaseUrl::parse(text).map_err(|error| format!("{error} {error:?}")));
        assert!(!shown.contains("hun") && !shown.contains("ter2"), "{text} → {shown}");
    }
}

#[test]
fn a_url_shows_itself_without_its_secrets() {
    check_shown(
        "postgresql://app:hunter2@db.internal:5432/shop?sslmode=require",
        "postgres://app:****@db.internal:5432/shop?sslmode=require",
    );
    check_shown("host=db user=app password=hunter2 dbname=shop", "postgres://app:****@db/shop");
    check_shown("host=/run/pg dbname=shop", "postgres:///shop?host=/run/pg");
    check_shown("postgres://a:1,b/shop", "postgres://a:1,b/shop");
    check_shown("postgres://a,[::1]/shop?port=5433", "postgres://a:5433,[::1]:5433/shop");
    check_shown("hostaddr=10.0.0.1", "postgres://?hostaddr=10.0.0.1");
    check_shown("service=shop password=hunter2", "postgres://:****@?service=shop");
    check_shown(
        "postgres://h/db?sslkey=/k&sslpassword=hunter2&oauth_client_secret=hunter2",
        "postgres://h/db?oauth_client_secret=****&sslkey=/k&sslpassword=****",
    );
    check_shown(
        "postgres://h/db?pgbouncer=true&pool_timeout=0&connection_limit=3&schema=my app&statement_cache_size=0",
        "postgres://h/db?schema=my%20app&connection_limit=3&pool_timeout=0&pgbouncer=true",
    );
}

#[test]
fn prismas_parameters_are_understood_and_kept_from_libpq() {
    let text = "postgres://h:6432/db?schema=app&connection_limit=10&pool_timeout=5&pgbouncer=true&socket_timeout=9\
                &single_use_connections=true&connect_timeout=7";
    check(text, "connect_timeout=7 dbname=db host=h port=6432");
    let url = DatabaseUrl::parse(text).unwrap();
    assert_eq!((url.schema(), url.connection_limit(), url.says_pgbouncer()), (Some("app"), Some(10), true));
    assert_eq!(url.pool_timeout(), Some(PoolTimeout::After(std::time::Duration::from_secs(5))));
    assert_eq!(url.notes().len(), 1, "{:?}", url.notes());

    check("postgres://h?sslaccept=strict", "host=h sslmode=verify-full");
    check("postgres://h?sslaccept=strict&sslmode=disable", "host=h sslmode=disable");
    check("postgres://h?sslmode=require&sslaccept=accept_invalid_certs", "host=h sslmode=require");
    check("postgres://h?sslaccept=strict&sslcert=ca.pem", "host=h sslmode=verify-full sslrootcert=ca.pem");
    check(
        "postgres://h?sslcert=c.pem&sslkey=c.key&sslaccept=strict",
        "host=h sslcert=c.pem sslkey=c.key sslmode=verify-full",
    );
    let ambiguous = DatabaseUrl::parse("postgres://h?sslcert=c.pem").unwrap();
    assert!(ambiguous.notes()[0].contains("`sslrootcert`"));
}

#[test]
fn a_url_answers_for_its_parts_and_can_be_varied() {
    let url = DatabaseUrl::parse("postgres://app:hunter2@a:1,b/shop").unwrap();
    assert_eq!((url.host().as_deref(), url.port(), url.user()), (Some("a"), Some(1), Some("app")));
    assert_eq!(url.password().unwrap().expose(), "hunter2");
    assert_eq!(url.endpoints()[1], Endpoint { host: Some("b".into()), port: None });

    let odd = url.with_database("x' host=evil\\");
    assert_eq!(
        odd.conninfo().expose(),
        r"dbname='x\' host=evil\\' host='a,b' password='hunter2' port='1,' user='app'"
    );
    assert_eq!(odd.database(), Some("x' host=evil\\"));
    assert_eq!(url.without_secrets().to_string(), "postgres://app@a:1,b/shop");
    assert_eq!(url.with_param("application_name", "pgkeel").unwrap().get("application_name"), Some("pgkeel"));
    assert_eq!(url.with_param("schema", "app").unwrap().schema(), Some("app"));
    assert!(url.with_param("aplication_name", "x").is_err());
}
