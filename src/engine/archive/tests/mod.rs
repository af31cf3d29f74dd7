//! The readers, on small real archives and on damaged ones.
