//! Two sessions of one user. Nothing done with the tokens of one session may affect the holders of the other, even if a
//! store mixes up their records.

use tandem_jwt::session::Verdict;

use super::asking::{Ask, State, Subject, Token};
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{Broken, Event, Found, search};

const END: u64 = 12;

/// The exploration depth, in events.
const DEPTH: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    rows: [State; 2],
    newest: [u8; 2],
    subject: Subject,
    now: u64,
}

/// Searches for a request in one session that affects the other.
pub(crate) fn explore(machine: &Machine) -> Found {
    let first = World {
        rows: [0, 1].map(|sid| machine.begin(sid, None, 9_000)),
        newest: [0; 2],
        subject: Subject::default(),
        now: 0,
    };
    search(first, DEPTH, |world, next| {
        for later in [1, 3]
            .map(|ticks| world.now + ticks)
            .into_iter()
            .filter(|&now| now <= END)
        {
            next.push((World { now: later, ..*world }, Event("clock", later)));
        }
        for (session, row) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for token in tokens(world, session) {
                next.push(request(machine, world, (session, row), token)?);
            }
        }
        Ok(())
    })
}

/// Every token of a session, and one that it never had.
fn tokens(world: &World, session: usize) -> impl Iterator<Item = Token> + use<> {
    let newest = world.newest[session];
    let token = |generation, variant| Token {
        generation,
        variant,
        tampered: false,
    };
    (0..=newest)
        .map(move |generation| token(generation, 0))
        .chain([token(newest, Token::NEVER_MADE)])
}

/// A token of a session arrives, and the store returns the record of `row` for it.
fn request(
    machine: &Machine,
    world: &World,
    (session, row): (usize, usize),
    token: Token,
) -> Result<(World, Event), Broken> {
    let effect = machine.present(world.rows[row], ask(world, session, token));
    let event = Event(
        effect.answer.verdict.map_or("no token", Verdict::name),
        token.generation.into(),
    );
    // A mixed-up record is detected before anything else; whatever else would break is out of scope here.
    if let Some(property) = effect.broken.filter(|_| session == row) {
        return Err((property, event));
    }
    let mut after = *world;
    after.rows[row] = effect.after;
    if let Some(token) = effect.answer.refresh.filter(|_| session == row) {
        after.newest[session] = after.newest[session].max(token.generation);
    }
    if machine.mutant == Some(Mutant::ReuseEndsAll)
        && matches!(effect.answer.verdict, Some(Verdict::Reuse | Verdict::LateParent))
    {
        after.subject = after.subject.sign_out(None, 0);
    }
    let other = 1 - session;
    let felt = tokens(world, other).any(|token| {
        let answers = |world: &World| machine.present_once(world.rows[other], ask(world, other, token)).answer;
        answers(world) != answers(&after)
    });
    match machine.first_broken([(Property::I14, felt)]) {
        Some(property) => Err((property, event)),
        None => Ok((after, event)),
    }
}

fn ask(world: &World, session: usize, token: Token) -> Ask {
    Ask {
        sid: u8::from(session == 1),
        subject: world.subject,
        ..Ask::new(token, world.now)
    }
}
