//! From one catalog to another and back: the case folders below `tests/cases/diff`, and random schemas.

mod case;
mod cases;
mod lab;
mod proofs;
mod pulled;
pub(crate) mod random;
mod rewritten;
mod systems;
mod text;
mod way;
