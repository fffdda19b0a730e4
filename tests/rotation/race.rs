//! Servers that race for one record: each reads it, runs the step and writes with compare-and-set. Anything may happen
//! in between: another server, the end of the session, a server's death before or after its write, the passage of time.

use tandem_jwt::session::{Action, Session, Status, Verdict};

use super::asking::{Answer, Ask, State, Subject, Token};
use super::listed::listed;
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{ALL, Broken, Event, Found, search};

listed! {
    /// How the session ends while two requests with its first token are in progress.
    pub(crate) enum Ending {
        /// It goes on.
        Never,
        /// By its own revocation.
        Revoked,
        /// By another session that takes its place.
        Superseded,
        /// With all of the subject's.
        Everywhere,
        /// All of the subject's end but this one.
        EverywhereButHere,
    }
}

const CRASHES: u8 = 2;

/// What a server read, for a request that arrived at a time: the step uses that time, however late it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Seen {
    at: u64,
    session: State,
    version: u8,
    subject: Subject,
    /// Whether the end of the session had been acknowledged by then.
    ended: bool,
}

/// The progress of a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// The client has sent its request, or sends it again.
    Waiting,
    /// The record was read.
    Loaded(Seen),
    /// The step was run; its result is not written yet.
    Stepped(Seen),
    /// It is written, but the answer has not left yet.
    Committed {
        refresh: Option<Token>,
        access: bool,
        /// Whether the record was read after the end.
        late: bool,
    },
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    session: State,
    version: u8,
    subject: Subject,
    now: u64,
    servers: [Stage; 2],
    ender: Stage,
    /// Whether the end of the session was acknowledged.
    ended: bool,
    crashes: u8,
    /// The successors that were handed out.
    given: [Option<Token>; 2],
}

/// Searches for an order in which a property breaks.
pub(crate) fn explore(machine: &Machine, ending: Ending) -> Found {
    let first = World {
        session: machine.begin(0, None, 9_000),
        version: 0,
        subject: Subject::default(),
        now: 0,
        servers: [Stage::Waiting; 2],
        ender: if ending == Ending::Never {
            Stage::Done
        } else {
            Stage::Waiting
        },
        ended: false,
        crashes: 0,
        given: [None; 2],
    };
    search(first, ALL, |world, next| {
        if world.now < machine.policy.grace {
            let now = world.now + 1;
            next.push((World { now, ..*world }, Event("tick", now)));
        }
        for server in 0..world.servers.len() {
            serve(machine, world, server, next)?;
        }
        end(machine, world, ending, next);
        let broken = next
            .iter()
            .find_map(|(after, event)| Some((broken(machine, after, ending)?, *event)));
        broken.map_or(Ok(()), Err)
    })
}

fn serve(machine: &Machine, world: &World, server: usize, next: &mut Vec<(World, Event)>) -> Result<(), Broken> {
    let number = server as u64;
    let mut push = |stage, change: &dyn Fn(&mut World), what| {
        let mut after = *world;
        after.servers[server] = stage;
        change(&mut after);
        next.push((after, Event(what, number)));
    };
    match world.servers[server] {
        Stage::Waiting => push(Stage::Loaded(world.seen(world.now)), &|_| {}, "loads"),
        Stage::Loaded(seen) => push(Stage::Stepped(seen), &|_| {}, "steps"),
        Stage::Stepped(seen) => {
            let effect = machine.present_once(seen.session, ask(Token::FIRST, seen.at, seen.subject, server));
            if let Some(property) = effect.broken {
                return Err((property, Event("steps", number)));
            }
            let Answer { refresh, access, .. } = effect.answer;
            let committed = Stage::Committed {
                refresh,
                access,
                late: seen.ended,
            };
            if !effect.write {
                push(committed, &|_| {}, "has nothing to write");
            } else if world.version == seen.version || machine.mutant == Some(Mutant::BlindWrite) {
                push(committed, &|after| write(machine, after, effect.after), "writes");
            } else {
                // The same command runs again on what the winner wrote, still with the time of the request.
                push(Stage::Loaded(world.seen(seen.at)), &|_| {}, "loads again");
            }
            if world.crashes < CRASHES {
                push(Stage::Waiting, &|after| after.crashes += 1, "dies before its write");
            }
        }
        Stage::Committed { refresh, access, late } => {
            let refused = !access && !late && !world.ended;
            let checks = [(Property::I10, refused && world.crashes > 0), (Property::I4, refused)];
            if let Some(property) = machine.first_broken(checks) {
                return Err((property, Event("is refused", number)));
            }
            push(Stage::Done, &|after| after.given[server] = refresh, "answers");
            if world.crashes < CRASHES {
                push(Stage::Waiting, &|after| after.crashes += 1, "dies after its write");
            }
        }
        Stage::Done => {}
    }
    Ok(())
}

