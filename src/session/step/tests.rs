use proptest::prelude::*;

use super::*;
use crate::session::keys::RefreshKeys;
use crate::session::record::tests::a_session;

const POLICY: Policy = Policy {
    access_ttl: 60,
    refresh_idle: 10_000,
    absolute: 50_000,
    grace: 30,
    recovery: 1_000,
    hand_outs: 2,
    jitter: 0,
};
const EPOCH: Epoch<'_> = Epoch {
    value: 0,
    keep: None,
    kept_from: 0,
    clock_ms: None,
};

fn jti_key() -> JtiKey {
    let mut keys = RefreshKeys::default();
    keys.add(Some("k1"), &[1; 32]).unwrap();
    keys.signing().unwrap().jti_key("s1")
}

fn new_session() -> Session {
    Session {
        created_at: 1_000,
        idle_exp: 11_000,
        abs_exp: 51_000,
        ..a_session()
    }
}

/// A refresh with the genuine token of a generation, where the record knows its salt.
fn with(session: &Session, generation: u64) -> Refresh<'static> {
    let salt = if generation == session.generation {
        session.salt
    } else {
        session
            .parent
            .filter(|parent| parent.generation == generation)
            .map_or([0xee; 16], |parent| parent.salt)
    };
    let jti_key = jti_key();
    Refresh {
        policy: POLICY,
        generation,
        jti: jti_key.jti(generation, &salt, Some(&session.facts())),
        jti_key,
        signing_kid: "k1",
        binds: true,
        replaced: false,
        transport: session.transport,
        jkt: None,
        scope: None,
        claims: None,
    }
}

fn go(session: &Session, generation: u64, now: u64) -> Outcome {
    step(
        session,
        &with(session, generation),
        now,
        &EPOCH,
        &[now.to_be_bytes()[7]; 16],
    )
}

/// The record after an outcome that wrote it.
fn written(outcome: Outcome) -> Session {
    assert!(outcome.write, "{:?} should write", outcome.verdict);
    outcome.session.unwrap()
}

/// A session rotated once, at 2,000.
fn rotated() -> Session {
    written(go(&new_session(), 0, 2_000))
}

#[test]
fn the_current_token_rotates() {
    let outcome = go(&new_session(), 0, 2_000);
    assert_eq!(outcome.verdict, Verdict::Rotated);
    let session = written(outcome);
    assert_eq!(
        (
            session.generation,
            session.handed_out_at,
            session.hand_outs,
            session.issued_at
        ),
        (1, 2_000, 0, 2_000)
    );
    assert_eq!(
        session.parent,
        Some(Parent {
            generation: 0,
            rotated_at: 2_000,
            salt: [1; 16],
            bound: true,
        })
    );
    assert_eq!(
        (session.idle_exp, session.abs_exp, session.version),
        (12_000, 51_000, 2)
    );
}

#[test]
fn the_first_token_rotates_at_once() {
    assert_eq!(go(&new_session(), 0, 1_000).verdict, Verdict::Rotated);
}

#[test]
fn the_current_token_waits_while_it_is_on_its_way() {
    for now in [2_000, 2_030] {
        let outcome = go(&rotated(), 1, now);
        assert_eq!((outcome.verdict, outcome.write), (Verdict::Debounced, false));
    }
    assert_eq!(go(&rotated(), 1, 2_031).verdict, Verdict::Rotated);
}

#[test]
fn the_parent_gets_the_same_successor() {
    let session = rotated();
    let same_second = go(&session, 0, 2_000);
    assert_eq!((same_second.verdict, same_second.write), (Verdict::Repeated, false));
    assert_eq!(same_second.session, Some(session.clone()));

    let outcome = go(&session, 0, 2_030);
    assert_eq!(outcome.verdict, Verdict::Grace);
    let later = written(outcome);
    let expected = Session {
        handed_out_at: 2_030,
        hand_outs: 1,
        version: 3,
        ..session
    };
    assert_eq!(later, expected);
}

#[test]
fn hand_outs_are_counted() {
    let mut session = rotated();
    for now in [2_010, 2_020] {
        session = written(go(&session, 0, now));
    }
    let outcome = go(&session, 0, 2_030);
    assert_eq!((outcome.verdict, outcome.write), (Verdict::HandOutsUsed, false));
    // It is the last hand-out that the grace runs from.
    assert_eq!(go(&session, 0, 2_050).verdict, Verdict::HandOutsUsed);
    assert_eq!(go(&session, 0, 2_051).verdict, Verdict::Recovered);
}

