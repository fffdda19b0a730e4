//! The binary form of records, commands and outcomes: fields in a fixed order, integers big-endian, text by its length.
//!
//! There is one encoding for every value, and reading is strict: a wrong tag, a missing byte or one too many is an
//! error. Nothing here is inlined: there are a hundred callers, none on the hot path, and inlining would double the
//! wasm.

use zeroize::Zeroizing;

use crate::Error;

/// The format of records, commands and outcomes, by their first byte. The previous one is still read, so that servers
/// of two versions can share a store. A record in an unknown format is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Tokens are not bound to the facts of their session, and a step-up is not done in two steps.
    Previous,
    /// The format that is written.
    Current,
}

impl Format {
    /// The first byte of everything in this format.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Previous => 1,
            Self::Current => 2,
        }
    }

    /// The format of the first byte. An unknown one is an error, which callers answer with "not now" and never with a
    /// logout.
    pub(super) fn read(reader: &mut FieldReader<'_>) -> Result<Self, Error> {
        match reader.byte()? {
            1 => Ok(Self::Previous),
            2 => Ok(Self::Current),
            _ => Err(reader.error()),
        }
    }
}

/// Writes fields one after the other.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Writer {
    #[inline(never)]
    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    #[inline(never)]
    pub(super) fn number(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    /// Bytes of a fixed length, which is not written.
    #[inline(never)]
    pub(super) fn array<const N: usize>(&mut self, value: &[u8; N]) {
        self.bytes.extend_from_slice(value);
    }

    /// At most 65,535 bytes. The rest of a longer value is cut off, which [`Writer::is_cut`] tells.
    #[inline(never)]
    pub(super) fn bytes(&mut self, value: &[u8]) {
        let len = u16::try_from(value.len()).unwrap_or_else(|_| {
            self.is_cut = true;
            u16::MAX
        });
        self.bytes.extend_from_slice(&len.to_be_bytes());
        self.bytes.extend(value.iter().take(usize::from(len)));
    }

    #[inline(never)]
    pub(super) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// A byte that tells whether there is a value, and the value.
    #[inline(never)]
    pub(super) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Whether a value did not fit. Whoever writes what a stranger may have sent has to ask, because the rest of the
    /// value would go unjudged. Records need no such check: a field of that length makes them too long anyway.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// For key material: the caller's copy is wiped when it is dropped.
    pub(super) fn finish_secret(self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes)
    }
}

/// Reads fields one after the other. Any fault is reported as the error that the reader was made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldReader<'a> {
    rest: &'a [u8],
    error: Error,
}

impl<'a> FieldReader<'a> {
    pub(super) const fn new(bytes: &'a [u8], error: Error) -> Self {
        Self { rest: bytes, error }
    }

    pub(super) const fn error(&self) -> Error {
        self.error
    }

    #[inline(never)]
    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    #[inline(never)]
    pub(super) fn number(&mut self) -> Result<u64, Error> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    #[inline(never)]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (front, rest) = self.rest.split_first_chunk().ok_or(self.error)?;
        self.rest = rest;
        Ok(*front)
    }

    #[inline(never)]
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let len = usize::from(u16::from_be_bytes(self.array()?));
        let (front, rest) = self.rest.split_at_checked(len).ok_or(self.error)?;
        self.rest = rest;
        Ok(front)
    }

    #[inline(never)]
    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(|_| self.error)
    }

    /// A byte that is 0 or 1. Any other would be a second encoding of the same value.
    #[inline(never)]
    pub(super) fn flag(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.error),
        }
    }

    #[inline(never)]
    pub(super) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Checks that nothing is left. Bytes after the end come from a format that this version does not know.
    pub(super) fn end(self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_order() {
        let mut writer = Writer::default();
        writer.byte(7);
        writer.number(u64::MAX);
        writer.text("é");
        writer.optional(Some(3), Writer::number);
        writer.optional(None, Writer::number);
        let bytes = writer.finish();
        let mut reader = FieldReader::new(&bytes, Error::RecordInvalid);
        assert_eq!(reader.byte(), Ok(7));
        assert_eq!(reader.number(), Ok(u64::MAX));
        assert_eq!(reader.text(), Ok("é"));
        assert_eq!(reader.optional(FieldReader::number), Ok(Some(3)));
        assert_eq!(reader.optional(FieldReader::number), Ok(None));
        assert!(reader.end().is_ok());
    }

    #[test]
    fn a_value_that_does_not_fit_is_told() {
        for (len, is_cut) in [(0, false), (65_535, false), (65_536, true)] {
            let mut writer = Writer::default();
            writer.bytes(&vec![b'a'; len]);
            writer.byte(7);
            assert_eq!(writer.is_cut(), is_cut, "{len}");
        }
    }

    #[test]
    fn a_wrong_byte_is_the_readers_error() {
        assert_eq!(
            FieldReader::new(&[2], Error::CommandInvalid).flag(),
            Err(Error::CommandInvalid)
        );
        assert_eq!(
            FieldReader::new(&[0, 2, b'a'], Error::RecordInvalid).text(),
            Err(Error::RecordInvalid)
        );
        assert_eq!(
            FieldReader::new(&[0, 1, 0xff], Error::RecordInvalid).text(),
            Err(Error::RecordInvalid)
        );
        assert_eq!(
            FieldReader::new(&[0], Error::RecordInvalid).end(),
            Err(Error::RecordInvalid)
        );
    }
}
