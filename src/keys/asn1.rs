//! The little of ASN.1 that keys are written in: the distinguished encoding rules, read strictly (X.690 §10).
//!
//! A lax reader would accept several spellings of one key, each with a fingerprint of its own, and bytes after the end
//! that could hide anything. The reader neither copies nor recurses, so nesting costs no stack.

#[cfg(feature = "keys")]
use zeroize::Zeroizing;

use crate::Error;

// The tags that occur in keys.
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The tag of a constructed, context-specific element. Optional members carry such tags, so that a reader knows which
/// of them comes next.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Reads elements one after the other. Anything malformed is [`Error::KeyInvalid`].
#[derive(Clone, Copy)]
pub(crate) struct DerReader<'a> {
    rest: &'a [u8],
}

impl<'a> DerReader<'a> {
    /// Reads elements from the front of these bytes.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The tag of the next element.
    /// `None` at the end. Nothing is consumed.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    /// On an error nothing is consumed.
    pub(crate) fn any(&mut self) -> Result<(u8, &'a [u8]), Error> {
        let (&tag, rest) = self.rest.split_first().ok_or(Error::KeyInvalid)?;
        // A tag that goes on in further bytes (X.690 §8.1.2.4), which no key has.
        if tag & 0x1f == 0x1f {
            return Err(Error::KeyInvalid);
        }
        let (&first, rest) = rest.split_first().ok_or(Error::KeyInvalid)?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // The long form only where the length needs it, and of at most three bytes: keys are far shorter.
            0x81..=0x83 => {
                let (digits, rest) = rest
                    .split_at_checked(usize::from(first & 0x7f))
                    .ok_or(Error::KeyInvalid)?;
                let len = digits.iter().fold(0, |len, &digit| len << 8 | usize::from(digit));
                // One value, one encoding: a second spelling of a key would have a second fingerprint (X.690 §10.1).
                if len < 0x80 || digits.first() == Some(&0) {
                    return Err(Error::KeyInvalid);
                }
                (len, rest)
            }
            // Longer lengths, and the indefinite one (0x80), which DER forbids (X.690 §10.1).
            _ => return Err(Error::KeyInvalid),
        };
        let (content, rest) = rest.split_at_checked(len).ok_or(Error::KeyInvalid)?;
        self.rest = rest;
        Ok((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn read(&mut self, tag: u8) -> Result<&'a [u8], Error> {
        match self.any()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(Error::KeyInvalid),
        }
    }

    /// The content of the next element if it has this tag.
    /// `None` at the end as well, and nothing is consumed then.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Error> {
        if self.peek() == Some(tag) {
            self.read(tag).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The elements of the next sequence. The caller reads them up to [`end`](Self::end), which checks that nothing is
    /// left unread.
    pub(crate) fn sequence(&mut self) -> Result<Self, Error> {
        self.read(SEQUENCE).map(Self::new)
    }

    /// The next integer, which must not be negative, without leading zeros (zero itself is empty).
    pub(crate) fn unsigned(&mut self) -> Result<&'a [u8], Error> {
        match self.read(INTEGER)? {
            [0] => Ok(&[]),
            // The zero in front keeps the number positive, and stands only where the next bit is set.
            [0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => Ok(rest),
            content @ [1..=0x7f, ..] => Ok(content),
            _ => Err(Error::KeyInvalid),
        }
    }

    /// The next integer, which must fit in 32 bits: a version, a count of rounds, the length of a salt.
    pub(crate) fn small(&mut self) -> Result<u32, Error> {
        match self.unsigned()? {
            digits if digits.len() <= 4 => Ok(digits.iter().fold(0, |number, &digit| number << 8 | u32::from(digit))),
            _ => Err(Error::KeyInvalid),
        }
    }

    /// The next bit string, which must be whole bytes, as all keys and signatures are.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], Error> {
        whole_bytes(self.read(BIT_STRING)?)
    }

    /// Checks that nothing is left. Bytes after the end belong to no member, so anyone could change them unnoticed.
    pub(crate) const fn end(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::KeyInvalid)
        }
    }
}

/// The bytes of a bit string's content.
pub(crate) fn whole_bytes(content: &[u8]) -> Result<&[u8], Error> {
    match content {
        // The first byte counts the unused bits at the end.
        [0, bytes @ ..] => Ok(bytes),
        _ => Err(Error::KeyInvalid),
    }
}

/// Writes one element around its content.
#[cfg(feature = "keys")]
pub(crate) fn element(tag: u8, content: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let len: usize = content.iter().map(|part| part.len()).sum();
    // The long form has only the bytes of the length that it needs (X.690 §10.1).
    let digits = len.to_be_bytes();
    // Room for one byte of tag and at most five of length. A vector that grows would leave a copy of the key behind.
    let mut out = Zeroizing::new(Vec::with_capacity(len + 6));
    out.push(tag);
    if len < 0x80 {
        out.extend(digits.last());
    } else {
        let skipped = digits.iter().take_while(|&&digit| digit == 0).count();
        out.extend(u8::try_from(digits.len() - skipped).map(|count| 0x80 | count));
        out.extend(digits.iter().skip(skipped));
    }
    for part in content {
        out.extend_from_slice(part);
    }
    out
}

/// Writes an integer from its big-endian bytes, which may have leading zeros.
#[cfg(feature = "keys")]
pub(crate) fn unsigned(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let bytes = bytes.get(zeros..).unwrap_or_default();
    match bytes.first() {
        Some(1..=0x7f) => element(INTEGER, &[bytes]),
        // A set top bit would make it negative; zero itself has no bytes left and needs one.
        _ => element(INTEGER, &[&[0], bytes]),
    }
}

/// Writes a bit string of whole bytes.
#[cfg(feature = "keys")]
pub(crate) fn bits(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    element(BIT_STRING, &[&[0], bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shortest_forms_are_read() {
        assert_eq!(DerReader::new(&[2, 1, 5]).unsigned(), Ok(&[5][..]));
        assert_eq!(DerReader::new(&[2, 1, 0]).unsigned(), Ok(&[][..]));
        assert_eq!(DerReader::new(&[2, 2, 0, 0x80]).unsigned(), Ok(&[0x80][..]));
        let bad: [&[u8]; 9] = [
            &[],
            &[2],
            &[2, 0],
            &[2, 2, 5],
            &[2, 1, 0x80],
            &[2, 2, 0, 5],
            &[2, 0x81, 1, 5],
            &[2, 0x80, 5, 0, 0],
            &[0x1f, 2, 1, 5],
        ];
        for bytes in bad {
            assert_eq!(DerReader::new(bytes).unsigned(), Err(Error::KeyInvalid), "{bytes:?}");
        }
    }

    #[cfg(feature = "keys")]
    #[test]
    fn what_is_written_is_read_back() {
        for len in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![0xff; len];
            let mut whole = unsigned(&content).to_vec();
            assert_eq!(DerReader::new(&whole).unsigned(), Ok(content.as_slice()));
            whole.push(0);
            let mut reader = DerReader::new(&whole);
            assert!(reader.any().is_ok());
            assert_eq!(reader.end(), Err(Error::KeyInvalid));
        }
    }
}
