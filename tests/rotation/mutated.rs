//! A refresh as a server carries it out, and the places where a rule can be removed. Without a mutant it is the shipped
//! code: the token is read, and the command is run on the record.

use tandem_jwt::session::{Action, Command, Outcome, Refresh, Session, Status, Transport, Verdict, refresh_token};

use super::asking::{Ask, By, Token};
use super::machine::{Machine, START};
use super::property::Mutant;

/// What a mutant may change before the step: the record as the step sees it, the request, the clock.
struct Before<'a> {
    session: Session,
    request: Refresh<'a>,
    now: u64,
}

impl Machine {
    /// The outcome; none if we did not issue the token.
    pub(super) fn refresh(&self, session: &Session, ask: &Ask) -> Option<Outcome> {
        let text = self.text(session, ask);
        let presented = refresh_token::read(&self.refresh_keys, "iss", text.as_bytes(), 0).ok()?;
        let request = Refresh {
            policy: self.policy,
            generation: presented.generation,
            jti: presented.jti,
            jti_key: self.refresh_keys.find(&presented.kid).unwrap().jti_key(&presented.sid),
            signing_kid: self.refresh_keys.signing().unwrap().kid(),
            binds: true,
            replaced: ask.replaced,
            transport: match ask.by {
                By::OtherTransport if self.transport == Transport::Cookie => Transport::Bearer,
                By::OtherTransport => Transport::Cookie,
                By::Owner | By::OtherKey | By::NoKey => self.transport,
            },
            jkt: match ask.by {
                By::OtherKey => Some("other"),
                By::NoKey => None,
                By::Owner | By::OtherTransport => session.jkt.as_deref(),
            },
            scope: ask.scope(),
            claims: None,
        };
        let mut before = Before {
            session: session.clone(),
            request,
            now: START + ask.at,
        };
        let mut subject = ask.subject.epoch();
        match self.mutant {
            Some(Mutant::KeepForgotten) => subject.keep = None,
            Some(Mutant::KeptForEver) => subject.kept_from = 0,
            Some(Mutant::EpochForgotten) => before.session.epoch = Some(subject.value),
            Some(mutant) => before.without(mutant, session, ask),
            None => {}
        }
        let Before {
            session: seen,
            request,
            now,
        } = before;
        let sid = if self.mutant == Some(Mutant::AnyRecord) {
            &session.sid
        } else {
            &presented.sid
        };
        let command = Command {
            iss: "iss",
            sub: &presented.sub,
            sid,
            now,
            action: Action::Refresh {
                request: Box::new(request),
                exp: presented.exp,
                salt: [ask.fresh; 16],
            },
        };
        let mut outcome = command.run(&seen, &subject);
        if self.mutant == Some(Mutant::SupersededAlarm) && matches!(session.status, Status::Superseded { .. }) {
            let active = Session {
                status: Status::Active,
                ..seen
            };
            let alarm = command.run(&active, &subject);
            if matches!(
                alarm.verdict,
                Verdict::Reuse | Verdict::LateParent | Verdict::Regression
            ) {
                outcome = alarm;
            }
        }
        self.twist(session, &mut outcome, now);
        Some(outcome)
    }

    /// The rules that are easier to break afterwards.
    fn twist(&self, session: &Session, outcome: &mut Outcome, now: u64) {
        let verdict = outcome.verdict;
        let Some(next) = &mut outcome.session else { return };
        match (self.mutant, verdict) {
            (Some(Mutant::Siblings), Verdict::Grace | Verdict::Repeated) => {
                next.salt = [next.salt[0] + 50; 16];
                outcome.write = true;
            }
            (Some(Mutant::HandOutForgotten), Verdict::Grace) => next.handed_out_at = session.handed_out_at,
            (Some(Mutant::NoBurn), Verdict::Recovered) => {
                (next.generation, next.salt) = (session.generation, session.salt);
            }
            (Some(Mutant::AnchorSlides), Verdict::Recovered) => {
                if let Some(parent) = &mut next.parent {
                    parent.rotated_at = now;
                }
            }
            (Some(Mutant::IdleSlides), Verdict::Grace) => next.idle_exp = now + self.policy.refresh_idle,
            (Some(Mutant::AbsoluteSlides), Verdict::Rotated) => next.abs_exp += 1,
            (Some(Mutant::NoAbsoluteEnd), _) => next.abs_exp = session.abs_exp,
            (Some(Mutant::AcrRises), Verdict::Rotated) => next.acr = Some("2".into()),
            (Some(Mutant::TooManyRequests), Verdict::HandOutsUsed) => {
                *outcome = Outcome::refused(Verdict::ScopeExceeded);
            }
            (Some(Mutant::NoRevocation), Verdict::Reuse | Verdict::LateParent) => next.status = Status::Active,
            _ => {}
        }
    }
}

impl<'a> Before<'a> {
    /// The rules that are easier to break beforehand.
    fn without(&mut self, mutant: Mutant, session: &'a Session, ask: &Ask) {
        let Self {
            session: seen,
            request,
            now,
        } = self;
        let forged = ask.token.variant == Token::NEVER_MADE;
        let parent = session.parent.filter(|parent| parent.generation == request.generation);
        let older = request.generation < session.generation && parent.is_none();
        match mutant {
            Mutant::NoDebounce if request.generation == session.generation => seen.handed_out_at = 0,
            Mutant::NoGrace if parent.is_some() => seen.handed_out_at = 0,
            Mutant::HandOutsForEver => seen.hand_outs = 0,
            Mutant::NoRecovery => request.policy.recovery = 0,
            Mutant::RevokedForgotten if matches!(session.status, Status::Revoked { .. }) => {
                seen.status = Status::Active;
            }
            Mutant::SupersededForgotten if matches!(session.status, Status::Superseded { .. }) => {
                seen.status = Status::Active;
            }
            Mutant::NoAbsoluteEnd => {
                seen.abs_exp = u64::MAX;
                // Tokens are bound to that end: theirs is taken for the other.
                if request.generation == session.generation && !forged {
                    self.take_for(session.generation, &session.salt);
                }
            }
            Mutant::AnyTransport => request.transport = session.transport,
            Mutant::AnyKey => request.jkt = session.jkt.as_deref(),
            Mutant::AnyScope => request.scope = None,
            Mutant::ClockWaitedFor => *now = (*now).max(session.handed_out_at),
            Mutant::AnyIdentifier => {
                let salt = parent.map_or(session.salt, |parent| parent.salt);
                request.jti = request.jti_key.jti(request.generation, &salt, Some(&seen.facts()));
            }
            Mutant::FutureAccepted if request.generation > session.generation => {
                self.take_for(session.generation, &session.salt);
            }
            Mutant::TimesDecide if !forged && older && *now == session.handed_out_at => {
                self.take_for(session.generation, &session.salt);
            }
            Mutant::AnyAncestor if !forged && older && *now > session.handed_out_at => {
                if let Some(parent) = session.parent {
                    self.take_for(parent.generation, &parent.salt);
                }
            }
            _ => {}
        }
    }

    /// Treats the token as a different one.
    fn take_for(&mut self, generation: u64, salt: &[u8; 16]) {
        self.request.generation = generation;
        self.request.jti = self.request.jti_key.jti(generation, salt, Some(&self.session.facts()));
    }
}