#[test]
fn the_parent_recovers_and_burns_the_current_token() {
    let session = rotated();
    let outcome = go(&session, 0, 2_500);
    assert_eq!(outcome.verdict, Verdict::Recovered);
    let recovered = written(outcome);
    assert_eq!(
        (recovered.generation, recovered.handed_out_at, recovered.hand_outs),
        (2, 2_500, 0)
    );
    assert_eq!(
        (recovered.parent, recovered.idle_exp),
        (session.parent, session.idle_exp)
    );
    assert_eq!(go(&recovered, 1, 2_501).verdict, Verdict::Reuse);
}

#[test]
fn recovery_runs_from_the_first_rotation() {
    let once = written(go(&rotated(), 0, 2_900));
    assert_eq!(go(&once, 0, 3_000).verdict, Verdict::Recovered);
    assert_eq!(go(&once, 0, 3_001).verdict, Verdict::LateParent);
}

#[test]
fn a_bearer_token_recovers_as_a_cookie_does() {
    let session = Session {
        transport: Transport::Bearer,
        ..rotated()
    };
    assert_eq!(go(&session, 0, 2_030).verdict, Verdict::Grace);
    assert_eq!(go(&session, 0, 2_031).verdict, Verdict::Recovered);
    let strict = Refresh {
        policy: Policy { recovery: 0, ..POLICY },
        ..with(&session, 0)
    };
    assert_eq!(
        step(&session, &strict, 2_031, &EPOCH, &[9; 16]).verdict,
        Verdict::LateParent
    );
}

#[test]
fn an_older_token_revokes() {
    let session = written(go(&rotated(), 1, 2_100));
    let outcome = go(&session, 0, 2_100);
    assert_eq!(outcome.verdict, Verdict::Reuse);
    let revoked = written(outcome);
    assert_eq!(
        revoked.status,
        Status::Revoked {
            at: 2_100,
            reason: Reason::Reuse
        }
    );
    for generation in 0..4 {
        let outcome = go(&revoked, generation, 2_101);
        assert_eq!(
            (outcome.verdict, outcome.write, outcome.session),
            (Verdict::Revoked, false, None)
        );
    }
}

#[test]
fn whoever_edits_the_facts_of_a_session_ends_it() {
    let session = rotated();
    let edits: [fn(&mut Session); 5] = [
        |session| session.scope = Some("read write admin".into()),
        |session| session.acr = Some("otp".into()),
        |session| session.auth_time += 1,
        |session| session.created_at += 1,
        |session| session.abs_exp += 1,
    ];
    for edit in edits {
        for generation in [0, 1] {
            let mut edited = session.clone();
            edit(&mut edited);
            let outcome = step(&edited, &with(&session, generation), 2_100, &EPOCH, &[9; 16]);
            assert_eq!(outcome.verdict, Verdict::Regression);
            // What a server of the previous version made is bound to nothing.
            edited.bound = false;
            edited.parent = edited.parent.map(|parent| Parent { bound: false, ..parent });
            let mut unbound = with(&session, generation);
            let salt = if generation == 1 {
                session.salt
            } else {
                session.parent.unwrap().salt
            };
            unbound.jti = unbound.jti_key.jti(generation, &salt, None);
            assert!(step(&edited, &unbound, 2_100, &EPOCH, &[9; 16]).verdict.gives_access());
        }
    }
    // Who it is bound to is looked at before; with both edited nobody has its tokens.
    let mut edited = session.clone();
    edited.jkt = Some("thief".into());
    let request = Refresh {
        jkt: Some("thief"),
        ..with(&session, 1)
    };
    assert_eq!(
        step(&edited, &request, 2_100, &EPOCH, &[9; 16]).verdict,
        Verdict::Regression
    );
    edited = Session {
        transport: Transport::Bearer,
        ..session.clone()
    };
    let request = Refresh {
        transport: Transport::Bearer,
        ..with(&session, 1)
    };
    assert_eq!(
        step(&edited, &request, 2_100, &EPOCH, &[9; 16]).verdict,
        Verdict::Regression
    );
}

#[test]
fn a_raised_session_asks_for_the_end_of_the_old_one_first() {
    let session = Session {
        replaces: Some("s0".into()),
        ..new_session()
    };
    let outcome = go(&session, 0, 2_000);
    assert_eq!(
        (outcome.verdict, outcome.write, outcome.other.as_deref()),
        (Verdict::Replaces, false, Some("s0"))
    );
    let request = Refresh {
        replaced: true,
        ..with(&session, 0)
    };
    let outcome = step(&session, &request, 2_000, &EPOCH, &[1; 16]);
    assert_eq!(outcome.verdict, Verdict::Rotated);
    assert_eq!(written(outcome).replaces, None);
}

