mod raised;

use proptest::prelude::*;

use super::*;
use crate::session::issue::issue;
use crate::session::issue::tests::NEW;
use crate::session::keys::RefreshKeys;
use crate::session::outcome::ClaimsFate;
use crate::session::record::{MAX_RECORD, Transport};

const EPOCH: Epoch<'_> = Epoch {
    value: 5_000,
    keep: None,
    kept_from: 0,
    clock_ms: None,
};

const UNKNOWN: Action<'_> = Action::Settle { began: Began::Unknown };
const SUPERSEDE: Action<'_> = Action::Supersede { by: None };

fn ago(ms: u64, now_ms: u64) -> Action<'static> {
    Action::Settle {
        began: Began::Ago { ms, now_ms },
    }
}

fn new_session() -> Session {
    issue(&NEW, &Policy::DEFAULT, 1_000).unwrap()
}

fn command(action: Action<'_>) -> Command<'_> {
    Command {
        iss: NEW.iss,
        sub: NEW.sub,
        sid: NEW.sid,
        now: 2_000,
        action,
    }
}

fn refresh(session: &Session) -> Action<'_> {
    let mut keys = RefreshKeys::default();
    keys.add(Some("k1"), &[1; 32]).unwrap();
    let jti_key = keys.signing().unwrap().jti_key(NEW.sid);
    let request = Refresh {
        policy: Policy::DEFAULT,
        generation: session.generation,
        jti: jti_key.jti(session.generation, &session.salt, Some(&session.facts())),
        jti_key,
        signing_kid: "k1",
        binds: true,
        replaced: false,
        transport: Transport::Cookie,
        jkt: None,
        scope: Some("read"),
        claims: Some(NewClaims {
            version: session.version,
            json: r#"{"role":"user"}"#,
        }),
    };
    Action::Refresh {
        request: Box::new(request),
        exp: 3_000,
        salt: [2; 16],
    }
}

fn run(record: Option<&[u8]>, epoch: &Epoch<'_>, command: &Command<'_>) -> (StepResult, Outcome) {
    let step = run_step(record, epoch, &command.encode().unwrap(), None).unwrap();
    let outcome = Outcome::decode(&step.outcome).unwrap();
    (step, outcome)
}

