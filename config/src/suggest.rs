//! "Did you mean …?"

/// The candidate nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if word.len() > LONGEST {
        return None;
    }
    let tolerance = (word.len() / 3).max(1);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let near = candidates
        .iter()
        .map(|candidate| (distance(&word, &candidate.chars().collect::<Vec<_>>()), *candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    // `client_secret` is far from `client_secret_file` by letters, and still means it.
    let is_start = |candidate: &&str| {
        word.len() >= SHORTEST_START
            && candidate.chars().zip(&word).filter(|(a, b)| a == *b).count() == word.len()
    };
    near.or_else(|| candidates.iter().copied().find(is_start))
}

/// `did you mean "x"?`, or the list of what is possible.
pub(crate) fn advice(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean \"{candidate}\"?"),
        None => format!("possible: {}", candidates.join(", ")),
    }
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_previous: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i);
        for j in 1..=b.len() {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(previous[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                best = best.min(before_previous[j - 2] + 1);
            }
            row.push(best);
        }
        before_previous = std::mem::replace(&mut previous, row);
    }
    previous[b.len()]
}

/// No key or word of ours is longer; what is, resembles none of them.
const LONGEST: usize = 40;
/// Fewer letters begin too many words.
const SHORTEST_START: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested() {
        let keys = ["access", "path", "upstreams", "upstream_sni", "read_timeout", "write_timeout"];
        for (word, expected) in [
            ("acess", Some("access")),
            ("Access", Some("access")),
            ("acecss", Some("access")),
            ("upstream", Some("upstreams")),
            ("upstream-sni", Some("upstream_sni")),
            ("readtimeout", Some("read_timeout")),
            ("paht", Some("path")),
            ("read", Some("read_timeout")),
            ("rea", None),
            ("certificate", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }

    #[test]
    fn a_very_long_word_is_not_compared() {
        assert_eq!(nearest(&"a".repeat(1_000_000), ["access"]), None);
    }
}
