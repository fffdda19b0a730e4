//! Honest clients that hold their token themselves: a token file that processes share, and a jar whose tabs take turns.
//! Answers are lost, or held for any time between arrival and save, and every process may sleep for more than a week.
//!
//! A client reads the stored token right before it refreshes, writes only what has changed, and discards an answer if
//! more than half the grace period has passed since its request. Each of these rules is removed once.

use tandem_jwt::session::{Transport, Verdict};

use super::asking::{Ask, State, Token};
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{ALL, Broken, Event, Found, search};

/// The clients' configuration, and the exploration depth.
#[derive(Clone, Copy)]
pub(crate) struct Clients {
    pub(crate) transport: Transport,
    /// Processes that share a file, or tabs that share a jar.
    pub(crate) processes: usize,
    /// Whether a lock lets only one of them refresh at a time.
    pub(crate) take_turns: bool,
    /// Whether the presented token is written back where nothing has changed, but never over a later one: `newerRefresh`.
    pub(crate) newer: bool,
    pub(crate) losses: u8,
    /// How many answers may be held between arrival and save.
    pub(crate) holds: u8,
    pub(crate) naps: &'static [u8],
    pub(crate) sends: u8,
    pub(crate) end: u8,
}

/// One process; the longest sleep is longer than a recovery of 7 days would be.
pub(crate) const ALONE: Clients = Clients {
    transport: Transport::Bearer,
    processes: 1,
    take_turns: false,
    newer: false,
    losses: 2,
    holds: 0,
    naps: &[WEEK, NIGHT],
    sends: 6,
    end: 8,
};

/// Two processes and a file, without a lock.
pub(crate) const FILE: Clients = Clients {
    processes: 2,
    naps: &[NIGHT, WEEK],
    sends: 5,
    end: 6,
    ..ALONE
};

/// … and answers that are held, for as long as the machine sleeps.
pub(crate) const HELD: Clients = Clients {
    losses: 0,
    holds: 1,
    naps: &[NIGHT],
    sends: 6,
    end: 7,
    ..FILE
};

/// … twice, beside an answer that is lost.
pub(crate) const HELD_AND_LOST: Clients = Clients {
    losses: 1,
    holds: 2,
    naps: &[NIGHT, WEEK],
    sends: 4,
    end: 5,
    ..FILE
};

/// Two processes that write back what they were told to keep, unless a later one is there.
pub(crate) const NEWER: Clients = Clients {
    newer: true,
    losses: 1,
    naps: &[NIGHT],
    sends: 6,
    end: 8,
    ..FILE
};

/// Tabs that take turns: a jar cannot discard an answer.
pub(crate) const TURNS: Clients = Clients {
    transport: Transport::Cookie,
    processes: 3,
    take_turns: true,
    losses: 1,
    holds: 1,
    naps: &[NIGHT],
    sends: 6,
    end: 8,
    ..ALONE
};

/// Tabs that do not take turns; nothing goes wrong except that answers overtake each other.
pub(crate) const TABS: Clients = Clients {
    take_turns: false,
    losses: 0,
    holds: 0,
    naps: &[],
    ..TURNS
};

