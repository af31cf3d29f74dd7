//! `restore` and `backup` where they are used: several roles, poolers, load, other people's files, odd names.

mod damaged;
mod elsewhere;
mod foreign;
mod load;
mod marks;
mod names;
mod not_files;
mod odd;
mod pairs;
mod paused;
mod pooler;
mod roles;
mod rows_alone;
