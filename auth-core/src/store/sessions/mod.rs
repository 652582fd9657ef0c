//! Session stores. `embedded` keeps sessions in the directory's own database; [`redis`] keeps them for
//! several gateways.

pub(super) mod embedded;
pub mod redis;
