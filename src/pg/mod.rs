//! PostgreSQL: URLs, sessions, locks, quoting, the lexer, programs and the dev cluster. Nothing in
//! here knows of migrations, prints, or reads the environment.

pub mod attver;
pub mod bouncer;
pub mod cluster;
pub mod connect;
pub mod copy_text;
pub mod environ;
pub mod error;
pub mod ident;
pub mod interrupt;
mod libpq;
pub mod literal;
pub mod lock;
pub mod nearest;
pub mod plain;
pub mod pooler;
pub mod secret;
pub mod session;
pub mod settings;
pub mod shell;
pub mod statements;
pub mod tools;
pub mod url;
pub mod versions;
