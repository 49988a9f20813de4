//! Arithmetic expressions of columns, such as `ln(i0/itrans)`.
//!
//! ```text
//! sum     = product { (+|-) product }        power = atom [ ^ sign ]
//! product = sign { (*|/) sign }              atom  = number | function ( sum ) | ( sum ) | column
//! sign    = [-|+] sign | power               column = label | "label" | c3 | $3
//! ```
//! An integer as the whole expression is a column number, counted from 1. Functions: ln and log (both
//! natural), log10, exp, abs, sqrt.

use crate::ambiguity::listed;

/// Greatest nesting depth of parentheses.
const DEEPEST: usize = 64;

/// Greatest length of an expression in bytes.
const LONGEST: usize = 1 << 16;

/// A step of the evaluation in postfix order.
#[derive(Debug, Clone)]
enum Step {
    Number(f64),
    Column(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Call(fn(f64) -> f64),
}

/// A parsed expression in postfix order.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    steps: Vec<Step>,
}

impl Expression {
    /// Parses an expression of columns with these labels; the error is a message.
    pub(crate) fn parse(text: &str, labels: &[String]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the expression is too long: {} bytes", text.len()));
        }
        let trimmed = text.trim();
        if let Some(column) = exact(trimmed, labels) {
            return Ok(Self { steps: vec![Step::Column(column)] });
        }
        if !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self { steps: vec![Step::Column(numbered(trimmed, labels.len())?)] });
        }
        let mut parser = Parser { text: trimmed, at: 0, depth: 0, labels, steps: Vec::new() };
        parser.sum()?;
        parser.skip_blanks();
        match parser.rest() {
            "" => Ok(Self { steps: parser.steps }),
            rest => Err(format!("unexpected `{rest}` after the expression")),
        }
    }

    /// The value for one row of numbers.
    pub(crate) fn value(&self, row: &[f64]) -> f64 {
        let mut stack: Vec<f64> = Vec::with_capacity(8);
        for step in &self.steps {
            let mut pop = || stack.pop().expect("operands precede their operator");
            let value = match step {
                Step::Number(number) => *number,
                Step::Column(column) => row[*column],
                Step::Negate => -pop(),
                Step::Call(function) => function(pop()),
                binary => {
                    let right = pop();
                    let left = pop();
                    match binary {
                        Step::Add => left + right,
                        Step::Subtract => left - right,
                        Step::Multiply => left * right,
                        Step::Divide => left / right,
                        _ => left.powf(right),
                    }
                }
            };
            stack.push(value);
        }
        stack.pop().expect("an expression has a value")
    }

    /// The columns that occur in the expression.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().filter_map(|step| match step {
            Step::Column(column) => Some(*column),
            _ => None,
        })
    }
}

/// The column with this label; an exact match takes precedence over one that ignores case.
pub(crate) fn exact(text: &str, labels: &[String]) -> Option<usize> {
    labels
        .iter()
        .position(|label| label == text)
        .or_else(|| labels.iter().position(|label| label.eq_ignore_ascii_case(text)))
}

/// The column with this number, counted from 1.
pub(crate) fn numbered(digits: &str, columns: usize) -> Result<usize, String> {
    match digits.parse::<usize>() {
        Ok(number) if (1..=columns).contains(&number) => Ok(number - 1),
        _ => Err(format!("no column {digits}; the columns are 1 to {columns}")),
    }
}

