//! The public-key algorithms that signatures may be checked with.
//!
//! "Supported" means that pgp can check it; "strong enough", that Kibana's openpgp.js 5 accepts it. The
//! permitted uses of a key are in `certificate`.

use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, EddsaLegacyPublicParams, PublicParams, RsaPublicParams};

/// The shortest RSA key whose signatures are accepted, in bits (`minRSABits` of openpgp.js 5).
const RSA_MIN_BITS: usize = 2047;

/// Returns whether signatures of this algorithm can be checked.
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

/// Returns the name of a signing key's algorithm, if it is not supported.
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

/// Returns the name of a signing key's algorithm, if v2's readers reject it as too weak.
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

/// Returns the length of an RSA modulus in bits, which its serialized form starts with.
pub(super) fn rsa_bits(rsa: &RsaPublicParams) -> usize {
    let mut bytes = Vec::new();
    match rsa.to_writer(&mut bytes) {
        Ok(()) => bytes.first_chunk().map_or(0, |bits| usize::from(u16::from_be_bytes(*bits))),
        Err(_) => 0,
    }
}
