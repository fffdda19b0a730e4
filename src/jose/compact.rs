//! The compact serialization: `header.payload.signature` (RFC 7515 §7.1).

use memchr::memrchr;

use crate::Error;

/// The longest token or payload that is read or written, in bytes.
///
/// No header or cookie holds as much. The bound keeps one call from taking memory that a wasm instance never gives
/// back.
pub const MAX_LEN: usize = 8 << 20;

/// A token split at its two dots; nothing is decoded yet.
#[derive(Clone, Copy, Debug)]
pub struct Compact<'a> {
    /// The encoded protected header.
    pub header: &'a [u8],
    /// The encoded payload.
    pub payload: &'a [u8],
    /// The encoded signature, empty for an unsecured token.
    pub signature: &'a [u8],
    /// The signing input: header, dot and payload (RFC 7515 §5.1).
    pub signing_input: &'a [u8],
}

impl<'a> Compact<'a> {
    /// Splits a token; anything but two dots is [`Error::TokenMalformed`].
    pub fn split(token: &'a [u8]) -> Result<Self, Error> {
        if token.len() > MAX_LEN {
            return Err(Error::TokenTooLarge);
        }
        // The second dot is searched from the right: the signature is short, and the payload may be long.
        let (signing_input, signature) = split_once_right(token).ok_or(Error::TokenMalformed)?;
        let (header, payload) = split_once_right(signing_input).ok_or(Error::TokenMalformed)?;
        // More parts are those of JWE (RFC 7516 §7.1), or of a token that two parsers would split differently.
        if header.contains(&b'.') {
            return Err(Error::TokenMalformed);
        }
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// The parts before and after the last dot.
fn split_once_right(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = memrchr(b'.', bytes)?;
    Some((bytes.get(..dot)?, bytes.get(dot + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_and_no_other_number() {
        let token = Compact::split(b"aa.bbb.c").unwrap();
        assert_eq!(
            (token.header, token.payload, token.signature),
            (&b"aa"[..], &b"bbb"[..], &b"c"[..])
        );
        assert_eq!(token.signing_input, b"aa.bbb");
        assert_eq!(Compact::split(b"aa.bbb.").unwrap().signature, b"");
        for bad in ["", "a", "a.b", "a.b.c.d", "....", "a.b.c."] {
            assert_eq!(
                Compact::split(bad.as_bytes()).unwrap_err(),
                Error::TokenMalformed,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn the_limit_is_on_the_whole_token() {
        let mut token = vec![b'a'; MAX_LEN + 1];
        assert_eq!(Compact::split(&token).unwrap_err(), Error::TokenTooLarge);
        token.pop();
        assert_eq!(Compact::split(&token).unwrap_err(), Error::TokenMalformed);
    }
}
