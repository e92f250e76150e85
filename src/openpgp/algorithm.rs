//! Which public-key algorithms signatures may be checked with.
//!
//! Known here is what pgp can check; strong enough is what Kibana's openpgp.js 5 takes. Says nothing
//! of what a key may be used for: that is `certificate`.

use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, EddsaLegacyPublicParams, PublicParams, RsaPublicParams};

/// The shortest RSA key whose signatures are taken, in bits (`minRSABits` of openpgp.js 5).
const RSA_MIN_BITS: usize = 2047;

/// Tells whether signatures of this algorithm can be checked here.
pub(super) fn is_known(algorithm: PublicKeyAlgorithm) -> bool {
    matches!(
        algorithm,
        PublicKeyAlgorithm::RSA
            | PublicKeyAlgorithm::RSASign
            | PublicKeyAlgorithm::DSA
            | PublicKeyAlgorithm::ECDSA
            | PublicKeyAlgorithm::EdDSALegacy
            | PublicKeyAlgorithm::Ed25519
    )
}

/// Names the algorithm of a key that signs, when it is not known here.
pub(super) fn unsupported(algorithm: PublicKeyAlgorithm, params: &PublicParams) -> Option<String> {
    match params {
        PublicParams::ECDSA(EcdsaPublicParams::Unsupported { curve, .. }) => {
            Some(format!("ECDSA over {}", curve.name()))
        }
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Unsupported { curve, .. }) => {
            Some(format!("EdDSA over {}", curve.name()))
        }
        PublicParams::Unknown { .. } => Some(format!("number {}", u8::from(algorithm))),
        // RFC 9580, 9.1: keys of version 6 only.
        PublicParams::Ed448(_) => Some("Ed448".to_owned()),
        _ => None,
    }
}

/// Names the algorithm of a key that signs, when v2's readers refuse it as too weak.
pub(super) fn weak(params: &PublicParams) -> Option<String> {
    match params {
        PublicParams::RSA(rsa) => {
            let bits = rsa_bits(rsa);
            (bits < RSA_MIN_BITS).then(|| format!("RSA of {bits} bits"))
        }
        PublicParams::DSA(_) => Some("DSA".to_owned()),
        PublicParams::ECDSA(EcdsaPublicParams::Secp256k1 { .. }) => {
            Some("ECDSA over secp256k1".to_owned())
        }
        _ => None,
    }
}

/// The bits of an RSA modulus, which its serialized form begins with.
pub(super) fn rsa_bits(rsa: &RsaPublicParams) -> usize {
    let mut bytes = Vec::new();
    match rsa.to_writer(&mut bytes) {
        Ok(()) => bytes.first_chunk().map_or(0, |bits| usize::from(u16::from_be_bytes(*bits))),
        Err(_) => 0,
    }
}
