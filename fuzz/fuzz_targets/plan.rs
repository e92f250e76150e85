//! Any text as a plan and as a report: parsed and rendered again, it is unchanged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model::plan::Plan;
use package_storage_migrate::report::migration::{json, markdown};
use package_storage_migrate::report::text::AllFindings;

fuzz_target!(|text: &str| {
    if let Ok(plan) = Plan::from_json(text) {
        let written = plan.to_json().expect("a parsed plan can be rendered");
        assert_eq!(Plan::from_json(&written).expect(&written), plan);
    }
    if let Ok(report) = json::parse(text) {
        let written = json::render(&report).expect("a parsed report can be rendered");
        assert_eq!(json::parse(&written).expect(&written), report);
        assert!(!markdown::render(&report, &AllFindings::Stdout).is_empty());
    }
});
