//! A second factor raises a session: a new one is made, and the old one ends when the new one is first used. Answers
//! are lost, the button is pressed twice, servers die between any two writes, the laptop sleeps. It signs nobody out,
//! and once the new session is used the old one is over.

use tandem_jwt::session::{Action, Session, Status, Verdict};

use super::asking::{Ask, SIDS, State, Subject, Token};
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{ALL, Broken, Event, Found, search};

const CLICKS: usize = 3;
const USES: u8 = 2;
const LOSSES: u8 = 2;
const IN_FLIGHT: usize = 2;
const END: u64 = 5;
const NAP: u64 = 6;
/// The longest one-way delay, in ticks.
const DELAY: u64 = 1;

/// A token in the jar: its session and its generation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Held {
    sid: u8,
    generation: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Flight {
    Nothing,
    /// The button was pressed.
    StepUp(Held, u64),
    Refresh(Held, u64),
    /// The server knows that another session has to end first.
    Ends(Held, u64),
    /// It has ended.
    Goes(Held, u64),
    Answer(Option<Held>, u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    /// The old session, and the sessions raised from it.
    sessions: [Option<State>; CLICKS + 1],
    jar: Held,
    flying: [Flight; IN_FLIGHT],
    now: u64,
    clicks: u8,
    uses: u8,
    lost: u8,
    slept: bool,
}

type Next = Vec<(World, Event)>;

/// Searches for a user whom a second factor signs out, or for an old session that stays alive.
pub(crate) fn explore(machine: &Machine) -> Found {
    let first = World {
        sessions: [Some(machine.begin(0, None, 9_000)), None, None, None],
        jar: Held { sid: 0, generation: 0 },
        flying: [Flight::Nothing; IN_FLIGHT],
        now: 0,
        clicks: 0,
        uses: 0,
        lost: 0,
        slept: false,
    };
    search(first, ALL, |world, next| {
        for i in 0..IN_FLIGHT {
            if i == 0 || world.flying[i] != world.flying[i - 1] {
                go_on(machine, world, i, next)?;
            }
        }
        pass(world, next);
        let lives_on = next.iter().find(|(after, _)| old_lives_on(machine, after));
        let broken = machine.first_broken([(Property::StepUp, lives_on.is_some())]);
        match (broken, lives_on) {
            (Some(property), Some((_, event))) => Err((property, *event)),
            _ => Ok(()),
        }
    })
}

fn go_on(machine: &Machine, world: &World, i: usize, next: &mut Next) -> Result<(), Broken> {
    let now = world.now;
    match world.flying[i] {
        Flight::Nothing => send(world, i, next),
        Flight::StepUp(held, _) => {
            let mut after = *world;
            let answer = raise(machine, &mut after, held)?;
            next.push((
                after.with(i, Flight::Answer(answer, now)),
                Event("raises", held.sid.into()),
            ));
        }
        Flight::Refresh(held, sent) => use_token(machine, world, (i, held, sent), false, next)?,
        Flight::Goes(held, sent) => use_token(machine, world, (i, held, sent), true, next)?,
        Flight::Ends(held, sent) => {
            let mut after = *world;
            let ended = machine.mutant == Some(Mutant::OldLivesOn) || supersede(machine, &mut after, held.sid);
            if !ended {
                after.run(machine, held.sid, Action::Revoke);
            }
            let further = if ended {
                Flight::Goes(held, sent)
            } else {
                Flight::Refresh(held, sent)
            };
            next.push((after.with(i, further), Event("ends the old one for", held.sid.into())));
        }
        Flight::Answer(held, _) => {
            let mut arrived = world.with(i, Flight::Nothing);
            arrived.jar = held.unwrap_or(world.jar);
            next.push((arrived, Event("jar", arrived.jar.sid.into())));
        }
    }
    if world.lost < LOSSES && world.flying[i] != Flight::Nothing {
        let mut lost = world.with(i, Flight::Nothing);
        lost.lost += 1;
        next.push((lost, Event("lost", now)));
    }
    Ok(())
}

/// The button may be pressed twice; a refresh waits for everything else.
fn send(world: &World, i: usize, next: &mut Next) {
    let only_clicks = |flight: &Flight| match flight {
        Flight::Nothing | Flight::StepUp(..) => true,
        Flight::Answer(held, _) => held.is_none_or(|held| held.generation == 0),
        Flight::Refresh(..) | Flight::Ends(..) | Flight::Goes(..) => false,
    };
    if !world.flying.iter().all(only_clicks) {
        return;
    }
    if usize::from(world.clicks) < CLICKS && world.jar.sid == 0 {
        let mut clicked = world.with(i, Flight::StepUp(world.jar, world.now));
        clicked.clicks += 1;
        next.push((clicked, Event("clicks", world.now)));
    }
    if world.uses < USES {
        let mut used = world.with(i, Flight::Refresh(world.jar, world.now));
        used.uses += 1;
        next.push((used, Event("uses", world.jar.sid.into())));
    }
}

/// What a server does with a second factor: the new session is made, the old one notes it, and its first token is given.
fn raise(machine: &Machine, world: &mut World, held: Held) -> Result<Option<Held>, Broken> {
    let sid = world.sessions.iter().position(Option::is_none).unwrap();
    let name = SIDS[sid];
    let begun = machine.begin(u8::try_from(sid).unwrap(), None, 9_000);
    let session = Session {
        replaces: Some(SIDS[0].into()),
        ..(*machine.session(begun)).clone()
    };
    let grace = if machine.mutant == Some(Mutant::ClickDisplaces) {
        0
    } else {
        machine.policy.grace
    };
    world.sessions[sid] = Some(machine.keep(session));
    let raise = |grace| Action::Raise { sid: name, grace };
    let first = |name: &str| {
        let sid = SIDS.iter().position(|&sid| sid == name).unwrap();
        Held {
            sid: u8::try_from(sid).unwrap(),
            generation: 0,
        }
    };
    let (mut verdict, mut other) = world.run(machine, held.sid, raise(grace));
    if verdict == Verdict::AlreadyRaised {
        let raised = first(&other.unwrap());
        if world.run(machine, raised.sid, Action::Repeat).0 == Verdict::Issued {
            world.sessions[sid] = None;
            return Ok(Some(raised));
        }
        (verdict, other) = world.run(machine, held.sid, raise(0));
    }
    if verdict != Verdict::Done {
        world.sessions[sid] = None;
        let signed_out = verdict != Verdict::Retry;
        let broken = machine.first_broken([(Property::StepUp, signed_out)]);
        return broken.map_or(Ok(None), |property| {
            Err((property, Event(verdict.name(), held.sid.into())))
        });
    }
    if let Some(displaced) = other {
        world.run(machine, first(&displaced).sid, Action::Revoke);
    }
    if machine.mutant == Some(Mutant::SupersededAtOnce) {
        supersede(machine, world, u8::try_from(sid).unwrap());
    }
    Ok(Some(first(name)))
}

/// Whether the old session is over by it.
fn supersede(machine: &Machine, world: &mut World, by: u8) -> bool {
    let by = Some(SIDS[usize::from(by)]);
    world.run(machine, 0, Action::Supersede { by }).0 == Verdict::Done
}

fn use_token(
    machine: &Machine,
    world: &World,
    (i, held, sent): (usize, Held, u64),
    replaced: bool,
    next: &mut Next,
) -> Result<(), Broken> {
    let token = Token {
        generation: held.generation,
        ..Token::FIRST
    };
    let ask = Ask {
        sid: held.sid,
        replaced,
        ..Ask::new(token, world.now)
    };
    let state = world.sessions[usize::from(held.sid)].unwrap();
    let effect = machine.present(state, ask);
    let verdict = effect.answer.verdict.unwrap();
    let event = Event(verdict.name(), held.sid.into());
    if let Some(property) = effect.broken {
        return Err((property, event));
    }
    let further = match verdict {
        Verdict::Replaces => Flight::Ends(held, sent),
        Verdict::Retry => Flight::Answer(None, world.now),
        _ if effect.answer.access => {
            let given = effect.answer.refresh;
            let given = given.map(|token| Held {
                generation: token.generation,
                ..held
            });
            Flight::Answer(given, world.now)
        }
        _ => {
            let broken = machine.first_broken([(Property::StepUp, true)]);
            return broken.map_or(Ok(()), |property| Err((property, event)));
        }
    };
    let mut after = world.with(i, further);
    after.sessions[usize::from(held.sid)] = Some(effect.after);
    next.push((after, event));
    Ok(())
}

fn pass(world: &World, next: &mut Next) {
    let now = world.now;
    let waits = |flight: &Flight| match *flight {
        Flight::Nothing => true,
        Flight::StepUp(_, since)
        | Flight::Refresh(_, since)
        | Flight::Ends(_, since)
        | Flight::Goes(_, since)
        | Flight::Answer(_, since) => now < since + DELAY,
    };
    let slept = if world.slept { NAP } else { 0 };
    if now < END + slept && world.flying.iter().all(waits) {
        next.push((World { now: now + 1, ..*world }, Event("tick", now + 1)));
    }
    if !world.slept && world.flying == [Flight::Nothing; IN_FLIGHT] {
        let awake = World {
            now: now + NAP,
            slept: true,
            ..*world
        };
        next.push((awake, Event("sleeps till", awake.now)));
    }
}

/// Of all sessions at most one lives on once a raised one was used.
fn old_lives_on(machine: &Machine, world: &World) -> bool {
    let sessions: Vec<_> = world
        .sessions
        .iter()
        .flatten()
        .map(|&state| machine.session(state))
        .collect();
    let used = sessions[1..]
        .iter()
        .filter(|session| session.replaces.is_none())
        .count();
    used > 1 || used == 1 && sessions[0].status == Status::Active
}

impl World {
    fn with(&self, i: usize, flight: Flight) -> Self {
        let mut next = *self;
        next.flying[i] = flight;
        next.flying.sort_unstable();
        next
    }

    /// Carries out a command on one of the sessions; which other one it is about.
    fn run(&mut self, machine: &Machine, sid: u8, action: Action<'_>) -> (Verdict, Option<String>) {
        let session = &mut self.sessions[usize::from(sid)];
        let outcome = machine.command(session.unwrap(), action, self.now, Subject::default());
        if let Some(written) = outcome.session.filter(|_| outcome.write) {
            *session = Some(machine.keep(written));
        }
        (outcome.verdict, outcome.other)
    }
}
