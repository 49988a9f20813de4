//! Numbers as they are written in print, and text escaped for markup.

/// `text` with the special characters of markup escaped; control characters become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(character),
            // XML permits no other control characters and neither of these two noncharacters.
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// `value` with `digits` decimals and a true minus sign.
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        // Rounded to zero: 0.0 instead of −0.0.
        Some(rest) if rest.bytes().all(|byte| byte == b'0' || byte == b'.') => rest.into(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// 10 to the `exponent`, in superscript digits.
pub fn power_of_ten(exponent: i32) -> String {
    let superscript = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32('⁰' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
    };
    format!("10{}", exponent.to_string().chars().map(superscript).collect::<String>())
}

/// `value` rounded to `digits` significant digits, without trailing zeros.
///
/// Numbers from 10⁶ and below 10⁻³ are written with a power of ten.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "–".into()
        } else {
            (if value > 0.0 { "∞" } else { "−∞" }).into()
        };
    }
    if value == 0.0 {
        return "0".into();
    }
    let digits = digits.max(1);
    // Formatting rounds first, so that 9.996 to three digits is 10.0 and not 9.00.
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.into()
        }
    };
    if (-3..=5).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        // From 10⁵, digits left of the point are rounded as well.
        let rounded: f64 = if exponent < 5 { value } else { scientific.parse().unwrap_or(value) };
        return trimmed(&fixed(rounded, decimals));
    }
    let mantissa = trimmed(mantissa);
    let mantissa = mantissa.strip_prefix('-').map_or(mantissa.clone(), |rest| format!("−{rest}"));
    format!("{mantissa}×{}", power_of_ten(exponent))
}

/// A count with thin spaces between groups of three digits, from five digits on.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{A0}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun, which takes an s unless the count is 1.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(n)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_print() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (-1.5, "−1.5"),
            (-0.0, "0"),
            (9.996, "10"),
            (1234.0, "1234"),
            (-480.126, "−480"),
            (0.00123, "0.00123"),
            (1.2e-7, "1.2×10⁻⁷"),
            (-3.0e12, "−3×10¹²"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        for (value, expected) in cases {
            assert_eq!(significant(value, 3), expected, "{value}");
        }
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(
            (count(1024), count(16384), count(1_048_576)),
            ("1024".into(), "16\u{A0}384".into(), "1\u{A0}048\u{A0}576".into())
        );
    }

    #[test]
    fn markup_in_text_is_text() {
        assert_eq!(escape("<a href='x'>&\"\u{0}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot; ");
    }
}