/// In ticks. A session lives for `IDLE`, which is also how long it recovers; the grace is 2.
const IDLE: u64 = 80;
const WEEK: u8 = 60;
const NIGHT: u8 = 6;
/// The longest one-way delay.
const DELAY: u8 = 1;
/// An answer older than this, counted from its request, is discarded: half the grace period.
const FRESH: u8 = 1;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Doing {
    Nothing,
    /// A request has been on its way since this time.
    Asks {
        token: u8,
        sent: u8,
    },
    /// An answer has been on its way since this time; none if nothing has changed.
    Hears {
        presented: u8,
        token: Option<u8>,
        sent: u8,
        since: u8,
    },
    /// The answer has arrived, and the process was stopped before it saved it.
    Holds {
        token: u8,
        sent: u8,
    },
    /// There is no such process. Sorted last.
    Absent,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Process {
    doing: Doing,
    /// The token that it remembers; only if it does not read the file.
    memory: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    session: State,
    file: u8,
    /// Sorted, because they are interchangeable.
    processes: [Process; 3],
    now: u8,
    sent: u8,
    lost: u8,
    held: u8,
    slept: usize,
}

type Next = Vec<(World, Event)>;

/// Searches for an honest client that is refused.
pub(crate) fn explore(mut machine: Machine, clients: Clients) -> Found {
    machine.transport = clients.transport;
    machine.policy.refresh_idle = IDLE;
    if machine.policy.recovery > 0 {
        machine.policy.recovery = IDLE;
    }
    let process = |i| Process {
        doing: if i < clients.processes {
            Doing::Nothing
        } else {
            Doing::Absent
        },
        memory: 0,
    };
    let first = World {
        session: machine.begin(0, None, 9_000),
        file: 0,
        processes: std::array::from_fn(process),
        now: 0,
        sent: 0,
        lost: 0,
        held: 0,
        slept: 0,
    };
    search(first, ALL, |world, next| after(&machine, world, clients, next))
}

fn after(machine: &Machine, world: &World, clients: Clients, next: &mut Next) -> Result<(), Broken> {
    let now = world.now;
    let in_turn = clients.take_turns && machine.mutant != Some(Mutant::NoTurns);
    let busy = |process: &Process| !matches!(process.doing, Doing::Nothing | Doing::Absent);
    for i in 0..world.processes.len() {
        let process = world.processes[i];
        if i > 0 && world.processes[i - 1] == process {
            continue;
        }
        match process.doing {
            Doing::Absent => {}
            Doing::Nothing if world.sent == clients.sends || in_turn && world.processes.iter().any(busy) => {}
            Doing::Nothing => {
                let from_memory = machine.mutant == Some(Mutant::TokenFromMemory);
                let token = if from_memory { process.memory } else { world.file };
                let mut asking = world.with(i, Doing::Asks { token, sent: now }, process.memory);
                asking.sent += 1;
                next.push((asking, Event("sends", token.into())));
            }
            Doing::Asks { token, sent } => serve(machine, world, (i, token, sent), next)?,
            Doing::Hears {
                presented, token, sent, ..
            } => hear(machine, world, clients, (i, presented, token, sent), next),
            Doing::Holds { token, sent } => save(machine, world, clients, (i, token, sent), next),
        }
    }
    pass(world, clients, next);
    Ok(())
}

fn serve(machine: &Machine, world: &World, (i, token, sent): (usize, u8, u8), next: &mut Next) -> Result<(), Broken> {
    let presented = Token {
        generation: token,
        ..Token::FIRST
    };
    let effect = machine.present(world.session, Ask::new(presented, world.now.into()));
    let verdict = effect.answer.verdict;
    let event = Event(verdict.map_or("no token", Verdict::name), token.into());
    if let Some(property) = effect.broken {
        return Err((property, event));
    }
    if !effect.answer.access {
        // A session that is over signs nobody out wrongly.
        let over = verdict == Some(Verdict::Expired);
        let troubled = world.lost > 0 || world.slept > 0 || world.held > 0;
        let broken = machine.first_broken([(Property::I5, !over && troubled), (Property::I4, !over && !troubled)]);
        return broken.map_or(Ok(()), |property| Err((property, event)));
    }
    let successor = effect.answer.refresh.map(|token| token.generation);
    let hears = Doing::Hears {
        // Irrelevant if there is a successor.
        presented: if successor.is_some() { 0 } else { token },
        token: successor,
        sent,
        since: world.now,
    };
    let mut served = world.with(i, hears, world.processes[i].memory);
    served.session = effect.after;
    next.push((served, event));
    Ok(())
}

/// An answer arrives: it is saved at once, held, or lost with its process.
fn hear(
    machine: &Machine,
    world: &World,
    clients: Clients,
    (i, presented, token, sent): (usize, u8, Option<u8>, u8),
    next: &mut Next,
) {
    let memory = world.processes[i].memory;
    let echoes = clients.newer || machine.mutant == Some(Mutant::NaiveEcho);
    match token.or(echoes.then_some(presented)) {
        Some(token) => save(machine, world, clients, (i, token, sent), next),
        None => next.push((world.with(i, Doing::Nothing, memory), Event("keeps", presented.into()))),
    }
    let Some(token) = token else { return };
    if world.lost < clients.losses {
        let mut lost = world.with(i, Doing::Nothing, memory);
        lost.lost += 1;
        next.push((lost, Event("loses", token.into())));
    }
    if world.held < clients.holds {
        let mut held = world.with(i, Doing::Holds { token, sent }, memory);
        held.held += 1;
        next.push((held, Event("holds", token.into())));
    }
}

fn save(machine: &Machine, world: &World, clients: Clients, (i, token, sent): (usize, u8, u8), next: &mut Next) {
    let a_jar = clients.transport == Transport::Cookie;
    let fresh = a_jar || world.now - sent <= FRESH || machine.mutant == Some(Mutant::LateAnswerSaved);
    let older = clients.newer && token <= world.file && machine.mutant != Some(Mutant::NaiveEcho);
    let file = if fresh && !older { token } else { world.file };
    let remembers = machine.mutant == Some(Mutant::TokenFromMemory);
    let mut saved = world.with(i, Doing::Nothing, if remembers { file } else { 0 });
    saved.file = file;
    next.push((saved, Event("has saved", file.into())));
}

/// Time passes, or everything sleeps.
fn pass(world: &World, clients: Clients, next: &mut Next) {
    let now = world.now;
    let waits = |process: &Process| match process.doing {
        Doing::Nothing | Doing::Holds { .. } | Doing::Absent => true,
        Doing::Asks { sent: since, .. } | Doing::Hears { since, .. } => now + 1 - since <= DELAY,
    };
    let slept: u8 = clients.naps[..world.slept].iter().sum();
    if now < clients.end + slept && world.processes.iter().all(waits) {
        let now = now + 1;
        next.push((World { now, ..*world }, Event("tick", now.into())));
    }
    let rests = |process: &Process| matches!(process.doing, Doing::Nothing | Doing::Holds { .. } | Doing::Absent);
    if world.slept < clients.naps.len() && world.processes.iter().all(rests) {
        let awake = World {
            now: now + clients.naps[world.slept],
            slept: world.slept + 1,
            ..*world
        };
        next.push((awake, Event("sleeps till", awake.now.into())));
    }
}

impl World {
    fn with(&self, i: usize, doing: Doing, memory: u8) -> Self {
        let mut next = *self;
        next.processes[i] = Process { doing, memory };
        next.processes.sort_unstable();
        next
    }
}
