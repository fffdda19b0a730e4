//! How sessions end, and what a refresh then says.

use super::*;

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
