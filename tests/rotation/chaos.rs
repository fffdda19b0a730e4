//! Everything at once: tokens of every generation, forged ones, ones from a future that a restored store has forgotten,
//! logouts, sign-outs everywhere, sessions superseded, clocks set forward and back. No step may break what must always hold.

use std::collections::HashSet;

use tandem_jwt::session::{Row, Status};

use super::machine::{ASKED_FOR, Machine, Mutant, Property, START, State, Token};

const LIFE: u64 = 60;
const DEPTH: usize = 7;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    row: State,
    /// A copy of the store that may be restored.
    backup: State,
    epoch: u64,
    now: u64,
    /// The newest generation that was ever handed out.
    newest: u8,
}

fn explore(machine: &Machine) -> Result<usize, Property> {
    let row = machine.begin(LIFE);
    let first = World {
        row,
        backup: row,
        epoch: 0,
        now: 5,
        newest: 0,
    };
    let mut seen = HashSet::from([first]);
    let mut front = vec![first];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for world in front {
            for after in requests(machine, &world)?.into_iter().chain(others(machine, &world)) {
                if seen.insert(after) {
                    next.push(after);
                }
            }
        }
        front = next;
    }
    Ok(seen.len())
}

/// Every token that there is, by either transport.
fn requests(machine: &Machine, world: &World) -> Result<Vec<World>, Property> {
    let mut after = Vec::new();
    for generation in 0..=world.newest {
        for (forged, by_cookie) in [(false, true), (true, true), (false, false)] {
            let token = Token {
                generation,
                salt: generation,
                forged,
            };
            let (row, answer, broken) = machine.present_in(world.row, token, world.now, world.epoch, by_cookie);
            if let Some(property) = broken {
                return Err(property);
            }
            let newest = answer
                .refresh
                .map_or(world.newest, |token| world.newest.max(token.generation));
            after.push(World { row, newest, ..*world });
        }
    }
    Ok(after)
}

fn others(machine: &Machine, world: &World) -> Vec<World> {
    let changed = |change: &dyn Fn(&mut Row)| {
        let mut row = machine.row(world.row);
        if row.status == Status::Active {
            change(&mut row);
        }
        World {
            row: machine.keep(row),
            ..*world
        }
    };
    let at = START + world.now;
    let mut after = vec![
        World {
            now: world.now + 1,
            ..*world
        },
        World {
            now: world.now + 3,
            ..*world
        },
        World { now: LIFE, ..*world },
        World {
            epoch: world.epoch + 1,
            ..*world
        },
        World {
            backup: world.row,
            ..*world
        },
        World {
            row: world.backup,
            ..*world
        },
        changed(&|row| row.status = Status::Revoked { at, reason: ASKED_FOR }),
        changed(&|row| row.status = Status::Superseded { at }),
    ];
    if world.now > 4 {
        after.push(World {
            now: world.now - 4,
            ..*world
        });
    }
    after
}

#[test]
fn nothing_breaks_what_must_always_hold() {
    for recovery in [0, 30] {
        let states = explore(&Machine::new(recovery, 2, None)).unwrap();
        println!("chaos with recovery {recovery}: nothing is broken in {states} states");
    }
}

/// Each rule that holds always, taken out.
#[test]
fn a_rule_taken_out_is_seen() {
    let cases = [
        (Mutant::FutureAccepted, Property::I15),
        (Mutant::AnyIdentifier, Property::I7),
        (Mutant::RevokedForgotten, Property::I9),
        (Mutant::EpochForgotten, Property::I9),
        (Mutant::AnyTransport, Property::Binding),
        (Mutant::NoAbsoluteEnd, Property::I13),
        (Mutant::TimesDecide, Property::I16),
        (Mutant::AnyAncestor, Property::I2),
    ];
    for (mutant, property) in cases {
        let found = explore(&Machine::new(30, 2, Some(mutant)));
        println!("{mutant:?}: {found:?}");
        assert_eq!(found, Err(property), "{mutant:?}");
    }
}
