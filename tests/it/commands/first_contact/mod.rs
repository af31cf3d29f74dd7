//! What a person meets first: a folder without migrations that pgkeel reads, a database that another tool looked after, a
//! .env file and a shell that were written for other programs.

mod environment;
mod names;
mod nothing_found;
mod unmanaged;
