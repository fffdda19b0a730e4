//! The code under test, reduced until it can be explored: from the text of a refresh token to the record and the text
//! of the access token. Times are in ticks, and records that no rule distinguishes are merged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tandem_jwt::session::access_token::{self, Grant, Read};
use tandem_jwt::session::{
    AccessKeys, Action, Command, NewSession, Outcome, Policy, RefreshKeys, Session, Status, Transport, Verdict, issue,
    refresh_token,
};

use super::always;
use super::asking::{Answer, Ask, Effect, SIDS, State, Subject, Token};
use super::property::{Mutant, Property};

/// Tick 0, in seconds.
pub(crate) const START: u64 = 1_000_000;

/// The scope that every session is granted.
pub(crate) const GRANTED: &str = "read";

/// The code under test with its policy and keys, and possibly without one of its rules.
pub(crate) struct Machine {
    pub(crate) policy: Policy,
    /// How the tokens of its sessions are transported.
    pub(crate) transport: Transport,
    pub(crate) mutant: Option<Mutant>,
    /// The only property to check, if not all of them.
    pub(crate) watched: Option<Property>,
    pub(super) refresh_keys: RefreshKeys,
    access_keys: AccessKeys,
    sessions: RefCell<Vec<Rc<Session>>>,
    states: RefCell<HashMap<Rc<Session>, State>>,
    effects: RefCell<HashMap<(State, Ask), Effect>>,
    repeated: RefCell<HashMap<(State, Ask), Option<Property>>>,
}

impl Machine {
    pub(crate) fn new(recovery: u64) -> Self {
        let policy = Policy {
            access_ttl: 10,
            refresh_idle: 10_000,
            absolute: 10_000,
            grace: 2,
            recovery,
            hand_outs: 3,
            jitter: 0,
        };
        let mut refresh_keys = RefreshKeys::default();
        refresh_keys.add(Some("k"), &[7; 32]).unwrap();
        let mut access_keys = AccessKeys::default();
        access_keys.add(Some("k"), &[8; 32]).unwrap();
        Self {
            policy,
            transport: Transport::Cookie,
            mutant: None,
            watched: None,
            refresh_keys,
            access_keys,
            sessions: RefCell::default(),
            states: RefCell::default(),
            effects: RefCell::default(),
            repeated: RefCell::default(),
        }
    }

    /// Removes a rule, and checks only the property that it protects.
    pub(crate) fn without(mut self, mutant: Mutant, property: Property) -> Self {
        (self.mutant, self.watched) = (Some(mutant), Some(property));
        self
    }

    /// Has the tokens of its sessions travel by bearer.
    pub(crate) fn by_bearer(mut self) -> Self {
        self.transport = Transport::Bearer;
        self
    }

    /// The first broken property among those that are checked.
    pub(crate) fn first_broken(&self, checks: impl IntoIterator<Item = (Property, bool)>) -> Option<Property> {
        let watched = |property| self.watched.is_none_or(|watched| watched == property);
        checks
            .into_iter()
            .find(|&(property, broken)| broken && watched(property))
            .map(|(property, _)| property)
    }

    /// A new session that ends at a tick, bound to a key or not.
    pub(crate) fn begin(&self, sid: u8, jkt: Option<&str>, end: u64) -> State {
        let new = NewSession {
            iss: "iss",
            sub: "sub",
            sid: SIDS[usize::from(sid)],
            kid: self.refresh_keys.signing().unwrap().kid(),
            salt: [0; 16],
            transport: self.transport,
            jkt,
            replaces: None,
            scope: Some(GRANTED),
            auth_time: START,
            acr: Some("1"),
            claims: "{}",
            meta: "{}",
        };
        let mut session = issue(&new, &self.policy, START).unwrap();
        session.epoch = Some(0);
        session.abs_exp = START + end;
        self.keep(session)
    }

    /// The record of a state.
    pub(crate) fn session(&self, State(number): State) -> Rc<Session> {
        Rc::clone(&self.sessions.borrow()[number as usize])
    }

    /// Stores a record. Fields that no rule reads are normalised: the version, when the token was made, when the
    /// session ended.
    pub(crate) fn keep(&self, mut session: Session) -> State {
        session.version = 0;
        session.issued_at = 0;
        if let Status::Revoked { at, .. } = &mut session.status {
            *at = 0;
        }
        let mut sessions = self.sessions.borrow_mut();
        *self
            .states
            .borrow_mut()
            .entry(Rc::new(session))
            .or_insert_with_key(|session| {
                sessions.push(Rc::clone(session));
                State(u32::try_from(sessions.len() - 1).unwrap())
            })
    }

