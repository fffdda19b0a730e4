//! Keys across deployments: two servers that take each step at different times, and may roll back, and a client that
//! refreshes at either, or sleeps. An operator who follows the guards never makes a client wait; one who does not signs
//! nobody out for good.

use tandem_jwt::Error;
use tandem_jwt::session::{NewSession, Policy, RefreshKeys, Session, Transport, issue, refresh_token};

use super::machine::{Machine, START};
use super::property::{Mutant, Property};
use super::search::{ALL, Broken, Event, Found, search};

/// How long a session lives without a refresh, in ticks of some hours.
const IDLE: u64 = 5;

/// The order of deployments: the keys that verify, the one that signs first, and the retired ones.
#[derive(Clone, Copy)]
pub(crate) enum Plan {
    /// Standby, signing, verifying, dropped.
    InSteps,
    /// Every step is a mistake: a new key replaces an old one at once.
    AtOnce,
    /// The same, under the name of the old one.
    SameName,
    /// The old key has leaked.
    Retired,
}

/// A key name, and which secret it has.
type Named = (&'static str, u8);

struct Config {
    signs: usize,
    keys: RefreshKeys,
}

impl Plan {
    fn configs(self) -> Vec<Config> {
        const OLD: Named = ("1", 1);
        const NEW: Named = ("2", 2);
        let steps: &[(&[Named], &[&str])] = match self {
            Self::InSteps => &[(&[OLD], &[]), (&[OLD, NEW], &[]), (&[NEW, OLD], &[]), (&[NEW], &[])],
            Self::AtOnce => &[(&[OLD], &[]), (&[NEW], &[])],
            Self::SameName => &[(&[OLD], &[]), (&[("1", 2)], &[])],
            Self::Retired => &[(&[OLD], &[]), (&[NEW], &["1"])],
        };
        let config = |(named, retired): &(&[Named], &[&str])| {
            let mut keys = RefreshKeys::default();
            for (name, secret) in *named {
                keys.add(Some(name), &[*secret; 32]).unwrap();
            }
            for kid in *retired {
                keys.retire(kid).unwrap();
            }
            Config {
                signs: usize::from(named[0].1) - 1,
                keys,
            }
        };
        steps.iter().map(config).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    /// The step that each server has reached.
    servers: [usize; 2],
    rolled_back: [bool; 2],
    /// The key that signed the token, and the token's age.
    key: usize,
    age: u64,
    /// How long ago any server signed with each key, at most `IDLE`.
    signed: [u64; 2],
}

/// The session's record, and its token under each of the two keys: without a fingerprint in a mutant.
struct Tokens([String; 2]);

/// Searches for a token that must wait if the guards are followed, or else for one that is refused for good.
pub(crate) fn explore(machine: &Machine, plan: Plan) -> Found {
    let configs = plan.configs();
    let tokens = Tokens([1, 2].map(|secret| {
        let mut keys = RefreshKeys::default();
        let name = if matches!(plan, Plan::SameName) || secret == 1 {
            "1"
        } else {
            "2"
        };
        keys.add(Some(name), &[secret; 32]).unwrap();
        refresh_token::write(&keys, &session(&keys)).unwrap()
    }));
    let first = World {
        servers: [0; 2],
        rolled_back: [false; 2],
        key: 0,
        age: 0,
        signed: [0, IDLE],
    };
    search(first, ALL, |world, next| {
        if world.age < IDLE {
            next.push((world.later(&configs), Event("tick", world.age + 1)));
        }
        for i in 0..2 {
            refresh(machine, plan, world, (i, &configs), &tokens, next)?;
            let server = world.servers[i];
            let mut moves = vec![(server + 1, "deploys")];
            if server > 0 && !world.rolled_back[i] {
                moves.push((server - 1, "rolls back to"));
            }
            for (to, what) in moves {
                if to < configs.len() && world.may_go(machine, plan, &configs, i, to) {
                    let mut after = *world;
                    after.servers[i] = to;
                    after.rolled_back[i] |= to < server;
                    next.push((after, Event(what, to as u64)));
                }
            }
        }
        Ok(())
    })
}

fn session(keys: &RefreshKeys) -> Session {
    let new = NewSession {
        iss: "iss",
        sub: "sub",
        sid: "sid",
        kid: keys.signing().unwrap().kid(),
        salt: [0; 16],
        transport: Transport::Bearer,
        jkt: None,
        replaces: None,
        scope: None,
        auth_time: START,
        acr: None,
        claims: "{}",
        meta: "{}",
    };
    let policy = Policy {
        refresh_idle: IDLE,
        ..Policy::DEFAULT
    };
    issue(&new, &policy, START).unwrap()
}

/// The client reaches a server, which reads its token and, if it can, signs the next one.
fn refresh(
    machine: &Machine,
    plan: Plan,
    world: &World,
    (i, configs): (usize, &[Config]),
    tokens: &Tokens,
    next: &mut Vec<(World, Event)>,
) -> Result<(), Broken> {
    let Config { signs, keys } = &configs[world.servers[i]];
    let mut token = tokens.0[world.key].clone();
    if machine.mutant == Some(Mutant::NamesAlone) {
        // As if the name were everything: the header names whichever key has that name here.
        let theirs = refresh_token::write(keys, &session(keys)).unwrap();
        let (header, _) = theirs.split_once('.').unwrap();
        token.replace_range(..token.find('.').unwrap(), header);
    }
    let read = refresh_token::read(keys, "iss", token.as_bytes(), START + world.age);
    let read = match read {
        Err(Error::KidUnknown) if machine.mutant == Some(Mutant::UnknownKidFinal) => Err(Error::KidRetired),
        Err(Error::KidRetired) if machine.mutant == Some(Mutant::RetiredForgotten) => Err(Error::KidUnknown),
        other => other,
    };
    let over = world.age >= IDLE;
    let retired = matches!(plan, Plan::Retired) && world.servers[i] == 1 && world.key == 0;
    let in_steps = matches!(plan, Plan::InSteps);
    let event = Event("refreshes at", i as u64);
    let broken = machine.first_broken([
        (Property::Keys, in_steps && !over && read.is_err()),
        (
            Property::Kid,
            !over && !retired && !matches!(read, Ok(_) | Err(Error::KidUnknown)),
        ),
        (Property::Kid, retired && read != Err(Error::KidRetired)),
        (Property::Kid, over && read == Err(Error::KidUnknown)),
    ]);
    if let Some(property) = broken {
        return Err((property, event));
    }
    if read.is_ok() && !over {
        let mut after = *world;
        (after.key, after.age) = (*signs, 0);
        after.signed[*signs] = 0;
        next.push((after, event));
    }
    Ok(())
}

impl World {
    fn later(&self, configs: &[Config]) -> Self {
        let signing = self.servers.map(|server| configs[server].signs);
        let mut after = *self;
        after.age += 1;
        for (key, signed) in after.signed.iter_mut().enumerate() {
            *signed = if signing.contains(&key) {
                0
            } else {
                (*signed + 1).min(IDLE)
            };
        }
        after
    }

    /// The guards, where a plan goes in steps.
    fn may_go(&self, machine: &Machine, plan: Plan, configs: &[Config], i: usize, to: usize) -> bool {
        if !matches!(plan, Plan::InSteps) {
            return true;
        }
        let (from, other) = (self.servers[i], self.servers[1 - i]);
        let has = |config: usize, key: usize| configs[config].keys.find(["1", "2"][key]).is_ok();
        let signs = configs[to].signs;
        let unknown_there = configs[from].signs != signs && !has(other, signs);
        let drops_young = (0..2).any(|key| {
            let young = self.signed[key] < IDLE || self.servers.iter().any(|&server| configs[server].signs == key);
            has(from, key) && !has(to, key) && young
        });
        let forward = to > from;
        !(unknown_there && machine.mutant != Some(Mutant::NotEverywhere)
            || drops_young && forward && machine.mutant != Some(Mutant::DroppedEarly)
            || drops_young && !forward && machine.mutant != Some(Mutant::RolledBackTooFar))
    }
}
