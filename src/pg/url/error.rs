//! Why a connection string was refused. No variant carries text that may be part of a password.

use thiserror::Error;

/// Why a connection string was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Nothing there.
    #[error("The database URL is empty. Write `postgres://USER:PASSWORD@HOST:5432/DATABASE`.")]
    Empty,
    /// Quotes that a shell or a .env parser would have taken off are still there.
    #[error(
        "The database URL begins or ends with a quotation mark, which is not part of a URL (`docker --env-file` keeps \
         quotes). Remove the marks."
    )]
    Quoted,
    /// Neither a URL nor `key=value`.
    #[error(
        "This is neither a URL nor `key=value` pairs. Write `postgres://USER:PASSWORD@HOST:5432/DATABASE` or \
         `host=HOST dbname=DATABASE user=USER`."
    )]
    Unrecognised,
    /// Prisma's proxy protocol.
    #[error(
        "`{scheme}://` addresses Prisma's own service over HTTP, not a PostgreSQL server. Use the direct URL of the \
         database, which begins with `postgres://`: the service's console shows it, and Prisma projects keep it in \
         `DIRECT_URL` or `DIRECT_DATABASE_URL`."
    )]
    PrismaService {
        /// The scheme as written.
        scheme: String,
    },
    /// A scheme for another driver of PostgreSQL.
    #[error(
        "`{scheme}` is the form of another driver. Write `{write}` (with the password in place of the stars)."
    )]
    OtherDriver {
        /// The scheme as written.
        scheme: String,
        /// The same URL in our form, redacted.
        write: String,
    },
    /// Another database or protocol.
    #[error(
        "`{scheme}://` is not PostgreSQL, and PostgreSQL is all that pgkeel speaks. Write `postgres://…`."
    )]
    OtherDatabase {
        /// The scheme as written.
        scheme: String,
    },
    /// `%` without two hexadecimal digits.
    #[error(
        "The {part} of the database URL has a `%` that is not followed by two hexadecimal digits. A percent sign \
         itself is written `%25`."
    )]
    Percent {
        /// Which part.
        part: String,
    },
    /// `%00`, or bytes that are not UTF-8.
    #[error(
        "The {part} of the database URL decodes to text that PostgreSQL cannot hold (a zero byte, or not UTF-8)."
    )]
    Undecodable {
        /// Which part.
        part: String,
    },
    /// An `@` after the credentials.
    #[error(
        "The database URL has an `@` where the host or the database name is read. A password with `@`, `/`, `?`, `#`, \
         `%` or `:` must be written with `%40`, `%2F`, `%3F`, `%23`, `%25`, `%3A`; so must an `@` in a database name."
    )]
    UnescapedAt,
    /// `[` without `]`, nothing between, or something after.
    #[error(
        "The IPv6 address in the database URL is malformed. Write it as `postgres://USER@[2001:db8::1]:5432/DATABASE`."
    )]
    Ipv6,
    /// A port that is not one.
    #[error(
        "A port in the database URL is not a number from 1 to 65535. If what follows the colon is a password, percent-\
         encode its special characters (`/` is `%2F`, `@` is `%40`)."
    )]
    Port,
    /// Several ports that do not fit the hosts.
    #[error(
        "The database URL names {hosts} hosts and {ports} ports. Give one port for all, or one for each."
    )]
    PortCount {
        /// How many hosts.
        hosts: usize,
        /// How many ports.
        ports: usize,
    },
    /// A query parameter without `=`, or with two.
    #[error(
        "Parameter {number} after the `?` in the database URL is not of the form `name=value`. A `&` in a value is \
         written `%26`, a `=` is `%3D`."
    )]
    Query {
        /// Counted from one.
        number: usize,
    },
    /// `key=value` pairs that do not parse.
    #[error(
        "The connection string has {problem} at character {position}. The form is `host=… dbname=… password='…'`."
    )]
    Pairs {
        /// What is wrong.
        problem: &'static str,
        /// Counted from one.
        position: usize,
    },
    /// A parameter that neither libpq nor Prisma knows.
    #[error("The database URL has the unknown parameter `{name}`.{instead}")]
    UnknownParameter {
        /// The parameter; or where it stands if its name may be a piece of a password.
        name: String,
        /// A sentence with what to write instead, or nothing.
        instead: String,
    },
    /// A parameter whose value cannot be.
    #[error("`{parameter}` in the database URL must be {expected}, and it is `{found}`.")]
    Value {
        /// The parameter.
        parameter: String,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Prisma's PKCS #12 identity.
    #[error(
        "`sslidentity` names a PKCS #12 file, which libpq cannot read. Convert it (`openssl pkcs12 -in FILE -clcerts \
         -nokeys -out client.pem` and `openssl pkcs12 -in FILE -nocerts -nodes -out client.key`) and write \
         `sslcert=client.pem&sslkey=client.key`."
    )]
    Pkcs12Identity,
}
