//! A sign-in that overlaps a sign-out everywhere: the session is made, then joins the epoch of its user, and only then
//! are tokens sent. Whatever the order, a sign-in that began before the sign-out gives no access after it.

use tandem_jwt::session::{Action, Began, Session, Verdict};

use super::asking::{Ask, State, Subject, Token};
use super::machine::{Machine, START};
use super::property::{Mutant, Property};
use super::search::{ALL, Event, Found, search};

/// In milliseconds, the unit of epochs: events in the same millisecond have no order, so sign-outs come later.
const BEGIN: u64 = START * 1000;
const END: u64 = BEGIN + 4;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// The record is stored, but belongs to no epoch yet.
    Created,
    /// Record and epoch were read; whether the sign-out had come by then.
    Loaded { subject: Subject, ended: bool },
    /// The record is written, and the first tokens are sent or not.
    Settled { given: bool, ended: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    session: State,
    subject: Subject,
    stage: Stage,
    ended: bool,
    now: u64,
}

/// Searches for a session that outlives the sign-out, or for one that nothing ended but that is not alive.
pub(crate) fn explore(machine: &Machine) -> Found {
    let settled = machine.session(machine.begin(0, None, 9_000));
    let first = World {
        session: machine.keep(Session {
            epoch: None,
            ..(*settled).clone()
        }),
        subject: Subject::default(),
        stage: Stage::Created,
        ended: false,
        now: BEGIN,
    };
    search(first, ALL, |world, next| {
        if world.now < END {
            let now = world.now + 1;
            next.push((World { now, ..*world }, Event("tick", now)));
        }
        if world.now > BEGIN {
            let ended = World {
                subject: world.subject.sign_out(None, world.now),
                ended: true,
                ..*world
            };
            next.push((ended, Event("signed out everywhere", world.now)));
        }
        if let Some(further) = go_on(machine, world) {
            next.push((further, Event("the sign-in goes on", world.now)));
        }
        let broken = next
            .iter()
            .find_map(|(after, event)| Some((broken(machine, after)?, *event)));
        // A further sign-out changes only the epoch.
        next.retain(|(after, _)| after.subject.value <= END);
        broken.map_or(Ok(()), Err)
    })
}

fn go_on(machine: &Machine, world: &World) -> Option<World> {
    let mut next = *world;
    next.stage = match world.stage {
        Stage::Created => Stage::Loaded {
            subject: world.subject,
            ended: world.ended,
        },
        Stage::Loaded { subject, ended } => {
            let began = if machine.mutant == Some(Mutant::SignInOvertaken) {
                Began::Unknown
            } else {
                Began::Ago {
                    ms: world.now - BEGIN,
                    now_ms: world.now,
                }
            };
            let outcome = machine.command(world.session, Action::Settle { began }, 0, subject);
            let given = outcome.verdict == Verdict::Issued;
            if let Some(session) = outcome.session.filter(|_| outcome.write) {
                next.session = machine.keep(session);
            }
            Stage::Settled { given, ended }
        }
        Stage::Settled { .. } => return None,
    };
    Some(next)
}

fn broken(machine: &Machine, world: &World) -> Option<Property> {
    let ask = Ask {
        subject: world.subject,
        ..Ask::new(Token::FIRST, 1)
    };
    let lives = machine.present_once(world.session, ask).answer.access;
    let outlives = match world.stage {
        Stage::Settled {
            given: true,
            ended: true,
        } => true,
        Stage::Created | Stage::Loaded { .. } | Stage::Settled { .. } => world.ended && lives,
    };
    let settled = matches!(world.stage, Stage::Settled { .. });
    machine.first_broken([
        (Property::Everywhere, outlives),
        (Property::Everywhere, settled && !world.ended && !lives),
    ])
}
