//! Messages from JavaScript: values by name, so that two of them can never be confused.
//!
//! A field is the length of its name in a byte, the name, a tag and the value: a number as 8 bytes of a float, text and
//! bytes behind their length in 4 bytes. `pkg/src/session/message.ts` writes them.
//!
//! No objects cross, which spares the glue that would read them. A field that is missing, of another type, there twice
//! or not asked for is an error, so a skew between the two languages shows at once.

use crate::Error;

// The tags of values, which `message.ts` has as well.
const NO: u8 = 0;
const YES: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;

/// The fields of a message that have not been asked for yet. Every fault is [`Error::CommandInvalid`].
pub(super) struct Message<'a>(Vec<(&'a [u8], Value<'a>)>);

/// A value as it came; the reader of the field says which type it must have.
#[derive(Clone, Copy)]
enum Value<'a> {
    Flag(bool),
    Number(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Message<'a> {
    /// Splits a message into its fields. A name that is there twice leaves one field over, which [`Message::end`]
    /// refuses.
    pub(super) fn read(mut rest: &'a [u8]) -> Result<Self, Error> {
        let mut fields = Vec::new();
        while let Some((&len, after)) = rest.split_first() {
            let (name, after) = after.split_at_checked(usize::from(len)).ok_or(Error::CommandInvalid)?;
            let (&tag, after) = after.split_first().ok_or(Error::CommandInvalid)?;
            let (value, after) = value(tag, after)?;
            fields.push((name, value));
            rest = after;
        }
        Ok(Self(fields))
    }

    /// A number that counts something or is a time: whole, and not negative.
    pub(super) fn integer(&mut self, name: &str) -> Result<u64, Error> {
        self.optional_integer(name)?.ok_or(Error::CommandInvalid)
    }

    /// Such a number, or `None`. A fraction is cut off and a negative number becomes 0, so that no number can trap.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and not-a-number is 0"
    )]
    pub(super) fn optional_integer(&mut self, name: &str) -> Result<Option<u64>, Error> {
        self.take(name, |value| match value {
            Value::Number(number) => Some(number as u64),
            _ => None,
        })
    }

    /// A flag that must be there.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Error> {
        self.optional_flag(name)?.ok_or(Error::CommandInvalid)
    }

    /// A flag, or `None`.
    pub(super) fn optional_flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        self.take(name, |value| match value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        })
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> Result<&'a str, Error> {
        self.optional_text(name)?.ok_or(Error::CommandInvalid)
    }

    /// A text, or `None`, which differs from an empty text.
    pub(super) fn optional_text(&mut self, name: &str) -> Result<Option<&'a str>, Error> {
        self.take(name, |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        })
    }

    /// Bytes that must be there.
    pub(super) fn bytes(&mut self, name: &str) -> Result<&'a [u8], Error> {
        self.optional_bytes(name)?.ok_or(Error::CommandInvalid)
    }

    /// Bytes, or `None`.
    pub(super) fn optional_bytes(&mut self, name: &str) -> Result<Option<&'a [u8]>, Error> {
        self.take(name, |value| match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// Checks that every field has been asked for. One that is left over has been misspelt.
    pub(super) fn end(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::CommandInvalid)
        }
    }

    /// Takes a field out. A field of another type is an error even where the field may be missing.
    fn take<T>(&mut self, name: &str, as_type: impl FnOnce(Value<'a>) -> Option<T>) -> Result<Option<T>, Error> {
        let Some(index) = self.0.iter().position(|(other, _)| *other == name.as_bytes()) else {
            return Ok(None);
        };
        // The order of fields means nothing, so the cheap removal will do.
        let (_, value) = self.0.swap_remove(index);
        as_type(value).map(Some).ok_or(Error::CommandInvalid)
    }
}

/// The value of a tag, and what follows it.
fn value(tag: u8, rest: &[u8]) -> Result<(Value<'_>, &[u8]), Error> {
    match tag {
        NO => Ok((Value::Flag(false), rest)),
        YES => Ok((Value::Flag(true), rest)),
        NUMBER => {
            let (number, rest) = rest.split_first_chunk().ok_or(Error::CommandInvalid)?;
            Ok((Value::Number(f64::from_be_bytes(*number)), rest))
        }
        TEXT | BYTES => {
            let (len, rest) = rest.split_first_chunk().ok_or(Error::CommandInvalid)?;
            let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| Error::CommandInvalid)?;
            let (bytes, rest) = rest.split_at_checked(len).ok_or(Error::CommandInvalid)?;
            if tag == BYTES {
                return Ok((Value::Bytes(bytes), rest));
            }
            // JavaScript's encoder writes UTF-8 only; this is checked all the same, since no `unsafe` is allowed
            // here.
            let text = std::str::from_utf8(bytes).map_err(|_| Error::CommandInvalid)?;
            Ok((Value::Text(text), rest))
        }
        _ => Err(Error::CommandInvalid),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `{ now: 7, sub: "ada", record: [1, 2], cookie: true }`.
    const BYTES_OF_FOUR: &[u8] =
        b"\x03now\x02\x40\x1c\0\0\0\0\0\0\x03sub\x03\0\0\0\x03ada\x06record\x04\0\0\0\x02\x01\x02\x06cookie\x01";

    #[test]
    fn fields_are_found_by_name() {
        let mut message = Message::read(BYTES_OF_FOUR).unwrap();
        assert_eq!(message.flag("cookie"), Ok(true));
        assert_eq!(message.text("sub"), Ok("ada"));
        assert_eq!(message.bytes("record"), Ok(&[1, 2][..]));
        assert_eq!(message.optional_text("jkt"), Ok(None));
        assert_eq!(message.integer("now"), Ok(7));
        assert_eq!(message.end(), Ok(()));
    }

    #[test]
    fn what_is_missing_or_of_another_type_or_misspelt_is_refused() {
        let of_four = || Message::read(BYTES_OF_FOUR).unwrap();
        assert_eq!(of_four().text("sid"), Err(Error::CommandInvalid));
        assert_eq!(of_four().text("now"), Err(Error::CommandInvalid));
        assert_eq!(of_four().optional_integer("sub"), Err(Error::CommandInvalid));
        assert_eq!(of_four().end(), Err(Error::CommandInvalid));
        for len in 1..BYTES_OF_FOUR.len() {
            let cut = Message::read(&BYTES_OF_FOUR[..len]).map_or(0, |message| message.0.len());
            assert!(cut < 4);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = Message::read(&bytes);
        }
    }
}
