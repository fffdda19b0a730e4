//! Claims that are read outside the step: two refreshes ask the application at different times, and their steps run in
//! either order. Claims read earlier must never replace claims read later.

use tandem_jwt::session::keys::RefreshKeys;
use tandem_jwt::session::{Epoch, JtiKey, NewClaims, NewSession, Policy, Refresh, Session, Transport, issue, step};

use super::machine::Machine;
use super::property::{Mutant, Property};
use super::search::{ALL, Event, Found, search};

/// The progress of one refresh.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    Waiting,
    /// It has loaded a version of the record, but not asked yet.
    Loaded(u64),
    /// It has received the claims as of a time, for a version.
    Asked {
        at: u8,
        version: u64,
    },
    Done,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    session: Session,
    stages: [Stage; 3],
    now: u8,
}

/// Searches for claims that go back in time.
pub(crate) fn explore(machine: &Machine) -> Found {
    let mut keys = RefreshKeys::default();
    keys.add(Some("k"), &[7; 32]).unwrap();
    let key = keys.signing().unwrap().jti_key("sid");
    let new = NewSession {
        iss: "iss",
        sub: "sub",
        sid: "sid",
        kid: "k",
        salt: [0; 16],
        transport: Transport::Cookie,
        jkt: None,
        replaces: None,
        scope: None,
        auth_time: 1_000,
        acr: None,
        claims: r#"{"read":0}"#,
        meta: "{}",
    };
    let mut session = issue(&new, &Policy::DEFAULT, 1_000).unwrap();
    session.epoch = Some(0);
    let first = World {
        session,
        stages: [Stage::Waiting; 3],
        now: 0,
    };
    search(first, ALL, |world, next| {
        for i in 0..world.stages.len() {
            let Some(after) = go_on(world, i, &key, machine.mutant) else {
                continue;
            };
            let event = Event("the request goes on", i as u64);
            if read_at(&after.session) < read_at(&world.session) {
                return Err((Property::I12, event));
            }
            next.push((after, event));
        }
        Ok(())
    })
}

fn go_on(world: &World, i: usize, key: &JtiKey, mutant: Option<Mutant>) -> Option<World> {
    let mut next = World {
        now: world.now + 1,
        ..world.clone()
    };
    next.stages[i] = match world.stages[i] {
        Stage::Waiting => Stage::Loaded(world.session.version),
        Stage::Loaded(version) => Stage::Asked { at: next.now, version },
        Stage::Asked { at, version } => {
            let json = format!(r#"{{"read":{at}}}"#);
            let any_version = mutant == Some(Mutant::ClaimsOfAnyVersion);
            let request = Refresh {
                policy: Policy::DEFAULT,
                generation: 0,
                jti: key.jti(0, &[0; 16], Some(&world.session.facts())),
                jti_key: key.clone(),
                signing_kid: "k",
                binds: true,
                replaced: false,
                transport: Transport::Cookie,
                jkt: None,
                scope: None,
                claims: Some(NewClaims {
                    version: if any_version { world.session.version } else { version },
                    json: &json,
                }),
            };
            let now = 1_100 + u64::from(world.now);
            let outcome = step(&world.session, &request, now, &Epoch::default(), &[1; 16]);
            assert!(outcome.verdict.gives_access());
            if outcome.write {
                next.session = outcome.session.unwrap();
            }
            Stage::Done
        }
        Stage::Done => return None,
    };
    Some(next)
}

fn read_at(session: &Session) -> u64 {
    let claims: serde_json::Value = serde_json::from_str(&session.claims).unwrap();
    claims["read"].as_u64().unwrap()
}
