//! Random schemas and random changes to them, and what must hold for the diff of any two. The schema is a model of plain
//! values (`model`), made and changed by operations (`act`) that a case is a list of, so that it shrinks by leaving
//! some out; `heal` keeps it valid, `write` and `order` make SQL of it.

mod act;
mod cases;
mod cx;
mod dice;
mod generated;
mod heal;
mod kinds;
mod migrated;
mod model;
mod names;
mod order;
mod properties;
mod rows;
mod value;
pub(crate) mod whole;
mod write;
