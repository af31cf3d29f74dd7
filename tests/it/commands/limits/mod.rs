//! Limits of roles, databases and servers: timeouts that are meant for an application, prepared transactions, floods of
//! notices, and room for locks.

mod leftovers;
mod notices;
mod prepared;
mod room;
mod timeouts;
