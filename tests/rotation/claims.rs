//! Claims that are read outside the step: two refreshes ask the application at different times, and their steps come in
//! either order. What was read earlier must never replace what was read later.

use std::collections::HashSet;

use tandem_jwt::session::keys::RefreshKeys;
use tandem_jwt::session::{Epoch, NewClaims, NewSession, Policy, Refresh, Row, Transport, issue, step};

/// How far one refresh has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    Waiting,
    /// It has loaded a version of the record, but not asked yet.
    Loaded(u64),
    /// It was told what held at a time, for a version.
    Asked {
        at: u8,
        version: u64,
    },
    Done,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    row: Row,
    stages: [Stage; 3],
    now: u8,
}

/// The number of states, or the claims that went back.
fn explore(heed_version: bool) -> Result<usize, (u8, u8)> {
    let mut keys = RefreshKeys::default();
    keys.add(Some("k"), &[7; 32]).unwrap();
    let key = keys.signing().unwrap().session_key("sid");
    let new = NewSession {
        iss: "iss",
        sub: "sub",
        sid: "sid",
        kid: "k",
        salt: [0; 16],
        transport: Transport::Cookie,
        jkt: None,
        scope: None,
        auth_time: 1_000,
        acr: None,
        claims: r#"{"read":0}"#,
        meta: "{}",
    };
    let mut row = issue(&new, &Policy::DEFAULT, 1_000).unwrap();
    row.epoch = Some(0);
    let jti = key.jti(0, &row.salt);
    let first = World {
        row,
        stages: [Stage::Waiting; 3],
        now: 0,
    };
    let mut seen = HashSet::from([first.clone()]);
    let mut todo = vec![first];
    while let Some(world) = todo.pop() {
        for i in 0..world.stages.len() {
            let mut next = World {
                now: world.now + 1,
                ..world.clone()
            };
            next.stages[i] = match world.stages[i] {
                Stage::Waiting => Stage::Loaded(world.row.version),
                Stage::Loaded(version) => Stage::Asked { at: next.now, version },
                Stage::Asked { at, version } => {
                    let json = format!(r#"{{"read":{at}}}"#);
                    let version = if heed_version { version } else { world.row.version };
                    let request = Refresh {
                        policy: Policy::DEFAULT,
                        generation: 0,
                        jti,
                        session_key: key.clone(),
                        signing_kid: "k",
                        transport: Transport::Cookie,
                        jkt: None,
                        scope: None,
                        claims: Some(NewClaims { version, json: &json }),
                    };
                    let now = 1_100 + u64::from(world.now);
                    let outcome = step(&world.row, &request, now, &Epoch::default(), &[1; 16]);
                    assert!(outcome.verdict.gives_access());
                    if outcome.write {
                        next.row = outcome.row.unwrap();
                    }
                    Stage::Done
                }
                Stage::Done => continue,
            };
            let (before, after) = (read_at(&world.row), read_at(&next.row));
            if after < before {
                return Err((before, after));
            }
            if seen.insert(next.clone()) {
                todo.push(next);
            }
        }
    }
    Ok(seen.len())
}

fn read_at(row: &Row) -> u8 {
    let claims: serde_json::Value = serde_json::from_str(&row.claims).unwrap();
    u8::try_from(claims["read"].as_u64().unwrap()).unwrap()
}

#[test]
fn claims_never_go_back() {
    println!("claims: none goes back in {} states", explore(true).unwrap());
}

#[test]
fn claims_go_back_where_the_version_is_not_heeded() {
    let (before, after) = explore(false).unwrap_err();
    println!("I12 without the version: claims read at {before} are replaced by claims read at {after}");
}