#[test]
fn a_token_from_the_future_revokes() {
    let outcome = go(&rotated(), 2, 2_010);
    assert_eq!(outcome.verdict, Verdict::Regression);
    assert_eq!(
        written(outcome).status,
        Status::Revoked {
            at: 2_010,
            reason: Reason::Regression
        }
    );
}

#[test]
fn a_wrong_identifier_revokes_where_the_salt_is_kept() {
    for generation in [0, 1] {
        for now in [2_000, 2_010, 2_100, 9_000] {
            let session = rotated();
            let mut request = with(&session, generation);
            request.jti[15] ^= 1;
            let outcome = step(&session, &request, now, &EPOCH, &[9; 16]);
            assert_eq!(outcome.verdict, Verdict::Regression);
        }
    }
}

#[test]
fn a_session_ends_in_time() {
    let session = rotated();
    assert_eq!(go(&session, 1, 11_999).verdict, Verdict::Rotated);
    for generation in 0..3 {
        let outcome = go(&session, generation, 12_000);
        assert_eq!((outcome.verdict, outcome.write), (Verdict::Expired, false));
    }
    let session = Session {
        idle_exp: u64::MAX,
        ..session
    };
    assert_eq!(go(&session, 1, 50_999).verdict, Verdict::Rotated);
    assert_eq!(go(&session, 1, 51_000).verdict, Verdict::Expired);
}

#[test]
fn another_binding_is_refused_and_harms_nothing() {
    let session = rotated();
    for generation in 0..4 {
        let bearer = Refresh {
            transport: Transport::Bearer,
            ..with(&session, generation)
        };
        let key = Refresh {
            jkt: Some("thumb"),
            ..with(&session, generation)
        };
        for request in [bearer, key] {
            assert_eq!(
                step(&session, &request, 2_100, &EPOCH, &[9; 16]),
                Outcome::refused(Verdict::BindingMismatch)
            );
        }
    }
}

#[test]
fn a_superseded_session_says_retry_and_then_no_more() {
    let session = Session {
        status: Status::Superseded { at: 2_010 },
        ..rotated()
    };
    for generation in 0..4 {
        assert_eq!(go(&session, generation, 2_040), Outcome::refused(Verdict::Retry));
        assert_eq!(go(&session, generation, 2_041), Outcome::refused(Verdict::Superseded));
    }
}

#[test]
fn an_epoch_ends_all_sessions_but_the_kept_one() {
    let session = rotated();
    let verdict =
        |session: &Session, epoch: Epoch<'_>| step(session, &with(session, 1), 2_100, &epoch, &[9; 16]).verdict;
    assert_eq!(verdict(&session, Epoch { value: 7, ..EPOCH }), Verdict::Stale);
    assert_eq!(
        verdict(
            &session,
            Epoch {
                value: 7,
                keep: Some("s2"),
                ..EPOCH
            }
        ),
        Verdict::Stale
    );
    // It was ended by an earlier epoch, and keeping it later does not bring it back.
    assert_eq!(
        verdict(
            &session,
            Epoch {
                value: 8,
                keep: Some("s1"),
                kept_from: 7,
                ..EPOCH
            }
        ),
        Verdict::Stale
    );
    assert_eq!(
        verdict(
            &Session {
                epoch: Some(9),
                ..session.clone()
            },
            Epoch {
                value: 8,
                keep: Some("s1"),
                kept_from: 0,
                ..EPOCH
            }
        ),
        Verdict::Stale
    );
    assert_eq!(
        verdict(
            &Session {
                epoch: None,
                ..session.clone()
            },
            EPOCH
        ),
        Verdict::Stale
    );

    let kept = Epoch {
        value: 7,
        keep: Some("s1"),
        kept_from: 0,
        ..EPOCH
    };
    let outcome = step(&session, &with(&session, 1), 2_100, &kept, &[9; 16]);
    assert_eq!(outcome.verdict, Verdict::Rotated);
    let adopted = written(outcome);
    assert_eq!(adopted.epoch, Some(7));
    assert_eq!(
        step(
            &adopted,
            &with(&adopted, 2),
            2_200,
            &Epoch { value: 7, ..EPOCH },
            &[9; 16]
        )
        .verdict,
        Verdict::Rotated
    );
}

