//! Everything at once: tokens of every generation, forged and tampered ones, ones from a future that a restored store has
//! forgotten, other transports and keys, wider scopes, logouts, sessions superseded, sign-outs everywhere that keep this
//! session or another, clocks set forward and back. No request may break what must always hold.

use tandem_jwt::session::{Action, Verdict};

use super::asking::{Ask, By, State, Subject, Token};
use super::machine::Machine;
use super::property::Property;
use super::search::{Broken, Event, Found, search};

/// The first tick: from here the clock can be set back by more than a minute.
const BEGIN: u64 = 200;
const END: u64 = BEGIN + 60;

/// The exploration depth, in events.
const DEPTH: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    session: State,
    /// A copy of the store that may be restored once: tokens made afterwards are of the second variant.
    backup: State,
    restored: bool,
    subject: Subject,
    /// Whether a sign-out everywhere has ended the session.
    ended: bool,
    now: u64,
    /// The newest generation ever handed out, by variant.
    newest: [u8; 2],
}

type Next = Vec<(World, Event)>;

/// Searches for a request that breaks any property.
pub(crate) fn explore(machine: &Machine) -> Found {
    let session = machine.begin(0, Some("key"), END);
    let first = World {
        session,
        backup: session,
        restored: false,
        subject: Subject::default(),
        ended: false,
        now: BEGIN,
        newest: [0; 2],
    };
    search(first, DEPTH, |world, next| {
        requests(machine, world, next)?;
        others(machine, world, next);
        Ok(())
    })
}

/// Every existing token, presented by everyone, and tokens that never existed.
fn requests(machine: &Machine, world: &World, next: &mut Next) -> Result<(), Broken> {
    let plain = |generation, variant| Ask {
        subject: world.subject,
        fresh: world.restored.into(),
        ..Ask::new(
            Token {
                generation,
                variant,
                tampered: false,
            },
            world.now,
        )
    };
    for variant in 0..=u8::from(world.restored) {
        for generation in 0..=world.newest[usize::from(variant)] {
            let ask = plain(generation, variant);
            let tampered = Token {
                tampered: true,
                ..ask.token
            };
            let never_made = plain(generation, Token::NEVER_MADE);
            let asks = [
                ask,
                never_made,
                Ask { wider: true, ..ask },
                Ask { token: tampered, ..ask },
            ];
            let by_others = [By::OtherTransport, By::OtherKey, By::NoKey].map(|by| Ask { by, ..ask });
            for ask in asks.into_iter().chain(by_others) {
                next.push(request(machine, world, ask)?);
            }
        }
    }
    Ok(())
}

fn request(machine: &Machine, world: &World, ask: Ask) -> Result<(World, Event), Broken> {
    let effect = machine.present(world.session, ask);
    let verdict = effect.answer.verdict;
    let event = Event(verdict.map_or("no token", Verdict::name), ask.token.generation.into());
    let wrongly_ended = !world.ended && verdict == Some(Verdict::Stale);
    let everywhere = (
        Property::Everywhere,
        wrongly_ended || world.ended && effect.answer.access,
    );
    let broken = effect.broken.or_else(|| machine.first_broken([everywhere]));
    if let Some(property) = broken {
        return Err((property, event));
    }
    let mut after = World {
        session: effect.after,
        ..*world
    };
    if let Some(Token {
        generation, variant, ..
    }) = effect.answer.refresh
    {
        let newest = &mut after.newest[usize::from(variant)];
        *newest = generation.max(*newest);
    }
    Ok((after, event))
}

/// Events other than requests.
fn others(machine: &Machine, world: &World, next: &mut Next) {
    let mut clock = |now: u64| next.push((World { now, ..*world }, Event("clock", now)));
    clock(world.now + 1);
    clock(world.now + 3);
    clock(world.now - 4);
    clock(END - 2);
    clock(END);
    if world.now > BEGIN - 70 {
        clock(world.now - 70);
    }

    for keep in [None, Some(0), Some(1)] {
        let signed_out = World {
            subject: world.subject.sign_out(keep, 0),
            ended: world.ended || keep != Some(0),
            ..*world
        };
        next.push((signed_out, Event("signed out everywhere", signed_out.subject.value)));
    }
    for (action, what) in [
        (Action::Revoke, "revoked"),
        (Action::Supersede { by: None }, "superseded"),
    ] {
        let outcome = machine.command(world.session, action, world.now, world.subject);
        if let Some(session) = outcome.session.filter(|_| outcome.write) {
            let session = machine.keep(session);
            next.push((World { session, ..*world }, Event(what, world.now)));
        }
    }
    if !world.restored {
        let saved = World {
            backup: world.session,
            ..*world
        };
        next.push((saved, Event("saved", world.now)));
        let restored = World {
            session: world.backup,
            restored: true,
            ..*world
        };
        next.push((restored, Event("restored", world.now)));
    }
}
