//! The step under test, small enough to be explored: one session, times in ticks, and rules that can be taken out.

use std::cell::RefCell;
use std::collections::HashMap;

use tandem_jwt::session::keys::RefreshKeys;
use tandem_jwt::session::{
    Epoch, NewSession, Outcome, Policy, Reason, Refresh, Row, SessionKey, Status, Transport, Verdict, issue, step,
};

/// Tick 0, in seconds.
pub(crate) const START: u64 = 1_000_000;

/// The longest one-way delay.
pub(crate) const DELAY: u8 = 1;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Property {
    /// One parent has one successor.
    I1,
    /// A generation that was burned never yields tokens.
    I2,
    /// A repeated request within the grace changes no generation and gets an equal token, or an access token only.
    I3,
    /// Honest requests whose round trip is within the grace are never refused.
    I4,
    /// Neither are they after losses and sleeps within the recovery.
    I5,
    /// Of two holders, one that misses the other's window is found out.
    I6,
    /// Nothing changes without the right identifier but to end the session.
    I7,
    /// Within the grace neither idle nor absolute end nor the anchor of recovery moves, and hand-outs are counted.
    I8,
    /// What was revoked stays so.
    I9,
    /// A crash after the write leaves a retry that works.
    I10,
    /// A refresh token is given only if it differs from the one that came.
    I11,
    /// Claims never go back, and the grant never changes.
    I12,
    /// The absolute end never moves, and nothing is given after it.
    I13,
    /// Another transport or key gets nothing, and changes nothing.
    Binding,
    /// A token newer than the record yields nothing.
    I15,
    /// Generations decide, not times: an old token of the same second is old.
    I16,
}

/// A rule of the step taken out, or turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mutant {
    /// The current token rotates while it is on its way to others.
    NoDebounce,
    /// The current token is given back to who presents it.
    CookieForCurrent,
    /// A retry gets a successor of its own.
    Siblings,
    /// The grace runs from the first hand-out, not from the last.
    HandOutForgotten,
    /// Recovery hands out the old successor and burns nothing.
    NoBurn,
    /// Recovery runs from the last one.
    AnchorSlides,
    /// Hand-outs are not counted.
    HandOutsForEver,
    /// Hand-outs used up are a refusal.
    TooManyRequests,
    /// An old token is refused and nothing more.
    NoRevocation,
    /// A token from the future counts as the current one.
    FutureAccepted,
    /// Identifiers are not compared.
    AnyIdentifier,
    /// Nothing recovers.
    NoRecovery,
    /// A retry within the grace makes the session longer.
    IdleSlides,
    /// A rotation makes the session longer.
    AbsoluteSlides,
    /// The absolute end is not looked at.
    NoAbsoluteEnd,
    /// A revoked session is looked at like any other.
    RevokedForgotten,
    /// The epoch is not looked at.
    EpochForgotten,
    /// How the token travelled is not looked at.
    AnyTransport,
    /// The answer leaves before the record is written, and the write is lost.
    AnswerBeforeWrite,
    /// Every ancestor counts as the parent, once its second is over.
    AnyAncestor,
    /// What was made in the same second is taken for new.
    TimesDecide,
}

/// A refresh token in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Token {
    pub(crate) generation: u8,
    /// Tells tokens of one generation apart.
    pub(crate) salt: u8,
    /// With an identifier that was never made.
    pub(crate) forged: bool,
}

impl Token {
    pub(crate) const FIRST: Self = Self {
        generation: 0,
        salt: 0,
        forged: false,
    };
}

/// What one request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) access: bool,
    pub(crate) refresh: Option<Token>,
}

/// A record, by what the rules look at; times in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) status: Status,
    pub(crate) generation: u8,
    salt: u8,
    pub(crate) parent: Option<(u8, u8)>,
    pub(crate) rotated_at: u64,
    pub(crate) handed_out_at: u64,
    pub(crate) hand_outs: u64,
    epoch: Option<u64>,
    abs_exp: u64,
}

/// Record, token, tick, epoch, and whether it came by cookie.
type Asked = (State, Token, u64, u64, bool);

type Taken = (State, Answer, Option<Property>);

/// The step with its policy, and perhaps without one of its rules.
pub(crate) struct Machine {
    pub(crate) policy: Policy,
    pub(crate) mutant: Option<Mutant>,
    key: SessionKey,
    rows: RefCell<HashMap<State, Row>>,
    taken: RefCell<HashMap<Asked, Taken>>,
}

