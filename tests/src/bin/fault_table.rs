//! The figures that the fault tests left, as a table: to stdout, and to `target/faults/table.md`.

use std::fs;

use bitrix_id_tests::watch::row::folder;
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let folder = folder();
    let mut rows = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            rows.push(serde_json::from_slice::<Value>(&fs::read(path)?)?);
        }
    }
    anyhow::ensure!(!rows.is_empty(), "no figures in {}: make faults", folder.display());
    rows.sort_by_key(|row| row["fault"].to_string());
    let mut table = String::from(HEAD);
    for row in &rows {
        table.push_str(&line(row));
    }
    fs::write(folder.join("table.md"), &table)?;
    print!("{table}");
    Ok(())
}

fn line(row: &Value) -> String {
    let number = |pointer: &str| row.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let seconds = |pointer: &str| format!("{:.1} s", number(pointer) as f64 / 1000.0);
    let fault = row["fault"].as_str().unwrap_or_default().replace('_', " ");
    let told_to_wait = number("/signed_in/told_to_wait");
    let failed = match (number("/signed_in/failed"), told_to_wait) {
        (failed, 0) => failed.to_string(),
        (failed, waiting) => format!("{failed} (503: {waiting})"),
    };
    let said: Vec<&str> =
        row["said"].as_array().into_iter().flatten().flat_map(Value::as_str).collect();
    let cells = [
        fault,
        seconds("/lasted_ms"),
        number("/signed_in/ok").to_string(),
        failed,
        format!("{} ms", number("/signed_in/slowest_ms")),
        number("/sign_ins/done").to_string(),
        number("/sign_ins/come_again").to_string(),
        (number("/sign_ins/no_answer") + number("/sign_ins/other")).to_string(),
        format!("{} of {}", number("/intruders/let_in"), number("/intruders/tried")),
        format!("{} of {}", number("/lost"), number("/acknowledged")),
        seconds("/healed_ms"),
        if said.is_empty() { "-".to_owned() } else { said.join(", ") },
    ];
    format!("| {} |\n", cells.join(" | "))
}

const HEAD: &str = "| fault | lasted | signed in: ok | failed | slowest | sign-ins: done | 503 | other | \
    let in | lost | works again after | said not to work |\n\
    |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n";