    /// Presents a token; a retry is checked as well.
    pub(crate) fn present(&self, state: State, ask: Ask) -> Effect {
        let mut effect = self.present_once(state, ask);
        if effect.broken.is_none() && effect.answer.access {
            let known = self.repeated.borrow().get(&(state, ask)).copied();
            effect.broken = known.unwrap_or_else(|| {
                let broken = always::repeated(self, &ask, &effect);
                self.repeated.borrow_mut().insert((state, ask), broken);
                broken
            });
        }
        effect
    }

    /// Presents a token and checks nothing else.
    pub(crate) fn present_once(&self, state: State, ask: Ask) -> Effect {
        if let Some(&effect) = self.effects.borrow().get(&(state, ask)) {
            return effect;
        }
        let effect = self.effect(state, &ask);
        self.effects.borrow_mut().insert((state, ask), effect);
        effect
    }

    fn effect(&self, state: State, ask: &Ask) -> Effect {
        let before = self.session(state);
        let Some(outcome) = self.refresh(&before, ask) else {
            let answer = Answer {
                verdict: None,
                access: false,
                refresh: None,
            };
            return Effect {
                after: state,
                write: false,
                answer,
                broken: None,
            };
        };
        let verdict = outcome.verdict;
        let access = outcome.session.as_ref().filter(|_| verdict.gives_access());
        let access = access.map(|session| self.access_token(session, ask));
        let gives_refresh =
            verdict.gives_refresh() || self.mutant == Some(Mutant::CookieForCurrent) && verdict.gives_access();
        let refresh = outcome.session.as_ref().filter(|_| gives_refresh).map(|session| Token {
            generation: u8::try_from(session.generation).unwrap(),
            variant: session.salt[0],
            tampered: false,
        });
        let answer = Answer {
            verdict: Some(verdict),
            access: access.is_some(),
            refresh,
        };
        let lost = self.mutant == Some(Mutant::AnswerBeforeWrite) && verdict == Verdict::Rotated;
        let write = outcome.write && !lost;
        let written = outcome.session.filter(|_| outcome.write);
        let after = written.as_ref().unwrap_or(&before);
        let broken = always::broken(self, &before, after, ask, answer, access.as_ref());
        Effect {
            after: written.filter(|_| write).map_or(state, |session| self.keep(session)),
            write,
            answer,
            broken,
        }
    }

    /// Carries out an event other than a refresh.
    pub(crate) fn command(&self, state: State, action: Action<'_>, at: u64, subject: Subject) -> Outcome {
        let session = self.session(state);
        let command = Command {
            iss: "iss",
            sub: "sub",
            sid: &session.sid,
            now: START + at,
            action,
        };
        command.run(&session, &subject.epoch())
    }

    /// The text of the token that is presented.
    pub(super) fn text(&self, session: &Session, ask: &Ask) -> String {
        let of_token = Session {
            sid: SIDS[usize::from(ask.sid)].into(),
            generation: ask.token.generation.into(),
            salt: [ask.token.variant; 16],
            parent: None,
            ..session.clone()
        };
        let mut text = refresh_token::write(&self.refresh_keys, &of_token).unwrap();
        if ask.token.tampered && self.mutant != Some(Mutant::AnySignature) {
            // The first character of the signature: the last one has unused bits.
            let at = text.rfind('.').unwrap() + 1;
            let other = if text[at..].starts_with('A') { "B" } else { "A" };
            text.replace_range(at..=at, other);
        }
        text
    }

    /// The payload of the access token that comes with an answer.
    fn access_token(&self, session: &Session, ask: &Ask) -> serde_json::Value {
        let mut session = session.clone();
        if self.mutant == Some(Mutant::AccessOutlives) {
            session.abs_exp = u64::MAX;
        }
        if self.mutant == Some(Mutant::AnyScope) {
            // The rule exists twice, in the step and where the token is written: the mutant has neither.
            session.scope = ask.scope().map(Into::into).or(session.scope);
        }
        let grant = Grant {
            audience: r#""api""#,
            client_id: "web",
            scope: ask.scope(),
            lifetime: self.policy.access_lifetime(0),
        };
        let key = self.access_keys.signing().unwrap();
        let written = access_token::write(key, &session, &grant, START + ask.at, &[0; 16]).unwrap();
        match access_token::read(&self.access_keys, written.token.as_bytes()) {
            Ok(Read::Verified(payload)) => serde_json::from_slice(&payload).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
