//! Time spans such as `15m` or `2 days`, in the grammar of npm `ms`.

use crate::Error;

/// The longest text that is read, in characters.
const MAX_LEN: usize = 100;

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;
const WEEK: f64 = 7.0 * DAY;
const YEAR: f64 = 365.25 * DAY;

/// The milliseconds of a time span: a decimal number, spaces, and a unit; without a unit it is milliseconds.
///
/// ```
/// use tandem_jwt::timespan::milliseconds;
///
/// assert_eq!(milliseconds("15m"), Ok(900_000.0));
/// assert_eq!(milliseconds("1.5 hours"), Ok(5_400_000.0));
/// assert_eq!(milliseconds("120"), Ok(120.0));
/// assert!(milliseconds("1h30m").is_err());
/// ```
pub fn milliseconds(text: &str) -> Result<f64, Error> {
    let (number, unit) = split(text)?;
    let value: f64 = number.parse().map_err(|_| Error::TimespanInvalid)?;
    Ok(value * unit)
}

/// The decimal number of a time span as it stands, and the milliseconds of its unit.
///
/// For a host that reads decimal numbers itself: the tables for it are a quarter of the wasm otherwise.
pub fn split(text: &str) -> Result<(&str, f64), Error> {
    if text.len() > MAX_LEN {
        return Err(Error::TimespanInvalid);
    }
    let number_len = number_len(text).ok_or(Error::TimespanInvalid)?;
    let (number, rest) = text.split_at_checked(number_len).ok_or(Error::TimespanInvalid)?;
    let unit = unit_milliseconds(rest.trim_start_matches(' ')).ok_or(Error::TimespanInvalid)?;
    Ok((number, unit))
}

/// The length of `-?` digits with at most one point, which a digit must follow.
fn number_len(text: &str) -> Option<usize> {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with('-'));
    let whole = digits(sign);
    if text.as_bytes().get(sign + whole) == Some(&b'.') {
        let fraction = digits(sign + whole + 1);
        (fraction > 0).then_some(sign + whole + 1 + fraction)
    } else {
        (whole > 0).then_some(sign + whole)
    }
}

fn unit_milliseconds(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => WEEK,
        "y" | "yr" | "yrs" | "year" | "years" => YEAR,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_grammar() {
        for (text, expected) in [
            ("1s", 1e3),
            ("15m", 9e5),
            ("2 days", 2.0 * DAY),
            ("1.5h", 1.5 * HOUR),
            (".5h", 0.5 * HOUR),
            ("-1h", -HOUR),
            ("-.5 MINS", -0.5 * MINUTE),
            ("1y", YEAR),
            ("120", 120.0),
            ("10   w", 10.0 * WEEK),
            ("0", 0.0),
        ] {
            assert_eq!(milliseconds(text), Ok(expected), "{text:?}");
        }
        for text in [
            "", " 1h", "1h ", "1.h", "1.", "+1h", "1h30m", "1mo", "1e3", "-", ".", "h", "--1h", "1 h s", "1\th", "١h",
        ] {
            assert_eq!(milliseconds(text), Err(Error::TimespanInvalid), "{text:?}");
        }
    }

    #[test]
    fn at_most_a_hundred_characters() {
        assert_eq!(milliseconds(&"1".repeat(100)), Ok("1".repeat(100).parse().unwrap()));
        assert_eq!(milliseconds(&"1".repeat(101)), Err(Error::TimespanInvalid));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = milliseconds(&text);
        }
    }
}
