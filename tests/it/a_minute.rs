//! Tests that wait until the command gives up, which takes up to a minute with its own limits.
//!
//! Tests start in the order of their names, so these are the first: otherwise, the others would be over long before.
//! What they check is where it belongs; only their start is here.

#![cfg(feature = "stores")]

#[test]
fn stores_that_cannot_be_reached() {
    crate::upload::faults::hold_unreachable();
}

#[test]
fn no_output_shows_credentials_of_a_store_behind_a_proxy_that_refuses() {
    crate::secrets::hold_refusing_proxy();
}
