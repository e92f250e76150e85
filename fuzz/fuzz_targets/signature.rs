//! Any bytes as a detached signature: an accepted one survives a round trip through armor, and is not
//! good without a key.

#![no_main]

use std::time::SystemTime;

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model::signature_status::SignatureState;
use package_storage_migrate::openpgp::{DetachedSignature, PublicKeys};

fuzz_target!(|bytes: &[u8]| {
    let Ok(signature) = DetachedSignature::parse(bytes) else { return };
    let armor = signature.to_armor();
    let again = DetachedSignature::parse(armor.as_bytes()).expect("our armor");
    assert_eq!(again.to_armor(), armor);
    assert_eq!(again.issuer(), signature.issuer());
    let epoch = SystemTime::UNIX_EPOCH;
    let state = signature.checker().finish(&PublicKeys::default(), epoch, epoch);
    assert!(
        matches!(state, SignatureState::UnknownKey { .. } | SignatureState::Bad { .. }),
        "{state:?}"
    );
});
