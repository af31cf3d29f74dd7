//! Shadow databases: made, filled with a schema, dropped, whoever dies.

mod ends;
mod given;
mod load;
mod replay;
mod roles;
mod stage;