impl Machine {
    pub(crate) fn new(recovery: u64, grace: u64, mutant: Option<Mutant>) -> Self {
        let policy = Policy {
            access_ttl: 1,
            refresh_idle: 10_000,
            absolute: 10_000,
            grace,
            recovery,
            hand_outs: 3,
            jitter: 0,
        };
        let mut keys = RefreshKeys::default();
        keys.add(Some("k"), &[7; 32]).unwrap();
        let key = keys.signing().unwrap().session_key("sid");
        Self {
            policy,
            mutant,
            key,
            rows: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    /// A new session, `life` ticks long.
    pub(crate) fn begin(&self, life: u64) -> State {
        let new = NewSession {
            iss: "iss",
            sub: "sub",
            sid: "sid",
            kid: "k",
            salt: [0; 16],
            transport: Transport::Cookie,
            jkt: None,
            scope: Some("read"),
            auth_time: START,
            acr: None,
            claims: "{}",
            meta: "{}",
        };
        let mut row = issue(&new, &self.policy, START).unwrap();
        row.epoch = Some(0);
        row.abs_exp = START + life;
        self.keep(row)
    }

    /// The record of a state.
    pub(crate) fn row(&self, state: State) -> Row {
        self.rows.borrow()[&state].clone()
    }

    /// Remembers a record under its state. Records that differ in nothing that a rule looks at count as one.
    pub(crate) fn keep(&self, row: Row) -> State {
        let state = State {
            status: match row.status {
                Status::Revoked { reason, .. } => Status::Revoked { at: 0, reason },
                other => other,
            },
            generation: u8::try_from(row.generation).unwrap(),
            salt: row.salt[0],
            parent: row
                .parent
                .map(|parent| (u8::try_from(parent.generation).unwrap(), parent.salt[0])),
            rotated_at: row.parent.map_or(0, |parent| parent.rotated_at),
            handed_out_at: row.handed_out_at,
            hand_outs: row.hand_outs,
            epoch: row.epoch,
            abs_exp: row.abs_exp,
        };
        self.rows.borrow_mut().entry(state).or_insert(row);
        state
    }

    /// Presents a token at a tick, in the first epoch and by cookie.
    pub(crate) fn present(&self, state: State, token: Token, tick: u64) -> Taken {
        self.present_in(state, token, tick, 0, true)
    }

    /// Presents a token at a tick: the record after it, the answer, and what was broken by that alone.
    pub(crate) fn present_in(&self, state: State, token: Token, tick: u64, epoch: u64, by_cookie: bool) -> Taken {
        let asked = (state, token, tick, epoch, by_cookie);
        if let Some(&taken) = self.taken.borrow().get(&asked) {
            return taken;
        }
        let row = self.row(state);
        let outcome = self.mutated(&row, token, START + tick, epoch, by_cookie);
        let access = outcome.verdict.gives_access();
        let refresh = outcome.verdict.gives_refresh() || self.mutant == Some(Mutant::CookieForCurrent) && access;
        let given = outcome.row.as_ref().filter(|_| refresh).map(|row| Token {
            generation: u8::try_from(row.generation).unwrap(),
            salt: row.salt[0],
            forged: false,
        });
        let answer = Answer {
            verdict: outcome.verdict,
            access,
            refresh: given,
        };
        let next = outcome.row.filter(|_| outcome.write).unwrap_or_else(|| row.clone());
        let broken = broken(
            &row,
            &next,
            token,
            answer,
            (START + tick, epoch, by_cookie),
            &self.policy,
        );
        let lost = self.mutant == Some(Mutant::AnswerBeforeWrite) && answer.verdict == Verdict::Rotated;
        let after = if lost { state } else { self.keep(next) };
        self.taken.borrow_mut().insert(asked, (after, answer, broken));
        (after, answer, broken)
    }

    fn mutated(&self, row: &Row, token: Token, now: u64, epoch: u64, by_cookie: bool) -> Outcome {
        let mut row = row.clone();
        let mut generation = u64::from(token.generation);
        let mut jti = self.key.jti(generation, &[token.salt; 16]);
        let mut policy = self.policy;
        let mut transport = if by_cookie {
            Transport::Cookie
        } else {
            Transport::Bearer
        };
        let current = generation == row.generation;
        if token.forged {
            jti[0] ^= 1;
        }
        match self.mutant {
            Some(Mutant::NoDebounce) if current => row.handed_out_at = 0,
            Some(Mutant::HandOutsForEver) => row.hand_outs = 0,
            Some(Mutant::NoRecovery) => policy.recovery = 0,
            Some(Mutant::RevokedForgotten) => row.status = Status::Active,
            Some(Mutant::EpochForgotten) => row.epoch = Some(epoch),
            Some(Mutant::AnyTransport) => transport = row.transport,
            Some(Mutant::NoAbsoluteEnd) => row.abs_exp = u64::MAX,
            Some(Mutant::FutureAccepted) if generation > row.generation => {
                generation = row.generation;
                jti = self.key.jti(generation, &row.salt);
            }
            Some(Mutant::AnyIdentifier) => {
                let of_parent = row.parent.filter(|parent| parent.generation == generation);
                jti = self
                    .key
                    .jti(generation, &of_parent.map_or(row.salt, |parent| parent.salt));
            }
            Some(Mutant::TimesDecide) if !token.forged && generation < row.generation && now == row.handed_out_at => {
                generation = row.generation;
                jti = self.key.jti(generation, &row.salt);
            }
            Some(Mutant::AnyAncestor) if !token.forged && generation < row.generation && now > row.handed_out_at => {
                if let Some(parent) = row.parent {
                    generation = parent.generation;
                    jti = self.key.jti(generation, &parent.salt);
                }
            }
            _ => {}
        }
        let request = Refresh {
            policy,
            generation,
            jti,
            session_key: self.key.clone(),
            signing_kid: "k",
            transport,
            jkt: None,
            scope: None,
            claims: None,
        };
        let epoch = Epoch {
            value: epoch,
            keep: None,
            kept_from: 0,
        };
        let salt = [u8::try_from(row.generation + 1).unwrap(); 16];
        let mut outcome = step(&row, &request, now, &epoch, &salt);
        self.twist(&row, &mut outcome, now);
        outcome
    }

    /// The rules that are easier to break afterwards.
    fn twist(&self, row: &Row, outcome: &mut Outcome, now: u64) {
        let verdict = outcome.verdict;
        let Some(next) = &mut outcome.row else { return };
        match (self.mutant, verdict) {
            (Some(Mutant::Siblings), Verdict::Grace | Verdict::Repeated) => {
                next.salt = [next.salt[0] + 50; 16];
                outcome.write = true;
            }
            (Some(Mutant::HandOutForgotten), Verdict::Grace) => next.handed_out_at = row.handed_out_at,
            (Some(Mutant::NoBurn), Verdict::Recovered) => {
                (next.generation, next.salt) = (row.generation, row.salt);
            }
            (Some(Mutant::AnchorSlides), Verdict::Recovered) => {
                if let Some(parent) = &mut next.parent {
                    parent.rotated_at = now;
                }
            }
            (Some(Mutant::IdleSlides), Verdict::Grace) => next.idle_exp = now + self.policy.refresh_idle,
            (Some(Mutant::AbsoluteSlides), Verdict::Rotated) => next.abs_exp += 1,
            (Some(Mutant::NoAbsoluteEnd), _) => next.abs_exp = START + self.policy.absolute,
            (Some(Mutant::TooManyRequests), Verdict::HandOutsUsed) => {
                *outcome = Outcome::refused(Verdict::ScopeExceeded);
            }
            (Some(Mutant::NoRevocation), Verdict::Reuse) => next.status = Status::Active,
            _ => {}
        }
    }
}

/// What a single step must not do, whatever came before it.
fn broken(
    row: &Row,
    next: &Row,
    token: Token,
    answer: Answer,
    (now, epoch, by_cookie): (u64, u64, bool),
    policy: &Policy,
) -> Option<Property> {
    let generation = u64::from(token.generation);
    let current = generation == row.generation;
    let parent = row.parent.filter(|parent| parent.generation == generation);
    let given = answer.access || answer.refresh.is_some();
    let same_generation = next.generation == row.generation;
    let known = current && token.salt == row.salt[0] || parent.is_some_and(|parent| parent.salt[0] == token.salt);
    let revoked = |row: &Row| matches!(row.status, Status::Revoked { .. });
    let anchors = |row: &Row| {
        (
            row.idle_exp,
            row.parent.map(|parent| (parent.generation, parent.rotated_at)),
        )
    };
    let checks = [
        (Property::I15, given && generation > row.generation),
        (
            Property::I16,
            given && generation < row.generation && parent.is_none() && now == row.handed_out_at,
        ),
        (Property::I2, given && generation < row.generation && parent.is_none()),
        (Property::I7, given && (token.forged || !known)),
        (
            Property::I9,
            given && (row.status != Status::Active || row.epoch != Some(epoch)),
        ),
        (Property::I9, revoked(row) && next != row),
        (Property::Binding, !by_cookie && (given || next != row)),
        (
            Property::I13,
            next.abs_exp != row.abs_exp || given && now >= row.abs_exp,
        ),
        (
            Property::I11,
            answer
                .refresh
                .is_some_and(|refresh| refresh.generation == token.generation),
        ),
        (Property::I1, given && same_generation && next.salt != row.salt),
        (Property::I8, given && same_generation && anchors(next) != anchors(row)),
        (
            Property::I8,
            same_generation && answer.verdict == Verdict::Grace && next.hand_outs != row.hand_outs + 1,
        ),
        (Property::I8, next.hand_outs > policy.hand_outs),
        (
            Property::I8,
            answer.verdict == Verdict::Recovered && anchors(next) != anchors(row),
        ),
        (Property::I12, next.scope != row.scope || next.acr != row.acr),
        (Property::I3, answer.verdict == Verdict::Grace && !same_generation),
    ];
    checks
        .into_iter()
        .find(|&(_, broken)| broken)
        .map(|(property, _)| property)
}

/// A reason to end a session that no rule of the step gives.
pub(crate) const ASKED_FOR: Reason = Reason::Request;
