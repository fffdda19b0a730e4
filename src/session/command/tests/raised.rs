//! Sessions that a second factor raises from another.

use super::*;

#[test]
fn a_session_is_raised_from_another_once() {
    let old = Session {
        epoch: Some(5_000),
        ..new_session()
    };
    let raise = |session: &Session, sid, now| {
        let action = Action::Raise { sid, grace: 30 };
        Command { now, ..command(action) }.run(session, &EPOCH)
    };
    let first = raise(&old, "s2", 2_000);
    assert_eq!((first.verdict, first.other), (Verdict::Done, None));
    let noted = first.session.unwrap();
    let again = raise(&noted, "s3", 2_030);
    assert_eq!((again.verdict, again.write), (Verdict::AlreadyRaised, true));
    assert_eq!(again.other.as_deref(), Some("s2"));
    let later = raise(&again.session.unwrap(), "s3", 2_061);
    assert_eq!((later.verdict, later.other.as_deref()), (Verdict::Done, Some("s2")));

    let by = |session: &Session, by| command(Action::Supersede { by: Some(by) }).run(session, &EPOCH);
    assert_eq!(by(&noted, "s3"), Outcome::refused(Verdict::Superseded));
    let ended = by(&noted, "s2").session.unwrap();
    assert_eq!(ended.status, Status::Superseded { at: 2_000 });
    let twice = by(&ended, "s2");
    assert_eq!((twice.verdict, twice.write), (Verdict::Done, false));
    assert_eq!(raise(&ended, "s4", 2_030), Outcome::refused(Verdict::Retry));
    assert_eq!(raise(&ended, "s4", 2_031), Outcome::refused(Verdict::Superseded));
    let revoked = command(Action::Revoke).run(&noted, &EPOCH);
    assert_eq!(revoked.other.as_deref(), Some("s2"));
    let revoked = revoked.session.unwrap();
    assert_eq!(by(&revoked, "s2"), Outcome::refused(Verdict::Revoked));
    assert_eq!(raise(&revoked, "s4", 2_000), Outcome::refused(Verdict::Revoked));
    let stale = Session {
        epoch: Some(1),
        ..noted
    };
    assert_eq!(raise(&stale, "s4", 2_000), Outcome::refused(Verdict::Stale));
}

#[test]
fn the_first_tokens_are_given_again_until_they_are_used() {
    let session = Session {
        epoch: Some(5_000),
        replaces: Some("s0".into()),
        ..new_session()
    };
    let outcome = command(Action::Repeat).run(&session, &EPOCH);
    assert_eq!((outcome.verdict, outcome.write), (Verdict::Issued, false));
    let used = Session {
        replaces: None,
        ..session.clone()
    };
    let ended = Session {
        epoch: Some(1),
        ..session
    };
    for session in [used, ended] {
        assert_eq!(
            command(Action::Repeat).run(&session, &EPOCH),
            Outcome::refused(Verdict::Superseded)
        );
    }
}
