//! The file that the measured is kept in: a head with the table of `beside`, then a section for each of
//! the figures. Each can be measured again without the others.

use std::fmt;
use std::path::Path;

/// A file of results, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Results {
    head: String,
    /// Each begins with its headline.
    sections: Vec<String>,
}

impl Results {
    /// What the file holds; nothing where there is none.
    pub(crate) fn read(file: &Path) -> Self {
        Self::parse(&std::fs::read_to_string(file).unwrap_or_default())
    }

    pub(crate) fn write(&self, file: &Path) {
        std::fs::write(file, self.to_string()).expect("the results can be written");
    }

    /// Replaces everything before the first section.
    pub(crate) fn set_head(&mut self, text: &str) {
        text.trim_end().clone_into(&mut self.head);
    }

    /// Puts a section in the place of its older self, or at the end.
    pub(crate) fn put(&mut self, section: &str) {
        let section = section.trim_end().to_owned();
        let headline = section.lines().next();
        match self.sections.iter_mut().find(|other| other.lines().next() == headline) {
            Some(older) => *older = section,
            None => self.sections.push(section),
        }
    }

    fn parse(text: &str) -> Self {
        let mut parts = text.split("\n## ");
        let head = parts.next().unwrap_or_default().trim_end().to_owned();
        Self { head, sections: parts.map(|part| format!("## {}", part.trim_end())).collect() }
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        self.sections.iter().try_for_each(|section| writeln!(f, "\n{section}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Results\n\n| a |\n\n## One\n\n| 1 |\n\n## Two\n\n| 2 |\n";

    #[test]
    fn what_was_written_is_read_again() {
        assert_eq!(Results::parse(TEXT).to_string(), TEXT);
    }

    #[test]
    fn a_section_measured_again_takes_its_own_place() {
        let mut results = Results::parse(TEXT);
        results.put("## One\n\n| 3 |\n");
        results.put("## Three\n\n| 4 |\n");
        assert_eq!(results.to_string(), TEXT.replace("| 1 |", "| 3 |") + "\n## Three\n\n| 4 |\n");
    }

    #[test]
    fn a_new_table_leaves_the_sections_alone() {
        let mut results = Results::parse(TEXT);
        results.set_head("# Results\n\n| b |\n");
        assert_eq!(results.to_string(), TEXT.replace("| a |", "| b |"));
    }
}
