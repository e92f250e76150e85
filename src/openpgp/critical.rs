//! Critical subpackets: a reader that does not understand one must reject the signature.
//!
//! RFC 9580, 5.2.3.7 and 5.2.3.24. "Understood" means by both go-crypto 1.4 and openpgp.js 5.
//! Only the hashed area counts: anyone can change the other one.

use pgp::packet::{Signature, SubpacketData};

/// Names the first critical subpacket or notation of a signature that is not understood.
pub(super) fn unknown_critical(signature: &Signature) -> Option<String> {
    let mut critical =
        signature.config()?.hashed_subpackets().filter(|subpacket| subpacket.is_critical);
    critical.find_map(|subpacket| match &subpacket.data {
        SubpacketData::Notation(notation) => {
            Some(format!("notation {}", String::from_utf8_lossy(&notation.name).escape_debug()))
        }
        _ => {
            let number = subpacket.typ().as_u8(false);
            (!is_understood(number)).then(|| format!("subpacket {number}"))
        }
    })
}

fn is_understood(number: u8) -> bool {
    match number {
        // Times and certification properties.
        2..=7 | 9 => true,
        // Preferences of a key's owner.
        11 | 21..=26 | 30 => true,
        // The issuer and its authorization.
        12 | 16 | 27..=29 | 32 | 33 => true,
        _ => false,
    }
}
