//! What a signature marks as critical: whoever does not understand it must not take the signature.
//!
//! RFC 9580, 5.2.3.7 and 5.2.3.24. Understood is what both go-crypto 1.4 and openpgp.js 5 understand
//! there. Only the hashed area counts: anybody can write into the other one.

use pgp::packet::{Signature, SubpacketData};

/// Names the first thing that a signature marks as critical and that is not understood.
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
        // Times, and what a certification is worth.
        2..=7 | 9 => true,
        // Preferences of a key's owner.
        11 | 21..=26 | 30 => true,
        // Who made it, and with what right.
        12 | 16 | 27..=29 | 32 | 33 => true,
        _ => false,
    }
}
