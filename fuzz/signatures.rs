//! Signatures that are verified in variable time, against arithmetic that others wrote: RSA against num-bigint, the curves
//! against the crates of their names.

use num_bigint::BigUint;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::crypto::random;
use tandem_jwt::keys::{Key, PublicKey};
use tandem_vartime::ecdsa::{self, P256, P384, P521, Secp256k1};
use tandem_vartime::{pkcs1, pss, rsa};

use super::KEYS;

/// What the signatures of the corpus are of.
const MESSAGE: &[u8] = b"sample";

/// The DER of a `DigestInfo` with SHA-256 up to the digest (RFC 8017 §9.2, note 1).
const DIGEST_INFO: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// An exponent of eight bytes, two bytes of length, a modulus, a signature: what comes out of the arithmetic is `s^e mod n`.
pub fn rsa_signatures(bytes: &[u8]) -> bool {
    let Some((exponent, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let exponent = u64::from_be_bytes(*exponent);
    let Some((len, rest)) = rest.split_first_chunk() else {
        return false;
    };
    let Some((n, signature)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))) else {
        return false;
    };
    let Some(key) = rsa::PublicKey::new(n, exponent) else {
        return false;
    };
    let (n, s) = (BigUint::from_bytes_be(n), BigUint::from_bytes_be(signature));
    let block = key.recover_vartime(signature);
    assert!(block.as_ref().is_none_or(|block| block.len() == key.size()));
    assert_eq!(
        block.map(|block| BigUint::from_bytes_be(&block)),
        (signature.len() == key.size() && s < n).then(|| s.modpow(&exponent.into(), &n))
    );

    let digest = Sha256::digest(MESSAGE);
    let hash = |pieces: &[&[u8]]| Sha256::digest(pieces.concat()).to_vec();
    pkcs1::verify_vartime(&key, DIGEST_INFO, &digest, signature)
        || pss::verify_vartime(&key, &hash, digest.len(), &digest, signature)
}

/// A curve: what signs on it, and both ways to verify.
struct Curve {
    name: &'static str,
    /// Bytes of a number.
    len: usize,
    digest: fn() -> Vec<u8>,
    sign: fn(d: &[u8], digest: &[u8]) -> Vec<u8>,
    /// Whether the signature is one of the digest, by the key `d G`; `None` if there is no such key. Both ways agree.
    verify: Verify,
}

/// From a private scalar, a digest and a signature.
type Verify = fn(&[u8], &[u8], &[u8]) -> Option<bool>;

macro_rules! curve {
    ($own:ident, $crate_name:ident, $digest:ident, $len:literal) => {
        Curve {
            name: stringify!($own),
            len: $len,
            digest: || $digest::digest(MESSAGE).to_vec(),
            sign: |d, digest| {
                use $crate_name::ecdsa::signature::hazmat::PrehashSigner as _;
                let key = $crate_name::ecdsa::SigningKey::from_slice(d).unwrap();
                let signature: $crate_name::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                signature.to_vec()
            },
            verify: |d, digest, signature| {
                use $crate_name::ecdsa::signature::hazmat::PrehashVerifier as _;
                let private = $crate_name::ecdsa::SigningKey::from_slice(d).ok()?;
                let public = $crate_name::PublicKey::from(private.verifying_key());
                let own = ecdsa::PublicKey::<$own>::from(public).verify_vartime(digest, signature);
                // k256 requires the lower s, as only Bitcoin does.
                let theirs = $crate_name::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                    let signature = signature.normalize_s();
                    private.verifying_key().verify_prehash(digest, &signature).is_ok()
                });
                assert_eq!(own, theirs, "{}", stringify!($own));
                Some(own)
            },
        }
    };
}

const CURVES: [Curve; 4] = [
    curve!(P256, p256, Sha256, 32),
    curve!(P384, p384, Sha384, 48),
    curve!(P521, p521, Sha512, 66),
    curve!(Secp256k1, k256, Sha256, 32),
];

/// The number of a curve, a private scalar, a digest, a signature: another implementation agrees about it.
pub fn curve_signatures(bytes: &[u8]) -> bool {
    let Some((&curve, rest)) = bytes.split_first() else {
        return false;
    };
    let Some(curve) = CURVES.get(usize::from(curve)) else {
        return false;
    };
    let Some((d, rest)) = rest.split_at_checked(curve.len) else {
        return false;
    };
    let Some((digest, signature)) = rest.split_at_checked((curve.digest)().len()) else {
        return false;
    };
    (curve.verify)(d, digest, signature).unwrap_or(false)
}

/// The corpus of both: target, file, bytes. Those of PSS come out anew each time.
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let rsa = |e: &[u8], n: &[u8], signature: &[u8]| {
        let exponent = [&vec![0; 8 - e.len()], e].concat();
        let len = u16::try_from(n.len()).unwrap().to_be_bytes();
        [&exponent, &len[..], n, signature].concat()
    };
    for (algorithm, key) in KEYS.iter() {
        let Key::Private(private) = key else { continue };
        let PublicKey::Rsa(public) = private.public_key() else {
            continue;
        };
        let (n, e) = public.numbers();
        let signature = key.sign(*algorithm, MESSAGE, &mut random::rng().unwrap()).unwrap();
        seeds.push(("rsa_signatures", algorithm.name().to_owned(), rsa(&e, &n, &signature)));
        if *algorithm == Algorithm::Rs256 {
            let longer = [&signature[..], &[0]].concat();
            seeds.push(("rsa_signatures", "refused-longer".to_owned(), rsa(&e, &n, &longer)));
        }
    }
    // The largest sums.
    let ones = rsa(&[3], &[0xff; 512], &[0x7f; 512]);
    seeds.push(("rsa_signatures", "refused-ones".to_owned(), ones));

    for (i, curve) in CURVES.iter().enumerate() {
        let digest = (curve.digest)();
        let one = [vec![0; curve.len - 1], vec![1]].concat();
        for (name, d) in [("one", one), ("seven", [vec![0], vec![7; curve.len - 1]].concat())] {
            let signature = (curve.sign)(&d, &digest);
            let seed = [&[u8::try_from(i).unwrap()], &d[..], &digest, &signature].concat();
            seeds.push(("curve_signatures", format!("{}.{name}", curve.name), seed));
        }
        let zero = vec![0; 2 * curve.len];
        let seed = [
            &[u8::try_from(i).unwrap()],
            &vec![7; curve.len - 1][..],
            &[1],
            &digest,
            &zero,
        ]
        .concat();
        seeds.push(("curve_signatures", format!("refused-{}.zero", curve.name), seed));
    }
    seeds
}
