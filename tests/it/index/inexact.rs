//! Integers that a registry in storage mode shows as other numbers: what Go's float64 makes of them.

use package_storage_migrate::rules::index::{RevisionFiles, entry, inexact_integers};
use package_storage_migrate::rules::registry::{Facts, KnownItems, Role};

use super::manifest;

#[test]
fn integers_that_float64_does_not_hold_are_listed_with_their_places() {
    let more = "vars:\n  - {name: a, default: 9007199254740992}\n  - {name: b, default: 9007199254740993}\n\
                \x20 - {name: c, default: [1, {d.e: -9007199254740995}]}\n\
                \x20 - {name: f, default: 10000000000000000}\n  - {name: g, default: 18446744073709551615}\n\
                \x20 - {name: h, default: 9007199254740993.0}\n  - {name: i, default: '9007199254740993'}\n\
                \x20 - {name: j, default: 1152921504606846976}\n";
    let stream = "title: Waves\ntype: logs\nelasticsearch.index_template.mappings.x: 9007199254740993\n\
                  streams: [{input: a, vars: [{default: 72057594037927937}]}]\n";
    let manifest = manifest("buoy", "1.0.0", more);
    let known_items = KnownItems::default();
    let package = Facts::read(Role::Manifest, manifest.as_bytes(), &known_items);
    let stream = Facts::read(Role::DataStream, stream.as_bytes(), &known_items);
    let files =
        [("manifest.yml", Some(&package)), ("data_stream/waves/manifest.yml", Some(&stream))];
    let revision =
        RevisionFiles { root: "buoy-1.0.0", files: &files, listed_depth: 3, is_signed: false };
    let found = inexact_integers(&entry(revision).expect("an entry"));
    let told: Vec<String> = found
        .iter()
        .map(|found| format!("{} {} -> {}", found.path, found.value, found.shown))
        .collect();
    assert_eq!(
        told,
        [
            "data_streams[0].elasticsearch.index_template.mappings.x 9007199254740993 -> 9007199254740992",
            "data_streams[0].streams[0].vars[0].default 72057594037927937 -> 72057594037927940",
            "vars[1].default 9007199254740993 -> 9007199254740992",
            "vars[2].default[1].d.e -9007199254740995 -> -9007199254740996",
            "vars[4].default 18446744073709551615 -> 18446744073709552000",
            "vars[7].default 1152921504606846976 -> 1152921504606847000",
        ]
    );
}
