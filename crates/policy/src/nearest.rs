//! Lists of what exists, with the most likely meaning of a misspelt name first.

/// How many names an error lists.
const LISTED: usize = 12;

/// The known names, closest to `input` first, at most twelve.
#[must_use]
pub fn nearest<'a>(input: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut known: Vec<_> = known.into_iter().collect();
    known.sort_by_cached_key(|name| (distance(input, name), (*name).to_owned()));
    known.into_iter().take(LISTED).map(str::to_owned).collect()
}

/// How many characters must be added, dropped or replaced to make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_comes_first() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("prd", ["dev", "test", "preview", "staging", "prod"])[0], "prod");
    }
}
