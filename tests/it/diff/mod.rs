//! From one catalog to another and back, by the case folders below `tests/cases/diff`.

mod case;
mod cases;
mod lab;
mod text;
mod way;
