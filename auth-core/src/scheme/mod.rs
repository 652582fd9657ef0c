//! Where a credential stands in a request; one file per scheme.

pub mod cookie;
