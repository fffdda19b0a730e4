//! Requests and answers, reduced until they can be enumerated.

use tandem_jwt::session::{Epoch, Verdict};

use super::property::Property;

/// The sessions of one user, by number.
pub(crate) const SIDS: [&str; 4] = ["a", "b", "c", "d"];

/// A record that the machine keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State(pub(super) u32);

/// A refresh token in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Token {
    pub(crate) generation: u8,
    /// Distinguishes tokens of one generation: it becomes the salt.
    pub(crate) variant: u8,
    /// Altered on its way, so that its signature is wrong.
    pub(crate) tampered: bool,
}

impl Token {
    pub(crate) const FIRST: Self = Self {
        generation: 0,
        variant: 0,
        tampered: false,
    };

    /// A variant that is never made: such a token is signed, but no token with its identifier was ever handed out.
    pub(crate) const NEVER_MADE: u8 = 255;
}

/// Who presents a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum By {
    /// As the session's tokens are transported, and with its key if it has one.
    Owner,
    OtherTransport,
    OtherKey,
    NoKey,
}

/// The epoch of the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    pub(crate) value: u64,
    pub(crate) keep: Option<u8>,
    pub(crate) kept_from: u64,
}

impl Subject {
    /// In the form that the code under test takes.
    pub(crate) fn epoch(self) -> Epoch<'static> {
        Epoch {
            value: self.value,
            keep: self.keep.map(|sid| SIDS[usize::from(sid)]),
            kept_from: self.kept_from,
            clock_ms: None,
        }
    }

    /// What every store does to sign out everywhere but here: `nextEpoch` of the npm package; `now` is in milliseconds.
    pub(crate) fn sign_out(self, keep: Option<u8>, now: u64) -> Self {
        Self {
            value: now.max(self.value + 1),
            keep,
            kept_from: if keep.is_none() {
                0
            } else if self.keep == keep {
                self.kept_from
            } else {
                self.value
            },
        }
    }
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ask {
    /// The session of the token.
    pub(crate) sid: u8,
    pub(crate) token: Token,
    /// The tick.
    pub(crate) at: u64,
    pub(crate) by: By,
    /// Whether it requests a wider scope than was granted.
    pub(crate) wider: bool,
    pub(crate) subject: Subject,
    /// The variant of a successor, if one is made.
    pub(crate) fresh: u8,
    /// Whether the session that this one replaces has ended.
    pub(crate) replaced: bool,
}

impl Ask {
    /// The owner of the first session presents a token at a tick.
    pub(crate) fn new(token: Token, at: u64) -> Self {
        Self {
            sid: 0,
            token,
            at,
            by: By::Owner,
            wider: false,
            subject: Subject::default(),
            fresh: 0,
            replaced: false,
        }
    }

    /// The requested scope.
    pub(crate) fn scope(&self) -> Option<&'static str> {
        self.wider.then_some("read write")
    }
}

/// The answer to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// None if the token was refused before the record was read.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) access: bool,
    pub(crate) refresh: Option<Token>,
}

/// The effect of a request: the record after it, whether it was written, the answer, and any property broken by the
/// request alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    pub(crate) after: State,
    pub(crate) write: bool,
    pub(crate) answer: Answer,
    pub(crate) broken: Option<Property>,
}
