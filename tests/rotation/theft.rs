//! Two holders of one refresh token, a victim and a thief, who act in any order. How many of the other's windows can either
//! miss before the session is revoked?

use std::collections::{HashMap, VecDeque};

use tandem_jwt::session::Status;

use super::asking::{Ask, Effect, State, Token};
use super::machine::{Machine, START};
use super::property::Property;
use super::search::Found;

const END: u64 = 24;

#[derive(Clone, Copy)]
struct World {
    session: State,
    hands: [Token; 2],
    now: u64,
    /// Who made the last new generation, when, and whether the other has acted since.
    last: Option<usize>,
    since: u64,
    answered: bool,
    missed: u8,
}

/// The most windows missed, and in how many states; or the broken property, which includes missing more windows than
/// allowed.
pub(crate) fn most_missed(machine: &Machine) -> Result<(u8, usize), Property> {
    let hands = [Token::FIRST; 2];
    let session = machine.begin(0, None, 9_000);
    let first = World {
        session,
        hands,
        now: 0,
        last: None,
        since: 0,
        answered: false,
        missed: 0,
    };
    let mut best = HashMap::new();
    let mut worst = 0;
    let mut todo = VecDeque::from([first]);
    while let Some(world) = todo.pop_front() {
        worst = worst.max(world.missed);
        let unseen = worst > allowed(machine.policy.recovery);
        if let Some(property) = machine.first_broken([(Property::I6, unseen)]) {
            return Err(property);
        }
        if machine.session(world.session).status != Status::Active {
            continue;
        }
        let key = key(machine, &world);
        if best.get(&key).is_some_and(|&missed| missed >= world.missed) {
            continue;
        }
        best.insert(key, world.missed);
        if world.now < END {
            todo.push_back(World {
                now: world.now + 1,
                ..world
            });
        }
        for who in 0..2 {
            let effect = machine.present(world.session, Ask::new(world.hands[who], world.now));
            if let Some(property) = effect.broken {
                return Err(property);
            }
            if effect.answer.access || effect.after == world.session {
                todo.push_back(acted(machine, &world, who, &effect));
            }
        }
    }
    Ok((worst, best.len()))
}

fn acted(machine: &Machine, world: &World, who: usize, effect: &Effect) -> World {
    let mut next = World {
        session: effect.after,
        ..*world
    };
    if world.last.is_some_and(|last| last != who) && !world.answered {
        next.missed += u8::from(world.now - world.since > machine.policy.grace);
        next.answered = true;
    }
    if machine.session(effect.after).generation != machine.session(world.session).generation {
        (next.last, next.since, next.answered) = (Some(who), world.now, false);
    }
    if let Some(token) = effect.answer.refresh {
        next.hands[who] = token;
    }
    next
}

/// Merges worlds with the same future: times count from now, generations from the current one.
fn key(machine: &Machine, world: &World) -> impl Eq + std::hash::Hash + use<> {
    let session = machine.session(world.session);
    let now = START + world.now;
    let ago = |time: u64, longest: u64| now.saturating_sub(time).min(longest);
    let behind = |generation: u64| session.generation.saturating_sub(generation).min(8);
    let parent = session.parent;
    (
        parent.map(|parent| behind(parent.generation)),
        ago(
            parent.map_or(0, |parent| parent.rotated_at),
            machine.policy.recovery + 2,
        ),
        ago(session.handed_out_at, machine.policy.grace + 2),
        session.hand_outs,
        world.hands.map(|token| behind(token.generation.into())),
        (
            world.last,
            ago(START + world.since, machine.policy.grace + 2),
            world.answered,
        ),
    )
}

/// How many windows may be missed: a recovery cannot be distinguished from a thief's first use.
pub(crate) const fn allowed(recovery: u64) -> u8 {
    if recovery == 0 { 0 } else { 1 }
}

/// Searches for a thief who misses more windows than that.
pub(crate) fn explore(machine: &Machine) -> Found {
    match most_missed(machine) {
        Ok((_, states)) => Found::Nothing(states),
        Err(property) => Found::Broken(property, "two holders".into()),
    }
}
