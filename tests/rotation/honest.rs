//! One honest browser: one cookie jar, several requests in flight, any order of arrival, lost answers, sleeping
//! laptops, origins that delay answers, servers that die and servers whose clocks differ. Any refusal here would sign
//! out an honest user.

use tandem_jwt::session::Verdict;

use super::asking::{Ask, State, Token};
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{ALL, Broken, Event, Found, search};

/// The exploration depth and its conditions.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) grace: u64,
    pub(crate) hand_outs: u64,
    pub(crate) losses: u8,
    pub(crate) sleeps: u8,
    pub(crate) sends: u8,
    pub(crate) end: u8,
    /// How many ticks an origin may hold an answer after the edge has refreshed.
    pub(crate) hold: u8,
    /// Whether a server may stop between the write and the answer.
    pub(crate) crashes: bool,
    /// How many ticks a server's clock may be ahead of another's.
    pub(crate) skew: u8,
}

/// Concurrency and reordering only.
pub(crate) const CROWD: Bounds = Bounds {
    grace: 2,
    hand_outs: 3,
    losses: 0,
    sleeps: 0,
    sends: 6,
    end: 8,
    hold: 0,
    crashes: false,
    skew: 0,
};

/// Answers are lost and the laptop sleeps.
pub(crate) const TROUBLED: Bounds = Bounds {
    losses: 2,
    sleeps: 1,
    end: 7,
    ..CROWD
};

/// Origins that take longer than the grace period.
pub(crate) const SLOW: Bounds = Bounds {
    grace: 3,
    sends: 5,
    end: 10,
    hold: 6,
    ..CROWD
};

/// The edge writes no cookie from a hand-out older than this, in ticks.
const LATE: u8 = 1;

const IN_FLIGHT: usize = 3;
/// The longest one-way delay, in ticks.
const DELAY: u8 = 1;
const NAP: u8 = 6;

/// A message in flight, and since when.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Flight {
    Nothing,
    /// Carries a cookie to the edge.
    Request(Token, u8),
    /// Carries a cookie back, or none.
    Response(Option<Token>, u8),
    /// Is held by an origin.
    Held(Option<Token>, u8),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    session: State,
    jar: Token,
    now: u8,
    /// Sorted: messages in flight have no order except that of arrival.
    flying: [Flight; IN_FLIGHT],
    sent: u8,
    lost: u8,
    slept: u8,
}

type Next = Vec<(World, Event)>;

/// Searches for an honest request that is refused.
pub(crate) fn explore(mut machine: Machine, bounds: Bounds) -> Found {
    machine.policy.grace = bounds.grace;
    machine.policy.hand_outs = bounds.hand_outs;
    let first = World {
        session: machine.begin(0, None, 9_000),
        jar: Token::FIRST,
        now: 0,
        flying: [Flight::Nothing; IN_FLIGHT],
        sent: 0,
        lost: 0,
        slept: 0,
    };
    search(first, ALL, |world, next| after(&machine, world, bounds, next))
}

fn after(machine: &Machine, world: &World, bounds: Bounds, next: &mut Next) -> Result<(), Broken> {
    let now = world.now;
    for (i, &flight) in world.flying.iter().enumerate() {
        // Identical messages need not be distinguished.
        if i > 0 && world.flying[i - 1] == flight {
            continue;
        }
        match flight {
            Flight::Nothing if world.sent < bounds.sends => {
                let mut sent = world.with(i, Flight::Request(world.jar, now));
                sent.sent += 1;
                next.push((sent, Event("sends", world.jar.generation.into())));
            }
            Flight::Nothing => {}
            Flight::Request(token, _) => {
                for at in now..=now + bounds.skew {
                    serve(machine, world, (i, token, at), bounds, next)?;
                }
            }
            Flight::Held(token, since) => {
                let in_time = machine.mutant == Some(Mutant::LateCookies) || now - since <= LATE;
                let answered = world.with(i, Flight::Response(token.filter(|_| in_time), now));
                next.push((answered, Event("origin answers", now.into())));
            }
            Flight::Response(token, _) => {
                let mut arrived = world.with(i, Flight::Nothing);
                arrived.jar = token.unwrap_or(world.jar);
                next.push((arrived, Event("jar", arrived.jar.generation.into())));
                if world.lost < bounds.losses && token.is_some() {
                    next.push((world.lose(i), Event("lost", world.jar.generation.into())));
                }
            }
        }
    }
    let waits = |&flight: &Flight| match flight {
        Flight::Nothing => true,
        Flight::Request(_, since) | Flight::Response(_, since) => now + 1 - since <= DELAY,
        Flight::Held(_, since) => now + 1 - since <= bounds.hold,
    };
    if now < bounds.end + NAP * world.slept && world.flying.iter().all(waits) {
        let mut later = *world;
        later.now += 1;
        next.push((later, Event("tick", later.now.into())));
    }
    if world.slept < bounds.sleeps && world.flying == [Flight::Nothing; IN_FLIGHT] {
        let mut awake = *world;
        awake.now += NAP;
        awake.slept += 1;
        next.push((awake, Event("sleeps till", awake.now.into())));
    }
    Ok(())
}

/// The worlds after the server has answered a request.
fn serve(
    machine: &Machine,
    world: &World,
    (i, token, at): (usize, Token, u8),
    bounds: Bounds,
    next: &mut Next,
) -> Result<(), Broken> {
    let effect = machine.present(world.session, Ask::new(token, at.into()));
    let answer = effect.answer;
    let event = Event(
        answer.verdict.map_or("no token", Verdict::name),
        token.generation.into(),
    );
    if let Some(property) = effect.broken {
        return Err((property, event));
    }
    if !answer.access {
        let troubled = world.lost > 0 || world.slept > 0;
        // A token that was handed out but is unknown to the record: the answer left before the write.
        let unknown = answer.verdict == Some(Verdict::Regression);
        let broken = machine.first_broken([
            (Property::I10, unknown),
            (Property::I5, !unknown && troubled),
            (Property::I4, !unknown && !troubled),
        ]);
        return broken.map_or(Ok(()), |property| Err((property, event)));
    }
    let response = if bounds.hold > 0 {
        Flight::Held(answer.refresh, world.now)
    } else {
        Flight::Response(answer.refresh, world.now)
    };
    let mut served = world.with(i, response);
    served.session = effect.after;
    next.push((served, event));
    if bounds.crashes && world.lost < bounds.losses {
        let mut crashed = world.lose(i);
        crashed.session = effect.after;
        next.push((crashed, Event("crashes after", token.generation.into())));
    }
    Ok(())
}

impl World {
    fn with(&self, i: usize, flight: Flight) -> Self {
        let mut next = *self;
        next.flying[i] = flight;
        next.flying.sort_unstable();
        next
    }

    fn lose(&self, i: usize) -> Self {
        let mut next = self.with(i, Flight::Nothing);
        next.lost += 1;
        next
    }
}
