//! What goes wrong around a run: it is killed, its session or its server ends, its connection breaks, others are in the
//! way. Afterwards `status` tells the truth, the next run finishes, and nothing is applied twice.

mod backup;
mod concurrent;
mod cut;
mod ended;
#[cfg(target_os = "linux")]
mod full;
mod killed;
mod patience;
mod points;
mod pooler;
mod random;
mod relay;
mod replicas;
mod restore;
mod shop;
mod signals;
mod stage;
mod swap;
mod to_backup;
mod two;
