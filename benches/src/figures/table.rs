//! A section whose figures are told of several things side by side.

use std::fmt;

/// One thing in each column, one figure in each row.
pub(crate) struct Table {
    /// Its headline.
    pub title: &'static str,
    /// How it was measured.
    pub method: String,
    /// What the columns are of.
    pub columns: Vec<String>,
    /// What a figure is, its unit included, and its value in each column.
    pub rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// One without figures.
    pub(crate) fn new(title: &'static str, method: String, columns: Vec<String>) -> Self {
        Self { title, method, columns, rows: Vec::new() }
    }

    /// Puts a value at the end of a row, which begins with its first value. What comes later is in a later
    /// column: rows that have none there stay short.
    pub(crate) fn add(&mut self, column: usize, what: &str, value: String) {
        let row = match self.rows.iter().position(|(name, _)| name == what) {
            Some(row) => row,
            None => {
                self.rows.push((what.to_owned(), Vec::new()));
                self.rows.len() - 1
            }
        };
        let values = &mut self.rows[row].1;
        values.resize(column, NONE.to_owned());
        values.push(value);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}\n", self.title, self.method)?;
        writeln!(f, "| figure | {} |", self.columns.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(self.columns.len()))?;
        for (what, values) in &self.rows {
            let missing = self.columns.len().saturating_sub(values.len());
            writeln!(f, "| {what} | {}{} |", values.join(" | "), " | –".repeat(missing))?;
        }
        Ok(())
    }
}

const NONE: &str = "–";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_column_lacks_is_marked_there() {
        let columns = vec!["one".to_owned(), "two".to_owned()];
        let mut table = Table::new("Title", "How.".to_owned(), columns);
        table.add(0, "a", "1".to_owned());
        table.add(0, "b", "2".to_owned());
        table.add(1, "b", "3".to_owned());
        table.add(1, "c", "4".to_owned());
        let text = "## Title\n\nHow.\n\n| figure | one | two |\n|---|---:|---:|\n\
                    | a | 1 | – |\n| b | 2 | 3 |\n| c | – | 4 |\n";
        assert_eq!(table.to_string(), text);
    }
}
