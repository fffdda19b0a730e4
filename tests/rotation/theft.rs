//! Two holders of one refresh token, a victim and a thief, who act in any order. How many of the other's windows can either
//! miss before the session is revoked?

use std::collections::{HashMap, VecDeque};

use tandem_jwt::session::Status;

use super::machine::{Machine, Mutant, Property, START, State, Token};

const END: u64 = 24;

#[derive(Clone, Copy)]
struct World {
    row: State,
    hands: [Token; 2],
    now: u64,
    /// Who made the last new generation, when, and whether the other has acted since.
    last: Option<usize>,
    since: u64,
    answered: bool,
    missed: u8,
}

/// The most windows missed, and in how many states; or what was broken, more windows than `allowed` among it.
fn explore(machine: &Machine, allowed: u8) -> Result<(u8, usize), Property> {
    let hands = [Token::FIRST; 2];
    let row = machine.begin(9_000);
    let first = World {
        row,
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
        if worst > allowed {
            return Err(Property::I6);
        }
        if world.row.status != Status::Active {
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
            let (row, answer, broken) = machine.present(world.row, world.hands[who], world.now);
            if let Some(property) = broken {
                return Err(property);
            }
            if answer.access || row == world.row {
                todo.push_back(acted(machine, &world, who, row, answer.refresh));
            }
        }
    }
    Ok((worst, best.len()))
}

fn acted(machine: &Machine, world: &World, who: usize, row: State, refresh: Option<Token>) -> World {
    let mut next = World { row, ..*world };
    if world.last.is_some_and(|last| last != who) && !world.answered {
        next.missed += u8::from(world.now - world.since > machine.policy.grace);
        next.answered = true;
    }
    if row.generation != world.row.generation {
        (next.last, next.since, next.answered) = (Some(who), world.now, false);
    }
    if let Some(token) = refresh {
        next.hands[who] = token;
    }
    next
}

/// Worlds that go on alike: times count from now, generations from the current one.
fn key(machine: &Machine, world: &World) -> impl Eq + std::hash::Hash + use<> {
    let row = world.row;
    let now = START + world.now;
    let ago = |time: u64, longest: u64| now.saturating_sub(time).min(longest);
    let behind = |generation: u8| row.generation.saturating_sub(generation).min(8);
    (
        row.parent.map(|(generation, _)| behind(generation)),
        ago(row.rotated_at, machine.policy.recovery + 2),
        ago(row.handed_out_at, machine.policy.grace + 2),
        row.hand_outs,
        world.hands.map(|token| behind(token.generation)),
        (
            world.last,
            ago(START + world.since, machine.policy.grace + 2),
            world.answered,
        ),
    )
}

/// How many windows may be missed: a recovery cannot be told from a thief's first.
const fn allowed(recovery: u64) -> u8 {
    if recovery == 0 { 0 } else { 1 }
}

#[test]
fn a_thief_who_misses_a_window_is_found_out() {
    for recovery in [0, 30] {
        let (missed, states) = explore(&Machine::new(recovery, 2, None), allowed(recovery)).unwrap();
        println!("recovery {recovery}: {missed} windows missed at most, in {states} states");
        assert_eq!(missed, allowed(recovery));
    }
}

/// Each rule that finds thieves, taken out.
#[test]
fn a_rule_taken_out_lets_a_thief_live() {
    let cases = [
        (Mutant::NoRevocation, 0, Property::I6),
        (Mutant::NoBurn, 30, Property::I6),
        (Mutant::AnchorSlides, 30, Property::I8),
    ];
    for (mutant, recovery, property) in cases {
        let found = explore(&Machine::new(recovery, 2, Some(mutant)), allowed(recovery));
        println!("{mutant:?}: {found:?}");
        assert_eq!(found, Err(property), "{mutant:?}");
    }
}
