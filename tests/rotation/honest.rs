//! One honest browser: one cookie jar, several requests in flight, any order of arrival, answers lost, laptops asleep, origins
//! that hold answers back. Whoever is refused here was signed out for nothing.

use std::collections::HashMap;

use tandem_jwt::session::Verdict;

use super::machine::{DELAY, Machine, Mutant, Property, State, Token};

/// How far is looked.
#[derive(Clone, Copy)]
struct Bounds {
    losses: u8,
    sleeps: u8,
    sends: u8,
    end: u8,
    /// How many ticks an origin may hold an answer after the edge has refreshed.
    hold: u8,
    /// The edge writes no cookie from a hand-out older than this.
    drop_after: Option<u8>,
    /// Whether a server may stop between the write and the answer.
    crashes: bool,
}

const NEVER: Bounds = Bounds {
    losses: 0,
    sleeps: 0,
    sends: 6,
    end: 8,
    hold: 0,
    drop_after: None,
    crashes: false,
};

const IN_FLIGHT: usize = 3;
const NAP: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Message {
    /// Carries a cookie to the edge.
    Request(Token),
    /// Carries a cookie back, or none.
    Response(Option<Token>),
    /// Is held by an origin.
    Held(Option<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    row: State,
    jar: Token,
    now: u8,
    flying: Vec<(Message, u8)>,
    sent: u8,
    lost: u8,
    slept: u8,
}

/// What was found: a property broken and the way there, or none in so many states.
#[derive(Debug)]
enum Found {
    Broken(Property, String),
    Nothing(usize),
}

fn explore(machine: &Machine, bounds: Bounds) -> Found {
    let first = World {
        row: machine.begin(9_000),
        jar: Token::FIRST,
        now: 0,
        flying: Vec::new(),
        sent: 0,
        lost: 0,
        slept: 0,
    };
    let mut worlds = vec![(first.clone(), 0_usize, String::new())];
    let mut seen = HashMap::from([(first, 0)]);
    let mut at = 0;
    while let Some((world, ..)) = worlds.get(at).cloned() {
        for (next, event) in after(machine, &world, bounds) {
            let (next, broken) = match next {
                Ok(next) => (next, None),
                Err(property) => (world.clone(), Some(property)),
            };
            if let Some(property) = broken {
                return Found::Broken(property, trace(&worlds, at) + &event);
            }
            if !seen.contains_key(&next) {
                seen.insert(next.clone(), worlds.len());
                worlds.push((next, at, event));
            }
        }
        at += 1;
    }
    Found::Nothing(worlds.len())
}

type Next = (Result<World, Property>, String);

fn after(machine: &Machine, world: &World, bounds: Bounds) -> Vec<Next> {
    let mut next = Vec::new();
    let mut push = |world: World, event: String| next.push((Ok(world), event));
    if world.sent < bounds.sends && world.flying.len() < IN_FLIGHT {
        let mut sent = with(world, None, Some(Message::Request(world.jar)));
        sent.sent += 1;
        push(sent, format!("{} sends {}", world.now, world.jar.generation));
    }
    for (i, &(message, born)) in world.flying.iter().enumerate() {
        if i > 0 && world.flying[i - 1] == world.flying[i] {
            continue;
        }
        match message {
            Message::Request(token) => match answered(machine, world, i, token, bounds) {
                Ok(worlds) => worlds.into_iter().for_each(|(world, event)| push(world, event)),
                Err(property) => return vec![(Err(property), format!("{} server: {}", world.now, token.generation))],
            },
            Message::Held(token) => {
                let kept = token.filter(|_| bounds.drop_after.is_none_or(|after| world.now - born <= after));
                push(
                    with(world, Some(i), Some(Message::Response(kept))),
                    format!("{} origin answers", world.now),
                );
            }
            Message::Response(token) => {
                let mut arrived = with(world, Some(i), None);
                arrived.jar = token.unwrap_or(world.jar);
                push(arrived, format!("{} jar", world.now));
                if world.lost < bounds.losses && token.is_some() {
                    let mut lost = with(world, Some(i), None);
                    lost.lost += 1;
                    push(lost, format!("{} lost", world.now));
                }
            }
        }
    }
    let in_time = |&(message, born): &(Message, u8)| {
        let longest = if matches!(message, Message::Held(_)) {
            bounds.hold
        } else {
            DELAY
        };
        world.now + 1 - born <= longest
    };
    if world.now < bounds.end + NAP * world.slept && world.flying.iter().all(in_time) {
        push(
            World {
                now: world.now + 1,
                ..world.clone()
            },
            String::new(),
        );
    }
    if world.slept < bounds.sleeps && world.flying.is_empty() {
        push(
            World {
                now: world.now + NAP,
                slept: world.slept + 1,
                ..world.clone()
            },
            "sleeps".into(),
        );
    }
    next
}

/// The worlds after the server has answered a request.
fn answered(
    machine: &Machine,
    world: &World,
    i: usize,
    token: Token,
    bounds: Bounds,
) -> Result<Vec<(World, String)>, Property> {
    let (row, answer, broken) = machine.present(world.row, token, world.now.into());
    if let Some(property) = broken {
        return Err(property);
    }
    if !answer.access {
        let troubled = world.lost > 0 || world.slept > 0;
        // A token that was given and that the record does not know: the answer had left before the write.
        return Err(if answer.verdict == Verdict::Regression {
            Property::I10
        } else if troubled {
            Property::I5
        } else {
            Property::I4
        });
    }
    retry_works(machine, row, token, world.now.into())?;
    let event = format!("{} server: {} {}", world.now, token.generation, answer.verdict.name());
    let response = if bounds.hold > 0 {
        Message::Held(answer.refresh)
    } else {
        Message::Response(answer.refresh)
    };
    let mut worlds = vec![(
        World {
            row,
            ..with(world, Some(i), Some(response))
        },
        event.clone(),
    )];
    if bounds.crashes && world.lost < bounds.losses {
        worlds.push((
            World {
                row,
                lost: world.lost + 1,
                ..with(world, Some(i), None)
            },
            event + ", crashes",
        ));
    }
    Ok(worlds)
}

/// Whoever lost this answer asks again with the same token, at any time within the grace.
fn retry_works(machine: &Machine, row: State, token: Token, now: u64) -> Result<(), Property> {
    for later in now..=now + machine.policy.grace {
        let (_, answer, broken) = machine.present(row, token, later);
        if let Some(property) = broken {
            return Err(property);
        }
        if !answer.access {
            return Err(Property::I10);
        }
    }
    Ok(())
}

fn with(world: &World, without: Option<usize>, message: Option<Message>) -> World {
    let mut next = world.clone();
    if let Some(i) = without {
        next.flying.remove(i);
    }
    if let Some(message) = message {
        next.flying.push((message, world.now));
    }
    next.flying.sort_unstable();
    next
}

fn trace(worlds: &[(World, usize, String)], mut at: usize) -> String {
    let mut events = Vec::new();
    while at > 0 {
        let (_, before, event) = &worlds[at];
        events.push(event.as_str());
        at = *before;
    }
    events.reverse();
    events.retain(|event| !event.is_empty());
    events
        .into_iter()
        .fold(String::new(), |text, event| text + event + "; ")
}

fn nothing(name: &str, machine: &Machine, bounds: Bounds) -> usize {
    match explore(machine, bounds) {
        Found::Nothing(states) => {
            println!("{name}: nobody is signed out in {states} states");
            states
        }
        Found::Broken(property, trace) => panic!("{name}: {property:?} is broken by {trace}"),
    }
}

/// The figures are those of an independent model of the same rules.
#[test]
fn concurrency_and_reordering_sign_nobody_out() {
    for recovery in [0, 30] {
        let states = nothing("concurrency", &Machine::new(recovery, 2, None), NEVER);
        assert_eq!(states, 24_919);
    }
}

#[test]
fn hand_outs_used_up_sign_nobody_out() {
    let mut machine = Machine::new(30, 2, None);
    machine.policy.hand_outs = 1;
    nothing("1 hand-out", &machine, NEVER);
}

#[test]
fn losses_sign_nobody_out() {
    let machine = Machine::new(30, 2, None);
    nothing("1 answer lost", &machine, Bounds { losses: 1, ..NEVER });
    let states = nothing(
        "2 answers lost",
        &machine,
        Bounds {
            losses: 2,
            end: 9,
            ..NEVER
        },
    );
    assert_eq!(states, 148_505);
}

#[test]
fn losses_and_sleeps_sign_nobody_out() {
    let machine = Machine::new(30, 2, None);
    nothing(
        "2 lost, 1 sleep",
        &machine,
        Bounds {
            losses: 2,
            sleeps: 1,
            end: 7,
            ..NEVER
        },
    );
}

#[test]
fn crashes_between_write_and_answer_sign_nobody_out() {
    let machine = Machine::new(30, 2, None);
    nothing(
        "2 crashes",
        &machine,
        Bounds {
            losses: 2,
            crashes: true,
            sends: 5,
            ..NEVER
        },
    );
}

#[test]
fn slow_origins_sign_nobody_out_where_late_cookies_are_dropped() {
    let machine = Machine::new(30, 3, None);
    let slow = Bounds {
        sends: 4,
        end: 10,
        hold: 6,
        drop_after: Some(1),
        ..NEVER
    };
    nothing("slow origins", &machine, slow);
    let always_written = explore(
        &machine,
        Bounds {
            sends: 5,
            drop_after: None,
            ..slow
        },
    );
    assert!(
        matches!(always_written, Found::Broken(Property::I4, _)),
        "{always_written:?}"
    );
}

/// Each rule that protects the honest, taken out.
#[test]
fn a_rule_taken_out_signs_somebody_out() {
    let troubled = Bounds {
        losses: 2,
        sleeps: 1,
        end: 7,
        ..NEVER
    };
    let cases = [
        (Mutant::NoDebounce, 30, NEVER, Property::I4),
        (Mutant::CookieForCurrent, 30, NEVER, Property::I11),
        (Mutant::Siblings, 30, NEVER, Property::I1),
        (Mutant::HandOutForgotten, 30, NEVER, Property::I4),
        (Mutant::NoRecovery, 30, troubled, Property::I5),
        (Mutant::TooManyRequests, 30, NEVER, Property::I10),
        (Mutant::HandOutsForEver, 30, NEVER, Property::I8),
        (Mutant::IdleSlides, 30, NEVER, Property::I8),
        (Mutant::AbsoluteSlides, 30, NEVER, Property::I13),
        (Mutant::AnswerBeforeWrite, 30, NEVER, Property::I10),
    ];
    for (mutant, recovery, bounds, property) in cases {
        let mut machine = Machine::new(recovery, 2, Some(mutant));
        machine.policy.hand_outs = if mutant == Mutant::TooManyRequests { 1 } else { 3 };
        match explore(&machine, bounds) {
            Found::Broken(broken, trace) => {
                println!("{mutant:?}: {broken:?} by {trace}");
                assert_eq!(broken, property, "{mutant:?}: {trace}");
            }
            Found::Nothing(states) => panic!("{mutant:?}: nothing is broken in {states} states"),
        }
    }
}
