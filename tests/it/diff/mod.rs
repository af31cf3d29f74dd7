//! From one catalog to another and back: the case folders below `tests/cases/diff`, and random schemas.

mod case;
mod cases;
mod lab;
mod pulled;
mod random;
mod systems;
mod text;
mod way;
