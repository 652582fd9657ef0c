//! Session stores. `embedded` keeps sessions in the directory's own SQLite file; [`redis`] keeps them for
//! several gateways.

mod embedded;
pub mod redis;
