//! `[passwords]`: argon2id and its pool.

use super::server::cores;
use crate::file::PasswordsTable;
use crate::leaf::Size;
use crate::model::Passwords;
use crate::read::Field;
use crate::report::{Refused, Scope};
use crate::units::format_size;

pub(super) fn passwords(
    field: &Field<PasswordsTable>,
    scope: Scope<'_>,
) -> Result<Passwords, Refused> {
    let absent = PasswordsTable::default();
    let table = field.optional()?.unwrap_or(&absent);
    let memory = memory(table, scope);
    let iterations = scope.number(&table.iterations, "iterations", 2, Passwords::ITERATIONS);
    let parallelism = scope.number(&table.parallelism, "parallelism", 1, Passwords::PARALLELISM);
    let min_length = scope.number(&table.min_length, "min_length", 8, 8..=128);
    let workers = scope.number(&table.workers, "workers", cores().min(8), 1..=256);
    let queue = scope.number(&table.queue, "queue", 64, 1..=10_000);
    Ok(Passwords {
        memory_kib: memory?,
        iterations: iterations?,
        parallelism: parallelism?,
        min_length: min_length?,
        workers: workers?,
        queue: queue?,
    })
}

fn memory(table: &PasswordsTable, scope: Scope<'_>) -> Result<u32, Refused> {
    let Some(written) = table.memory.optional()? else { return Ok(*Passwords::MEMORY_KIB.start()) };
    let kib = match *written.get_ref() {
        Size::Bytes(bytes) if bytes % 1024 == 0 => u32::try_from(bytes / 1024).ok(),
        Size::Bytes(_) | Size::Unlimited => None,
    };
    kib.filter(|kib| Passwords::MEMORY_KIB.contains(kib)).ok_or_else(|| {
        let shown = |kib: u32| format_size(u64::from(kib) * 1024);
        let (least, most) = Passwords::MEMORY_KIB.into_inner();
        scope.out_of_bounds(&written.span(), "memory", shown(least), shown(most))
    })
}
