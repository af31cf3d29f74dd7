//! Tests of the diff: what turns one database into another, and what random ones show.

mod random;
