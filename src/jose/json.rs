//! The little JSON that is written and read here: strings and whole numbers, in one spelling each (RFC 8259).
//!
//! An application's claims pass through as text that the host has made. This crate reads only what it has written
//! itself, so the reader accepts the writer's spelling and no other. Nothing here is inlined: that would double the
//! wasm, and plain tokens do not come this way.

use crate::Error;

/// Lower-case digits, as `JSON.stringify` writes them.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a string with its quotes, escaped as `JSON.stringify` does.
#[inline(never)]
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if u32::from(control) < 0x20 => {
                let code = u32::from(control);
                out.push_str("\\u00");
                out.push(if code < 0x10 { '0' } else { '1' });
                out.push(char::from(HEX.get(code as usize % 16).copied().unwrap_or(b'0')));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

/// Appends a whole number.
#[inline(never)]
pub fn push_integer(out: &mut String, number: u64) {
    // Twenty digits hold any u64.
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(digits.len() - used).map(|&digit| char::from(digit)));
}

/// Appends `,"name":"value"`.
#[inline(never)]
pub fn push_string_member(out: &mut String, name: &str, value: &str) {
    push_name(out, name);
    push_string(out, value);
}

/// Appends `,"name":number`.
#[inline(never)]
pub fn push_integer_member(out: &mut String, name: &str, value: u64) {
    push_name(out, name);
    push_integer(out, value);
}

/// Appends `,"name":` before a value; the comma is left out behind an opening brace.
#[inline(never)]
pub fn push_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    push_string(out, name);
    out.push(':');
}

/// The text between the braces of a JSON object; [`Error::ClaimsInvalid`] without them.
///
/// No more is checked, since the host has made the text with `JSON.stringify`.
pub fn members(object: &str) -> Result<&str, Error> {
    object
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or(Error::ClaimsInvalid)
}

/// Appends the members of an object that is given as JSON text.
#[inline(never)]
pub fn push_members(out: &mut String, object: &str) -> Result<(), Error> {
    let members = members(object)?;
    if !members.is_empty() {
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str(members);
    }
    Ok(())
}

/// Reads what the functions above have written; any other spelling is [`Error::TokenMalformed`].
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a text, which must be UTF-8.
    pub fn new(text: &'a [u8]) -> Result<Self, Error> {
        let rest = std::str::from_utf8(text).map_err(|_| Error::TokenMalformed)?;
        Ok(Self { rest })
    }

    /// Skips exactly this text.
    #[inline(never)]
    pub fn literal(&mut self, text: &str) -> Result<(), Error> {
        self.rest = self.rest.strip_prefix(text).ok_or(Error::TokenMalformed)?;
        Ok(())
    }

    /// Reads a string with its quotes.
    #[inline(never)]
    pub fn string(&mut self) -> Result<String, Error> {
        self.literal("\"")?;
        let mut text = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next().ok_or(Error::TokenMalformed)? {
                '"' => break,
                '\\' => text.push(escaped(&mut characters).ok_or(Error::TokenMalformed)?),
                control if u32::from(control) < 0x20 => return Err(Error::TokenMalformed),
                plain => text.push(plain),
            }
        }
        self.rest = characters.as_str();
        Ok(text)
    }

    /// Reads a whole number.
    /// A sign, a fraction, an exponent or a leading zero would be a second spelling.
    #[inline(never)]
    pub fn integer(&mut self) -> Result<u64, Error> {
        let end = self
            .rest
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).ok_or(Error::TokenMalformed)?;
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(Error::TokenMalformed);
        }
        self.rest = rest;
        digits.parse().map_err(|_| Error::TokenMalformed)
    }

    /// Makes sure that nothing follows.
    pub fn end(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::TokenMalformed)
        }
    }
}

/// The character of an escape, after its backslash. None for an escape that the writer above would not have chosen.
fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        '"' => '"',
        '\\' => '\\',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let code = characters.as_str().get(..4)?;
            *characters = characters.as_str().get(4..)?.chars();
            // A `\u` escape is accepted only for characters without a shorter one, and in lower case, so that each
            // string has one text.
            let value = u32::from_str_radix(code, 16).ok()?;
            let control = char::from_u32(value).filter(|_| value < 0x20)?;
            let mut again = String::new();
            push_string(&mut again, control.encode_utf8(&mut [0; 4]));
            if again.get(3..7)? != code {
                return None;
            }
            control
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        push_string(&mut out, text);
        out
    }

    #[test]
    fn strings_are_written_as_json_stringify_does() {
        assert_eq!(
            written("a\"\\\n\u{1}\u{1f}\u{7f}é💧"),
            "\"a\\\"\\\\\\n\\u0001\\u001f\u{7f}é💧\""
        );
    }

    #[test]
    fn members_are_spliced() {
        let mut out = String::from("{");
        push_integer_member(&mut out, "n", 0);
        push_members(&mut out, "{}").unwrap();
        push_members(&mut out, r#"{"a":1}"#).unwrap();
        push_string_member(&mut out, "s", "t");
        assert_eq!(out, r#"{"n":0,"a":1,"s":"t""#);
        for bad in ["", "{", "null", "[]", "{}x"] {
            assert_eq!(push_members(&mut out, bad), Err(Error::ClaimsInvalid), "{bad:?}");
        }
    }

    #[test]
    fn only_the_writers_spelling_is_read() {
        for bad in [
            "",
            "\"",
            "\"a",
            "a\"",
            "\"\\x\"",
            "\"\\u0041\"",
            "\"\\u000a\"",
            "\"\\u001F\"",
            "\"\\/\"",
            "\"\n\"",
            "\"\\u+001\"",
            "\"\\ud800\"",
        ] {
            assert_eq!(
                Reader::new(bad.as_bytes()).unwrap().string(),
                Err(Error::TokenMalformed),
                "{bad:?}"
            );
        }
        for bad in ["", "-1", "00", "01", "18446744073709551616", "x"] {
            assert_eq!(
                Reader::new(bad.as_bytes()).unwrap().integer(),
                Err(Error::TokenMalformed),
                "{bad:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn another_parser_reads_the_same_string(text: String) {
            prop_assert_eq!(serde_json::from_str::<String>(&written(&text)).unwrap(), text);
        }

        #[test]
        fn another_parser_reads_the_same_number(number: u64) {
            let mut out = String::new();
            push_integer(&mut out, number);
            prop_assert_eq!(serde_json::from_str::<u64>(&out).unwrap(), number);
            let mut reader = Reader::new(out.as_bytes()).unwrap();
            prop_assert_eq!(reader.integer(), Ok(number));
            prop_assert!(reader.end().is_ok());
        }

        #[test]
        fn what_is_written_is_read(text in prop_oneof![any::<String>(), "[\\x00-\\x30\"\\\\]{0,12}"], tail: String) {
            let json = written(&text) + &tail;
            let mut reader = Reader::new(json.as_bytes()).unwrap();
            prop_assert_eq!(reader.string(), Ok(text));
            prop_assert!(reader.literal(&tail).is_ok());
            prop_assert!(reader.end().is_ok());
        }

        #[test]
        fn what_is_read_is_canonical(json in "\"[\\x00-\\x7f]{0,3}(\\\\u00[01][0-9a-fA-F])?(\\\\[\"nrtbf\\\\/])?[^\\x00]?\"") {
            if let Ok(text) = Reader::new(json.as_bytes()).unwrap().string() {
                prop_assert!(json.starts_with(&written(&text)));
            }
        }
    }
}