#[test]
fn a_session_lives_until_it_ends() {
    let session = rotated();
    let lives = |status, now| {
        Session {
            status,
            ..session.clone()
        }
        .is_active(&EPOCH, now, POLICY.grace)
    };
    assert!(lives(Status::Active, 11_999) && !lives(Status::Active, 12_000));
    assert!(lives(Status::Superseded { at: 2_000 }, 2_030) && !lives(Status::Superseded { at: 2_000 }, 2_031));
    let reason = Reason::Request;
    assert!(!lives(Status::Revoked { at: 2_000, reason }, 2_000));
    assert!(!session.is_active(&Epoch { value: 1, ..EPOCH }, 2_000, POLICY.grace));
}

#[test]
fn a_scope_narrows_one_access_token_only() {
    let session = rotated();
    let asked = |scope, generation| {
        let request = Refresh {
            scope: Some(scope),
            ..with(&session, generation)
        };
        step(&session, &request, 2_100, &EPOCH, &[9; 16])
    };
    let narrowed = asked("read", 1);
    assert_eq!(narrowed.verdict, Verdict::Rotated);
    assert_eq!(written(narrowed).scope, session.scope);
    assert_eq!(asked("admin", 1), Outcome::refused(Verdict::ScopeExceeded));
    assert_eq!(asked("", 0), Outcome::refused(Verdict::ScopeExceeded));
    // What betrays theft does so whatever it asks for.
    assert_eq!(asked("admin", 2).verdict, Verdict::Regression);
}

#[test]
fn new_claims_count_for_the_version_they_were_read_for() {
    let session = rotated();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2_048));
    let taken = |version, json| {
        let request = Refresh {
            claims: Some(NewClaims { version, json }),
            ..with(&session, 1)
        };
        let outcome = step(&session, &request, 2_100, &EPOCH, &[9; 16]);
        (outcome.claims, written(outcome).claims)
    };
    assert_eq!(taken(2, r#"{"a":1}"#), (ClaimsFate::Taken, r#"{"a":1}"#.into()));
    assert_eq!(taken(1, r#"{"a":1}"#), (ClaimsFate::Outdated, "{}".into()));
    assert_eq!(taken(2, &long), (ClaimsFate::TooLarge, "{}".into()));
}

#[test]
fn a_clock_that_lags_a_little_stands_still() {
    let session = written(go(&rotated(), 0, 2_020));
    let outcome = go(&session, 0, 1_960);
    assert_eq!(
        (outcome.verdict, outcome.clock_went_back, outcome.write),
        (Verdict::Repeated, false, false)
    );
}

#[test]
fn a_clock_set_back_is_taken_over() {
    let session = written(go(&rotated(), 0, 2_020));
    let outcome = go(&session, 1, 1_959);
    assert_eq!((outcome.verdict, outcome.clock_went_back), (Verdict::Debounced, true));
    let back = written(outcome);
    assert_eq!((back.handed_out_at, back.parent.unwrap().rotated_at), (1_959, 1_959));
    assert_eq!(go(&back, 1, 1_990).verdict, Verdict::Rotated);
    assert_eq!(go(&back, 0, 1_990).verdict, Verdict::Recovered);
}

proptest! {
    /// Whatever is presented, whenever: what must hold of a single step.
    #[test]
    fn no_step_breaks_its_bounds(
        times in prop::collection::vec((0..3_u64, 0..200_u64, any::<bool>()), 1..40),
        generation in 0..12_u64,
        forged: bool,
        now in 0..70_000_u64,
    ) {
        let mut session = new_session();
        let mut clock = 1_000;
        for (behind, wait, back) in times {
            clock = if back { clock - wait.min(clock) } else { clock + wait };
            if let Outcome { write: true, session: Some(next), .. } = go(&session, session.generation.saturating_sub(behind), clock) {
                session = next;
            }
        }
        let mut request = with(&session, generation);
        request.jti[0] ^= u8::from(forged);
        let outcome = step(&session, &request, now, &EPOCH, &[9; 16]);
        if outcome.verdict.gives_access() {
            prop_assert_eq!(session.status, Status::Active);
            prop_assert!(generation <= session.generation && !forged);
            prop_assert!(generation == session.generation || Some(generation) == session.parent.map(|parent| parent.generation));
        }
        if let Some(next) = &outcome.session {
            prop_assert_eq!(next.abs_exp, session.abs_exp);
            prop_assert!(next.generation == session.generation || next.generation == session.generation + 1);
            prop_assert!(next.idle_exp == session.idle_exp || outcome.verdict == Verdict::Rotated);
            prop_assert!(next.hand_outs <= POLICY.hand_outs);
            prop_assert_eq!(next.version, session.version + u64::from(outcome.write));
            prop_assert_eq!(&Session::decode(&next.encode().unwrap()).unwrap(), next);
            if !outcome.write {
                prop_assert_eq!(next, &session);
            }
        }
    }
}