/// A column in the text of an expression, and the length of the text that stands for it.
struct ColumnToken {
    column: usize,
    length: usize,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    labels: &'a [String],
    steps: Vec<Step>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Consumes a symbol if it comes next.
    fn take(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn sum(&mut self) -> Result<(), String> {
        self.product()?;
        loop {
            let step = if self.take("+") {
                Step::Add
            } else if self.take("-") {
                Step::Subtract
            } else {
                return Ok(());
            };
            self.product()?;
            self.steps.push(step);
        }
    }

    fn product(&mut self) -> Result<(), String> {
        self.sign()?;
        loop {
            let step = if self.take("*") {
                Step::Multiply
            } else if self.take("/") {
                Step::Divide
            } else {
                return Ok(());
            };
            self.sign()?;
            self.steps.push(step);
        }
    }

    fn sign(&mut self) -> Result<(), String> {
        let mut negative = false;
        loop {
            if self.take("-") {
                negative = !negative;
            } else if !self.take("+") {
                break;
            }
        }
        self.atom()?;
        if self.take("**") || self.take("^") {
            self.nested(Self::sign)?;
            self.steps.push(Step::Power);
        }
        if negative {
            self.steps.push(Step::Negate);
        }
        Ok(())
    }

    fn nested(&mut self, rule: fn(&mut Self) -> Result<(), String>) -> Result<(), String> {
        if self.depth == DEEPEST {
            return Err(format!("the expression is nested deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        rule(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn parenthesis(&mut self) -> Result<(), String> {
        self.nested(Self::sum)?;
        if self.take(")") { Ok(()) } else { Err(self.missing_parenthesis()) }
    }

    fn missing_parenthesis(&self) -> String {
        match self.rest() {
            "" => "missing `)` at the end of the expression".to_owned(),
            rest => format!("missing `)` before `{rest}`"),
        }
    }

    fn atom(&mut self) -> Result<(), String> {
        if self.take("(") {
            return self.parenthesis();
        }
        self.skip_blanks();
        if let Some(ColumnToken { column, length }) = self.column()? {
            self.at += length;
            self.steps.push(Step::Column(column));
            return Ok(());
        }
        let rest = self.rest();
        let word = word(rest);
        if let Some((number, length)) = leading_number(rest) {
            self.at += length;
            self.steps.push(Step::Number(number));
            return Ok(());
        }
        if !word.is_empty() && rest[word.len()..].trim_start().starts_with('(') {
            let function = function(word).ok_or_else(|| {
                format!("no function `{word}`; the functions are ln, log, log10, exp, abs and sqrt")
            })?;
            self.at += word.len();
            self.take("(");
            self.parenthesis()?;
            self.steps.push(Step::Call(function));
            return Ok(());
        }
        Err(match rest {
            "" => "missing operand at the end of the expression".to_owned(),
            _ if word.is_empty() => format!("`{rest}` is not a number, column or function"),
            _ => self.no_column(word),
        })
    }

    fn no_column(&self, name: &str) -> String {
        format!("no column `{name}`; the columns are {}", listed(self.labels))
    }

    /// The column that comes next: the longest label that matches, so that `PreKB-I0` is not a difference.
    fn column(&self) -> Result<Option<ColumnToken>, String> {
        let rest = self.rest();
        for quote in ['"', '\'', '`'] {
            if let Some((label, _)) = rest.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
                return match exact(label, self.labels) {
                    Some(column) => Ok(Some(ColumnToken { column, length: label.len() + 2 })),
                    None => Err(self.no_column(label)),
                };
            }
        }
        let fitting = |same: fn(&str, &str) -> bool| {
            let fits = |label: &str| {
                let start = rest.get(..label.len());
                let ends = !rest.get(label.len()..).is_some_and(|behind| behind.starts_with(part_of_word));
                let begins = label.starts_with(|first: char| first.is_alphabetic() || first == '_');
                begins && ends && start.is_some_and(|start| same(start, label))
            };
            let labels = self.labels.iter().enumerate().rev().filter(|(_, label)| fits(label));
            let longest = labels.max_by_key(|(_, label)| label.len());
            longest.map(|(column, label)| ColumnToken { column, length: label.len() })
        };
        let found = fitting(|start, label| start == label)
            .or_else(|| fitting(|start, label| start.eq_ignore_ascii_case(label)));
        if found.is_some() {
            return Ok(found);
        }
        let number = rest.strip_prefix('$').or_else(|| {
            let behind = ["col", "c"].into_iter().find_map(|start| rest.strip_prefix(start));
            behind.filter(|behind| word(behind).bytes().all(|byte| byte.is_ascii_digit()))
        });
        let digits =
            number.map_or("", |number| &number[..number.bytes().take_while(u8::is_ascii_digit).count()]);
        if digits.is_empty() {
            return Ok(None);
        }
        let length = rest.len() - number.map_or(0, str::len) + digits.len();
        numbered(digits, self.labels.len()).map(|column| Some(ColumnToken { column, length }))
    }
}

fn part_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|character| !part_of_word(character)).unwrap_or(text.len())]
}

fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name.to_ascii_lowercase().as_str() {
        "ln" | "log" => f64::ln,
        "log10" => f64::log10,
        "exp" => f64::exp,
        "abs" => f64::abs,
        "sqrt" => f64::sqrt,
        _ => return None,
    })
}

/// An unsigned number at the start of a text, and its length in bytes.
fn leading_number(text: &str) -> Option<(f64, usize)> {
    let digits =
        |from: usize| text.as_bytes()[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if text[length..].starts_with('.') {
        length += 1 + digits(length + 1);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['-', '+']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    text[..length].parse().ok().map(|number| (number, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels() -> Vec<String> {
        ["energy", "i0", "itrans", "PreKB-I0", "DT Corr I0", "I1"].map(String::from).to_vec()
    }

    fn value(text: &str) -> Result<f64, String> {
        // energy, i0, itrans, PreKB-I0, DT Corr I0, I1
        Expression::parse(text, &labels()).map(|expression| expression.value(&[7.0, 8.0, 2.0, 3.0, 5.0, 9.0]))
    }

    #[test]
    fn expressions_have_the_value_of_arithmetic() {
        for (text, expected) in [
            ("ln(i0/itrans)", 4f64.ln()),
            ("-LN( I0 / ITRANS )", -(4f64.ln())),
            ("log10(i0*itrans)", 16f64.log10()),
            ("3", 2.0),
            ("3.0", 3.0),
            ("(c3+c4)/i0", 5.0 / 8.0),
            ("$2-$3", 6.0),
            ("col1 - 2*3", 1.0),
            ("8/2/2", 2.0),
            ("i0-itrans-1", 5.0),
            ("2^3^2", 512.0),
            ("-2^2", -4.0),
            ("PreKB-I0 - I0", -5.0),
            ("\"DT Corr I0\" * 2", 10.0),
            ("DT Corr I0/i1", 5.0 / 9.0),
            ("abs(-1.5e1) + sqrt(4) + exp(0)", 18.0),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn messages_state_the_error() {
        for (text, message) in [
            ("", "missing operand at the end of the expression"),
            ("ln(i0", "missing `)` at the end of the expression"),
            ("i0 itrans", "unexpected `itrans` after the expression"),
            ("ln(i0/it)", "no column `it`; the columns are energy, i0, itrans, PreKB-I0, DT Corr I0, I1"),
            ("sin(i0)", "no function `sin`; the functions are ln, log, log10, exp, abs and sqrt"),
            ("7", "no column 7; the columns are 1 to 6"),
            ("c0", "no column 0; the columns are 1 to 6"),
            ("i0 * ", "missing operand at the end of the expression"),
            ("i0 * &", "`&` is not a number, column or function"),
        ] {
            assert_eq!(value(text), Err(message.to_owned()), "{text}");
        }
        assert!(value(&"(".repeat(1000)).unwrap_err().contains("nested deeper"));
        assert!(value(&"1^".repeat(1000)).unwrap_err().contains("nested deeper"));
        assert!(value(&"(".repeat(90_000)).unwrap_err().contains("too long"));
    }

    proptest! {
        #[test]
        fn the_parser_never_panics(text in "[-+*/^()a-z0-9 .$\"'é_]{0,40}") {
            let _any = value(&text);
        }
    }
}
