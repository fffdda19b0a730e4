//! The tokens, records and commands of sessions.

use serde_json::Value;
use tandem_jwt::Error;
use tandem_jwt::session;
use tandem_jwt::session::access_token::{self, Read};
use tandem_jwt::session::dpop::{self as proofs, Expected, Good};
use tandem_jwt::session::{
    AccessKeys, Command, Outcome, Policy, RefreshKeys, Session, Status, refresh_token, run_step,
};

use super::{ACCESS_KEYS, EPOCH, GRANT, ISSUER, PROOF, REFRESH_KEYS};

/// The tokens of a session: only our own tokens verify, under our own headers.
pub fn session_tokens(bytes: &[u8]) -> bool {
    let refresh = refresh_token::read(&REFRESH_KEYS, ISSUER, bytes, 0);
    if let Ok(presented) = &refresh {
        assert!(REFRESH_KEYS.find(&presented.kid).is_ok());
    }
    let access = access_token::read(&ACCESS_KEYS, bytes);
    if let Ok(read) = &access {
        assert!(refresh.is_err());
        let Read::Verified(payload) = read else {
            panic!("there is no key pair among the keys");
        };
        let payload: Value = serde_json::from_slice(payload).unwrap();
        assert_eq!(payload["iss"], ISSUER);
    }
    refresh.is_ok() || access.is_ok()
}

/// Proofs of possession: an accepted proof is by the key that it shows, and for this time only.
pub fn dpop(bytes: &[u8]) -> bool {
    let Ok(proof) = proofs::read(bytes, &PROOF) else {
        return false;
    };
    assert_eq!((proof.jkt.len(), proof.id.len()), (43, 43));
    let Good::Until(now) = proof.good else {
        panic!("no nonce was asked for");
    };
    let later = Expected { now, ..PROOF };
    assert_eq!(proofs::read(bytes, &later), Err(Error::ProofExpired));
    true
}

/// Records: one spelling for each, and the tokens of whatever is read can be read too.
pub fn record(bytes: &[u8]) -> bool {
    let Ok(session) = Session::decode(bytes) else {
        return false;
    };
    let written = session.encode().unwrap();
    // The previous format is read but no longer written.
    if bytes[0] == written[0] {
        assert_eq!(written, bytes);
    }
    let _ = session.is_active(&EPOCH, 2_000, 30);
    if let Ok(token) = refresh_token::write(&REFRESH_KEYS, &session) {
        // A record larger than any session's may have a token longer than any that is read.
        if session.check_size().is_ok() || token.len() <= refresh_token::MAX_REFRESH_TOKEN {
            let presented = refresh_token::read(&REFRESH_KEYS, &session.iss, token.as_bytes(), 0).unwrap();
            assert_eq!(
                (&presented.sub, &presented.sid, &presented.kid),
                (&session.sub, &session.sid, &session.kid)
            );
            assert_eq!(
                (presented.generation, presented.exp),
                (session.generation, session.expires_at())
            );
        }
    }
    let key = ACCESS_KEYS.signing().unwrap();
    match access_token::write(key, &session, &GRANT, 1_100, &[0; 16]) {
        Ok(written) => assert_eq!(
            access_token::read(&ACCESS_KEYS, written.token.as_bytes()),
            Ok(Read::Verified(written.payload.into_bytes()))
        ),
        Err(error) => assert_eq!(error, Error::ClaimsInvalid),
    }
    true
}

/// Commands on records: two bytes of length, a record (none if it is empty), a command.
///
/// Whatever the record is, a command is answered, what it writes can be read, and a session that has ended stays so.
pub fn command(bytes: &[u8]) -> bool {
    let Some((len, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let len = usize::from(u16::from_be_bytes(*len)).min(rest.len());
    let (record, command) = rest.split_at(len);
    let record = (!record.is_empty()).then_some(record);
    let step = run_step(record, &EPOCH, command, None);
    match Command::decode(command) {
        Ok(decoded) => {
            let written = decoded.encode().unwrap();
            if command[0] == written[0] {
                assert_eq!(written.as_slice(), command);
            }
        }
        Err(error) => {
            assert_eq!(step, Err(error));
            assert_eq!(error, Error::CommandInvalid);
            return false;
        }
    }

    let step = step.unwrap();
    let outcome = Outcome::decode(&step.outcome).unwrap();
    let before = record.and_then(|record| Session::decode(record).ok());
    let after = step.record.as_deref().map(|record| Session::decode(record).unwrap());
    if outcome.verdict.gives_access() {
        assert_eq!(outcome.session.as_ref().unwrap().status, Status::Active);
    }
    if let Some(after) = after {
        let before = before.unwrap();
        // The previous format has fewer fields.
        if command[0] > 1 {
            assert_eq!(outcome.session.as_ref(), Some(&after));
        }
        assert_eq!(
            (after.status == Status::Active, after.expires_at()),
            (step.active, step.expires_at)
        );
        assert!(after.version > before.version || before.version == u64::MAX);
        assert!(before.status == Status::Active || after.status != Status::Active);
        assert_eq!((after.iss, after.sub, after.sid), (before.iss, before.sub, before.sid));
    } else {
        assert_eq!((step.active, step.expires_at), (false, 0));
    }
    true
}

/// Answers: one spelling for each, and nothing is given without a record.
pub fn outcome(bytes: &[u8]) -> bool {
    let Ok(outcome) = Outcome::decode(bytes) else {
        return false;
    };
    let written = outcome.encode().unwrap();
    if bytes[0] == written[0] {
        assert_eq!(written, bytes);
    }
    assert!(outcome.session.is_some() || !outcome.verdict.gives_access());
    true
}

/// Policies and keys as a host keeps them: one spelling for each.
pub fn settings(bytes: &[u8]) -> bool {
    let policy = Policy::decode(bytes);
    if let Ok(policy) = policy {
        assert_eq!(policy.encode(), bytes);
        assert!(policy.check().is_ok());
        for random in [0, 1, u32::MAX] {
            let lifetime = policy.access_lifetime(random);
            assert!(lifetime > 0 && lifetime <= policy.access_ttl);
        }
    }
    let access = AccessKeys::decode(bytes);
    if let Ok(keys) = &access {
        assert_eq!(keys.encode().as_slice(), bytes);
        assert!(keys.iter().all(|key| key.kid().len() <= session::keys::MAX_KID));
    }
    let refresh = RefreshKeys::decode(bytes);
    if let Ok(keys) = &refresh {
        assert_eq!(keys.encode().as_slice(), bytes);
    }
    policy.is_ok() || access.is_ok() || refresh.is_ok()
}
