//! Lines of a table of numbers: which are numbers, which are comments, and the numbers of a row.
//!
//! Numbers are separated by blanks, tabs, commas or semicolons and may have Fortran's exponents (`1.5D-02`).

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    Comment,
    /// Nothing but numbers, and how many.
    Numbers(usize),
    Text,
}

/// Sorts a line.
pub(super) fn sort(line: &str) -> Line {
    let line = line.trim();
    match line.chars().next() {
        None => Line::Blank,
        Some('#' | '!' | '%') => Line::Comment,
        Some(_) => {
            let mut count = 0;
            for word in words(line) {
                if number(word).is_none() {
                    return Line::Text;
                }
                count += 1;
            }
            if count == 0 { Line::Text } else { Line::Numbers(count) }
        }
    }
}

/// The words of a row; nothing stands between two separators.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> + Clone {
    line.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
}

/// A number, which may be infinite or not a number at all.
pub(super) fn number(word: &str) -> Option<f64> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let exponent = word.find(['D', 'd'])?;
    let (mantissa, rest) = word.split_at(exponent);
    format!("{mantissa}e{}", &rest[1..]).parse().ok()
}

/// Whether a row that is not understood has decimal commas.
pub(super) fn has_decimal_commas(line: &str) -> bool {
    let decimal = |word: &str| {
        word.split_once(',').is_some_and(|(left, right)| {
            left.ends_with(|c: char| c.is_ascii_digit()) && right.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let mut words = line.split([' ', '\t', ';']).filter(|word| !word.is_empty()).peekable();
    let several = line.trim().contains([' ', '\t', ';']);
    several && !line.contains('.') && words.peek().is_some() && words.all(decimal)
}

/// A line as messages quote it: quoted, and short.
pub(super) fn quoted(line: &str) -> String {
    const LONGEST: usize = 40;
    let line = line.trim();
    let cut: String = line.chars().take(LONGEST).collect();
    if cut.len() < line.len() { format!("{:?}", cut + "...") } else { format!("{cut:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted() {
        assert_eq!(sort("  0.99999998E-02  .12D+01 -.5\t"), Line::Numbers(3));
        assert_eq!(sort("1,2;3"), Line::Numbers(3));
        assert_eq!(sort(" \t"), Line::Blank);
        assert_eq!(sort("#S 1"), Line::Comment);
        assert_eq!(sort("1 two"), Line::Text);
        assert_eq!(sort(",,"), Line::Text);
        assert_eq!(sort("nan 1"), Line::Numbers(2));
    }

    #[test]
    fn commas_between_digits_are_decimal_where_something_else_separates() {
        assert!(has_decimal_commas("0,01 1,5") && has_decimal_commas("0,01;1,5"));
        assert!(!has_decimal_commas("0.01, 1.5") && !has_decimal_commas("1,2") && !has_decimal_commas("1 2"));
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        assert_eq!(quoted(" a "), "\"a\"");
        assert_eq!(quoted(&"ä".repeat(50)), format!("\"{}...\"", "ä".repeat(40)));
    }
}
