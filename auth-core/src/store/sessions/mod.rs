//! Session stores. `embedded` keeps sessions in the directory's own SQLite file; stores for several nodes
//! join beside it.

mod embedded;
