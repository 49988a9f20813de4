//! Rows of numbers as instruments and spreadsheets write them.
//!
//! | separator | example |
//! |---|---|
//! | blanks or tabs | `8979.0  0.12` |
//! | comma, with or without blanks | `8979.0, 0.12` |
//! | semicolon, with decimal commas | `8979,0;0,12` |

/// One number, which may have a Fortran exponent (`D` or `d`) or a decimal comma.
pub(crate) fn number(word: &str) -> Option<f64> {
    let word = word.trim();
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let word = word.trim_matches('"');
    if word.is_empty() || !word.bytes().all(|byte| b"+-.,0123456789dDeE".contains(&byte)) {
        return None;
    }
    if word.contains(',') && (word.contains('.') || word.matches(',').count() > 1) {
        return None;
    }
    word.replace(',', ".").replace(['d', 'D'], "e").parse().ok()
}

/// Appends the numbers of a line. Returns false and appends nothing when the line holds anything else.
pub(crate) fn append_row(line: &str, row: &mut Vec<f64>) -> bool {
    let before = row.len();
    for word in line.split_ascii_whitespace() {
        match word.parse() {
            Ok(number) => row.push(number),
            Err(_) => {
                row.truncate(before);
                return append_separated(line, row);
            }
        }
    }
    row.len() > before
}

fn append_separated(line: &str, row: &mut Vec<f64>) -> bool {
    let before = row.len();
    for word in fields(line) {
        match number(word) {
            Some(number) => row.push(number),
            None => {
                row.truncate(before);
                return false;
            }
        }
    }
    row.len() > before
}

/// The fields of a line, separated by semicolons, commas, tabs or blanks, in this order of precedence.
pub(crate) fn fields(line: &str) -> Vec<&str> {
    let line = line.trim();
    let by_blanks = || line.split_whitespace().collect::<Vec<_>>();
    let mut words: Vec<&str> = if line.contains(';') {
        line.split(';').map(str::trim).collect()
    } else if line.contains(',') {
        let words: Vec<&str> = line.split(',').map(str::trim).collect();
        let decimal = !line.contains('.') && words.iter().any(|word| word.contains(char::is_whitespace));
        if decimal && by_blanks().iter().all(|word| number(word).is_some()) { by_blanks() } else { words }
    } else if line.contains('\t') {
        line.split('\t').map(str::trim).collect()
    } else {
        by_blanks()
    };
    // A separator at the end of a line does not add an empty field.
    if words.len() > 1 && words.last() == Some(&"") {
        words.pop();
    }
    words
}

/// Whether a line looks like a damaged row: the first field and at least half of all fields are numbers.
pub(crate) fn resembles_row(line: &str, width: usize) -> bool {
    let words = fields(line);
    let good = words.iter().filter(|word| number(word).is_some()).count();
    words.len() == width && good * 2 >= width && number(words[0]).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_every_notation() {
        for line in
            ["1 2.5 -3e2", "1\t2.5\t-3D+02", "1, 2.5,-300", " 1;2,5;-300 ", "1 2,5 -300,0", "1,2.5,-300,"]
        {
            let mut row = Vec::new();
            assert!(append_row(line, &mut row), "{line}");
            assert_eq!(row, [1.0, 2.5, -300.0], "{line}");
        }
        let mut row = vec![7.0];
        for line in ["", "   ", "energy 1", "1 2 x", "1,,2", "1.2.3", "12-08-2019", "--", "d", "******"] {
            assert!(!append_row(line, &mut row), "{line}");
        }
        assert_eq!(row, [7.0]);
    }
}