impl World {
    fn seen(&self, at: u64) -> Seen {
        let Self {
            session,
            version,
            subject,
            ended,
            ..
        } = *self;
        Seen {
            at,
            session,
            version,
            subject,
            ended,
        }
    }
}

/// The session is ended: by a write to its record, or by one to the epoch of its user.
fn end(machine: &Machine, world: &World, ending: Ending, next: &mut Vec<(World, Event)>) {
    let mut after = *world;
    match (world.ender, ending) {
        (Stage::Waiting, Ending::Everywhere | Ending::EverywhereButHere) => {
            let keep = (ending == Ending::EverywhereButHere).then_some(0);
            after.subject = world.subject.sign_out(keep, 0);
            (after.ender, after.ended) = (Stage::Done, keep.is_none());
        }
        (Stage::Waiting, _) => after.ender = Stage::Loaded(world.seen(world.now)),
        (Stage::Loaded(seen), _) if seen.version == world.version => {
            let action = if ending == Ending::Superseded {
                Action::Supersede { by: None }
            } else {
                Action::Revoke
            };
            let outcome = machine.command(seen.session, action, seen.at, seen.subject);
            let session = machine.keep(outcome.session.unwrap());
            write(machine, &mut after, session);
            (after.ender, after.ended) = (Stage::Done, true);
        }
        (Stage::Loaded(_), _) => after.ender = Stage::Waiting,
        (Stage::Stepped(_) | Stage::Committed { .. } | Stage::Done, _) => return,
    }
    next.push((after, Event("the end goes on", world.now)));
}

fn write(machine: &Machine, world: &mut World, session: State) {
    world.session = session;
    world.version += 1;
    if machine.mutant == Some(Mutant::EpochOfTheWrite) {
        let adopted = Session {
            epoch: Some(world.subject.value),
            ..(*machine.session(session)).clone()
        };
        world.session = machine.keep(adopted);
    }
}

/// What must hold in every world, and does not.
fn broken(machine: &Machine, world: &World, ending: Ending) -> Option<Property> {
    let of_ending = match ending {
        Ending::Never | Ending::Revoked => Property::I9,
        Ending::Superseded => Property::Superseded,
        Ending::Everywhere | Ending::EverywhereButHere => Property::Everywhere,
    };
    let session = machine.session(world.session);
    let revoked = matches!(session.status, Status::Revoked { .. });
    // A server that read the record before the end may still answer; one that read it afterwards may not.
    let late = |stage: &Stage| {
        matches!(
            stage,
            Stage::Committed {
                access: true,
                late: true,
                ..
            }
        )
    };
    let given = || world.given.into_iter().flatten();
    let sibling = |token: Token| u64::from(token.generation) == session.generation && token.variant != session.salt[0];
    let answers: Vec<_> = given()
        .chain([Token::FIRST])
        .map(|token| {
            machine
                .present_once(world.session, ask(token, world.now, world.subject, 0))
                .answer
        })
        .collect();
    let lives = answers.iter().any(|answer| answer.access);
    let stale = answers.iter().any(|answer| answer.verdict == Some(Verdict::Stale));
    let refused = answers.iter().any(|answer| !answer.access);
    machine.first_broken([
        (Property::I9, ending == Ending::Revoked && world.ended && !revoked),
        (of_ending, world.servers.iter().any(late)),
        (Property::I1, given().any(sibling)),
        (of_ending, world.ended && lives),
        (Property::Everywhere, !world.ended && stale),
        (Property::I10, !world.ended && refused),
    ])
}

/// Each server draws its own salt.
fn ask(token: Token, at: u64, subject: Subject, server: usize) -> Ask {
    Ask {
        subject,
        fresh: u8::from(server != 0),
        ..Ask::new(token, at)
    }
}