#[test]
fn a_session_from_issue_to_logout() {
    let record = new_session().encode().unwrap();
    let (unsettled, outcome) = run(Some(&record), &EPOCH, &command(refresh(&new_session())));
    assert_eq!((unsettled.record, outcome.verdict), (None, Verdict::Stale));

    let (settled, outcome) = run(Some(&record), &EPOCH, &command(ago(1_000, 6_000)));
    assert_eq!(outcome.verdict, Verdict::Issued);
    let record = settled.record.unwrap();
    assert_eq!(run(Some(&record), &EPOCH, &command(UNKNOWN)).0.record, None);

    let session = Session::decode(&record).unwrap();
    let (rotated, outcome) = run(Some(&record), &EPOCH, &command(refresh(&session)));
    assert_eq!(
        (outcome.verdict, outcome.claims, rotated.active),
        (Verdict::Rotated, ClaimsFate::Taken, true)
    );
    assert_eq!(rotated.expires_at, 2_000 + Policy::DEFAULT.refresh_idle);
    assert_eq!(outcome.session.unwrap().claims, r#"{"role":"user"}"#);

    let (revoked, outcome) = run(rotated.record.as_deref(), &EPOCH, &command(Action::Revoke));
    assert_eq!((outcome.verdict, revoked.active), (Verdict::Done, false));
    assert_eq!(
        run(revoked.record.as_deref(), &EPOCH, &command(Action::Revoke))
            .0
            .record,
        None
    );
    let (_, outcome) = run(revoked.record.as_deref(), &EPOCH, &command(SUPERSEDE));
    assert_eq!(outcome.verdict, Verdict::Revoked);
}

#[test]
fn a_sign_in_overtaken_by_a_sign_out_everywhere_fails() {
    let record = new_session().encode().unwrap();
    let (step, outcome) = run(Some(&record), &EPOCH, &command(ago(1_001, 6_000)));
    assert_eq!((outcome.verdict, step.active), (Verdict::Stale, false));
    assert!(step.record.is_some());
}

#[test]
fn a_superseded_session_can_still_be_revoked() {
    let session = Session {
        epoch: Some(5_000),
        ..new_session()
    };
    let (step, _) = run(Some(&session.encode().unwrap()), &EPOCH, &command(SUPERSEDE));
    assert_eq!(
        run(step.record.as_deref(), &EPOCH, &command(SUPERSEDE)).1.verdict,
        Verdict::Superseded
    );
    assert_eq!(
        run(step.record.as_deref(), &EPOCH, &command(Action::Revoke)).1.verdict,
        Verdict::Done
    );
    let stale = Session {
        epoch: Some(1),
        ..session
    };
    assert_eq!(
        run(Some(&stale.encode().unwrap()), &EPOCH, &command(SUPERSEDE))
            .1
            .verdict,
        Verdict::Stale
    );
}

#[test]
fn a_record_that_is_missing_or_wrong_is_answered() {
    let session = new_session();
    assert_eq!(
        run(None, &EPOCH, &command(refresh(&session))).1.verdict,
        Verdict::Missing
    );
    let late = Command {
        now: 3_000,
        ..command(refresh(&session))
    };
    assert_eq!(run(None, &EPOCH, &late).1.verdict, Verdict::Expired);
    let others = Session {
        sub: "alan".into(),
        ..session.clone()
    }
    .encode()
    .unwrap();
    let later_format = [9; 40];
    for record in [&others[..], &later_format, b""] {
        let (step, outcome) = run(Some(record), &EPOCH, &command(refresh(&session)));
        assert_eq!((step.record, outcome.verdict), (None, Verdict::Unreadable));
    }
}

#[test]
fn a_session_that_ended_before_it_was_settled_gives_nothing() {
    let settle = command(UNKNOWN);
    let revoked = Status::Revoked {
        at: 1_500,
        reason: Reason::Request,
    };
    for (status, verdict) in [
        (revoked, Verdict::Revoked),
        (Status::Superseded { at: 1_500 }, Verdict::Superseded),
    ] {
        let session = Session {
            status,
            ..new_session()
        };
        let (step, outcome) = run(Some(&session.encode().unwrap()), &EPOCH, &settle);
        assert_eq!((step.record, outcome), (None, Outcome::refused(verdict)));
    }
}

#[test]
fn a_record_that_would_outgrow_its_limit_is_answered() {
    let mut session = Session {
        epoch: Some(5_000),
        ..new_session()
    };
    session.acr = Some("x".repeat(MAX_RECORD));
    while session.encode().is_err() {
        session.acr.as_mut().unwrap().pop();
    }
    let (step, outcome) = run(Some(&session.encode().unwrap()), &EPOCH, &command(refresh(&session)));
    assert_eq!((step.record, outcome.verdict), (None, Verdict::Unreadable));
}

#[test]
fn the_stores_clock_goes_before_the_servers() {
    let session = Session {
        epoch: Some(5_000),
        ..new_session()
    };
    let command = command(refresh(&session)).encode().unwrap();
    let step = run_step(Some(&session.encode().unwrap()), &EPOCH, &command, Some(7_777)).unwrap();
    assert_eq!(Session::decode(&step.record.unwrap()).unwrap().handed_out_at, 7_777);
}

#[test]
fn ages_are_compared_and_not_clocks() {
    let record = new_session().encode().unwrap();
    // The store's clock is hours ahead of the server's, and its epoch is a second old.
    let epoch = Epoch {
        clock_ms: Some(6_000),
        ..EPOCH
    };
    for (ms, verdict) in [
        (999, Verdict::Issued),
        (1_000, Verdict::Issued),
        (1_001, Verdict::Stale),
    ] {
        assert_eq!(run(Some(&record), &epoch, &command(ago(ms, 77))).1.verdict, verdict);
    }
    // Epochs that were made in one and the same millisecond are ahead of the clock.
    let ahead = Epoch { value: 6_002, ..epoch };
    assert_eq!(
        run(Some(&record), &ahead, &command(ago(0, 77))).1.verdict,
        Verdict::Issued
    );
}

#[test]
fn every_action_comes_back() {
    let actions = [
        UNKNOWN,
        ago(3, 4),
        Action::Settle { began: Began::At(5) },
        Action::Revoke,
        SUPERSEDE,
        Action::Supersede { by: Some("s2") },
        Action::Raise { sid: "s2", grace: 30 },
        Action::Repeat,
    ];
    for action in actions {
        let bytes = command(action).encode().unwrap();
        assert_eq!(Command::decode(&bytes).unwrap().encode(), Ok(bytes));
    }
}

#[test]
fn a_command_of_the_previous_format_is_answered_in_it() {
    let session = Session {
        epoch: Some(5_000),
        bound: false,
        ..new_session()
    };
    let mut refresh = refresh(&session);
    if let Action::Refresh { request, .. } = &mut refresh {
        request.jti = request.jti_key.jti(0, &session.salt, None);
    }
    let asked = command(refresh).encode().unwrap();
    // The byte that tells whether another session was superseded stands behind the name of the key.
    let mut previous = asked.to_vec();
    let at = previous.windows(2).position(|pair| pair == b"k1").unwrap() + 2;
    previous.remove(at);
    previous[0] = 1;
    let step = run_step(
        Some(&session.encode_as(Format::Previous).unwrap()),
        &EPOCH,
        &previous,
        None,
    )
    .unwrap();
    assert_eq!(step.outcome[0], 1);
    let outcome = Outcome::decode(&step.outcome).unwrap();
    assert_eq!(
        (outcome.verdict, outcome.session.unwrap().bound),
        (Verdict::Rotated, false)
    );
    let written = Session::decode(&step.record.unwrap()).unwrap();
    assert!(!written.bound && !written.parent.unwrap().bound);

    // A successor that is bound is none that the server of the previous version could make again.
    let bound = Session { bound: true, ..written };
    let step = run_step(Some(&bound.encode().unwrap()), &EPOCH, &previous, None).unwrap();
    let outcome = Outcome::decode(&step.outcome).unwrap();
    assert_eq!((step.record, outcome.verdict), (None, Verdict::Unreadable));
    for unknown in [0, 3, 255] {
        previous[0] = unknown;
        assert_eq!(run_step(None, &EPOCH, &previous, None), Err(Error::CommandInvalid));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>, record: Vec<u8>) {
        prop_assert_eq!(run_step(Some(&record), &EPOCH, &bytes, None), Err(Error::CommandInvalid));
        let session = new_session();
        let _ = run(Some(&record), &EPOCH, &command(refresh(&session)));
    }

    #[test]
    fn a_changed_byte_never_traps(at: prop::sample::Index, bit in 0..8_u32, in_command: bool) {
        let session = Session { epoch: Some(5_000), ..new_session() };
        let mut record = session.encode().unwrap();
        let mut command = command(refresh(&session)).encode().unwrap().to_vec();
        *at.get_mut(if in_command { &mut command } else { &mut record }) ^= 1_u8 << bit;
        let _ = run_step(Some(&record), &EPOCH, &command, None);
    }
}
