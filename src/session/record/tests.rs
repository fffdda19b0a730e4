use proptest::prelude::*;

use super::*;

pub(in crate::session) fn a_session() -> Session {
    Session {
        iss: "https://id.example".into(),
        sub: "ada".into(),
        sid: "s1".into(),
        status: Status::Active,
        generation: 0,
        parent: None,
        handed_out_at: 0,
        hand_outs: 0,
        issued_at: 1_000,
        kid: "k1".into(),
        salt: [1; 16],
        bound: true,
        created_at: 1_000,
        idle_exp: 2_000,
        abs_exp: 9_000,
        epoch: Some(0),
        transport: Transport::Cookie,
        jkt: None,
        scope: Some("read write".into()),
        auth_time: 1_000,
        acr: None,
        claims: "{}".into(),
        meta: "{}".into(),
        raised: None,
        replaces: None,
        version: 1,
    }
}

fn any_status() -> impl Strategy<Value = Status> {
    let reason = prop_oneof![Just(Reason::Reuse), Just(Reason::Regression), Just(Reason::Request)];
    prop_oneof![
        Just(Status::Active),
        any::<u64>().prop_map(|at| Status::Superseded { at }),
        (any::<u64>(), reason).prop_map(|(at, reason)| Status::Revoked { at, reason }),
    ]
}

fn any_session() -> impl Strategy<Value = Session> {
    let text = || ".{0,20}";
    let maybe = || prop::option::of(".{0,20}");
    let identity = (text(), text(), text(), any_status(), any::<u64>(), any::<[u8; 16]>());
    let token = (
        any::<[u64; 4]>(),
        text(),
        prop::option::of((any::<u64>(), any::<u64>(), any::<[u8; 16]>(), any::<bool>())),
    );
    let rest = (
        any::<[bool; 2]>(),
        prop::option::of((text(), any::<u64>())),
        maybe(),
        prop::option::of(any::<u64>()),
        maybe(),
        maybe(),
        maybe(),
        text(),
        text(),
        any::<[u64; 4]>(),
    );
    (identity, token, rest).prop_map(|(identity, token, rest)| {
        let (iss, sub, sid, status, generation, salt) = identity;
        let ([handed_out_at, hand_outs, issued_at, created_at], kid, parent) = token;
        let (
            [cookie, bound],
            raised,
            replaces,
            epoch,
            jkt,
            scope,
            acr,
            claims,
            meta,
            [idle_exp, abs_exp, auth_time, version],
        ) = rest;
        let parent = parent
            .filter(|_| generation > 0)
            .map(|(older, rotated_at, salt, bound)| Parent {
                generation: older % generation,
                rotated_at,
                salt,
                bound,
            });
        let transport = if cookie { Transport::Cookie } else { Transport::Bearer };
        Session {
            iss,
            sub,
            sid,
            status,
            generation,
            parent,
            handed_out_at,
            hand_outs,
            issued_at,
            kid,
            salt,
            bound,
            created_at,
            idle_exp,
            abs_exp,
            epoch,
            transport,
            jkt,
            scope,
            auth_time,
            acr,
            claims,
            meta,
            raised: raised.map(|(sid, at)| Raised { sid, at }),
            replaces,
            version,
        }
    })
}

proptest! {
    #[test]
    fn the_previous_format_is_read(session in any_session()) {
        let before = Session::decode(&session.encode_as(Format::Previous).unwrap()).unwrap();
        let parent = session.parent.map(|parent| Parent { bound: false, ..parent });
        prop_assert_eq!(before, Session { bound: false, parent, raised: None, replaces: None, ..session });
    }

    #[test]
    fn records_come_back(session in any_session()) {
        prop_assert_eq!(Session::decode(&session.encode().unwrap()), Ok(session));
    }

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        prop_assert!(Session::decode(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_means_something_else(at: prop::sample::Index, bit in 0..8_u32) {
        let session = a_session();
        let mut bytes = session.encode().unwrap();
        *at.get_mut(&mut bytes) ^= 1_u8 << bit;
        if let Ok(other) = Session::decode(&bytes) {
            prop_assert_ne!(&other, &session);
            prop_assert_eq!(other.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn a_record_cut_short_is_refused(at: prop::sample::Index) {
        let bytes = a_session().encode().unwrap();
        let cut = at.index(bytes.len());
        prop_assert_eq!(Session::decode(&bytes[..cut]), Err(Error::RecordInvalid));
    }
}

#[test]
fn nothing_is_written_that_could_not_be_read() {
    let parent = Parent {
        generation: u64::MAX,
        rotated_at: 1,
        salt: [0; 16],
        bound: true,
    };
    let session = Session {
        generation: u64::MAX,
        parent: Some(parent),
        ..a_session()
    };
    assert_eq!(session.encode(), Err(Error::RecordInvalid));
}

#[test]
fn what_fits_at_first_fits_for_ever() {
    let mut session = a_session();
    session.epoch = None;
    session.scope = Some("x".repeat(MAX_RECORD));
    while session.check_size().is_err() {
        session.scope.as_mut().unwrap().pop();
    }
    session.kid = "k".repeat(MAX_REFRESH_KID);
    session.claims = format!("{{\"a\":\"{}\"}}", "c".repeat(MAX_CLAIMS - 10));
    session.epoch = Some(1);
    session.generation = 2;
    session.parent = Some(Parent {
        generation: 1,
        rotated_at: 1,
        salt: [0; 16],
        bound: true,
    });
    session.raised = Some(Raised {
        sid: "s2".into(),
        at: 1,
    });
    session.status = Status::Superseded { at: 1 };
    assert_eq!(Session::decode(&session.encode().unwrap()), Ok(session.clone()));
    session.claims.push(' ');
    assert_eq!(session.check_size(), Err(Error::SessionTooLarge));
    assert!(a_session().encode().unwrap().len() < 300);
}
