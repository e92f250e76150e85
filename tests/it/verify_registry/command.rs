//! The command: flags, exit codes, and the report in every format.

use serde_json::{Value, json};

use super::Made;
use crate::report::html::Page;
use crate::support::registry_server::From;
use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;

fn tool(url: &str) -> Tool {
    Tool::bare().arg("verify").arg(Made::shared().v1()).arg("--registry-url").arg(url)
}

#[test]
fn a_match_and_a_mismatch_in_every_format() {
    let made = Made::shared();
    let server = made.answers(From::Storage).serve(|_, reply| reply);
    let ran = tool(&server.url()).args("--static-sample all").run().expect_code(0, "match");
    let verdict = "v1 and the registry match: 7 of 7 revisions, 11 of 11 static resources, \
                   archives by their presence alone, 3 visible packages, 2 categories";
    assert!(ran.stderr.contains(verdict), "{ran}");
    assert!(ran.stderr.contains("1.40.1, serving from storage"), "{ran}");

    let mut answers = made.answers(From::Storage);
    answers.edit("/package/wharf/1.0.0/", |page| page["title"] = json!("Pier"));
    answers.remove("/package/wharf/1.0.0/img/wharf.svg");
    let server = answers.serve(|_, reply| reply);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let ran = tool(&server.url())
        .args("--static-sample all --report")
        .arg(file("r.json"))
        .arg("--report")
        .arg(file("r.md"))
        .arg("--report")
        .arg(file("r.html"))
        .arg("--junit")
        .arg(file("r.xml"))
        .env("GITHUB_ACTIONS", "true")
        .run()
        .expect_code(1, "mismatch");
    let title = "title: expected \"Wharf\", the page has \"Pier\"";
    let icon = "/package/wharf/1.0.0/img/wharf.svg: v2 has no such object";
    let markdown = std::fs::read_to_string(file("r.md")).unwrap();
    assert!(markdown.starts_with("# v1 against the registry\n"), "{markdown}");
    assert!(
        markdown.contains("| /package/wharf/1.0.0/ | title | expected \"Wharf\""),
        "{markdown}"
    );
    assert!(markdown.contains("- registry: 1.40.1, serving from storage"), "{markdown}");
    let page = Page::read(&std::fs::read_to_string(file("r.html")).unwrap());
    for text in
        ["v1 against the registry", "1.40.1, serving from storage", "7 of 7", "archives and pages"]
    {
        page.assert_has(text);
    }
    let xml = std::fs::read_to_string(file("r.xml")).unwrap().replace("&quot;", "\"");
    assert!(xml.contains("static-missing") && xml.contains(icon), "{xml}");
    assert!(ran.stderr.contains("::error title=page-differs"), "{ran}");
    assert!(ran.stderr.contains(&format!("wharf-1.0.0: /package/wharf/1.0.0/: {title}")), "{ran}");
    let report: Value = serde_json::from_slice(&std::fs::read(file("r.json")).unwrap()).unwrap();
    assert_valid("verify-report", &report, "registry");
    let registry = json!({
        "known_extras": [], "version": "1.40.1",
        "release": "1.40.1", "served_from": ["storage"], "listed": 7,
        "pages": {"compared": 7, "total": 7}, "archive_sizes": {"compared": 0, "total": 7},
        "visible": 3, "categories": 2, "as_published": 0, "base_only": 0,
    });
    assert_eq!(report["registry"], registry);
    let codes: Vec<&Value> =
        report["mismatches"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["page-differs", "static-missing"]);
}

#[test]
fn a_sample_of_the_static_files_is_stable_and_counted() {
    let server = Made::shared().answers(From::Storage).serve(|_, reply| reply);
    let statics = |sample: &str| {
        let ran = tool(&server.url()).args("--report - --quiet --static-sample").arg(sample).run();
        let report = ran.expect_code(0, sample).json();
        let counts = report["counts"]["statics"].clone();
        (counts["in_v1"].as_u64().unwrap(), counts["good"].as_u64().unwrap())
    };
    assert_eq!([statics("4"), statics("11"), statics("all")], [(11, 4), (11, 11), (11, 11)]);
    let requested = || {
        let server = Made::shared().answers(From::Storage).serve(|_, reply| reply);
        tool(&server.url()).args("--static-sample 4").run().expect_code(0, "4");
        let paths = server.requests().into_iter().map(|request| request.path);
        let is_static = |path: &String| path.starts_with("/package/") && !path.ends_with('/');
        let mut paths: Vec<String> = paths.filter(is_static).collect();
        paths.sort();
        paths
    };
    let first = requested();
    assert_eq!((first.len(), &first), (4, &requested()));
}

#[test]
fn flags() {
    let server = Made::shared().answers(From::Storage).serve(|_, reply| reply);
    let url = server.url();
    let rows = [
        ("--depth entries", "--depth is listing or content"),
        ("--v2 v2", "cannot be used with"),
        ("--known-extra wharf", "expected <name>-<version>"),
        ("--known-extra Wharf-1.0.0", "--known-extra"),
        ("--static-sample 0", "or all"),
        ("--static-sample 1/3", "or all"),
        ("--resources static", "--resources requires --v2"),
        ("--index v2", "--index requires --v2"),
        ("--served-from disk", "expected folders, archives or storage"),
        ("--wait 5", "such as 90s, 11m or 1h"),
        ("--wait m", "such as 90s, 11m or 1h"),
        ("--wait 25h", "at most 24h"),
    ];
    for (flags, expected) in rows {
        let ran = tool(&url).args(flags).run().expect_code(2, flags);
        assert!(ran.stderr.contains(expected), "{flags}: {ran}");
    }
    for flags in ["--known-extra a-1.0.0", "--wait 1s", "--served-from storage"] {
        let verify = Tool::bare().arg("verify").arg(Made::shared().v1());
        let ran = verify.args("--v2 v2").args(flags).run().expect_code(2, flags);
        assert!(ran.stderr.contains("--registry-url"), "{flags}: {ran}");
    }
    let neither = Tool::bare().arg("verify").arg(Made::shared().v1()).run();
    assert!(neither.expect_code(2, "neither").stderr.contains("--v2"));

    let ran = tool(&url).args("--known-extra ghost-1.0.0").run().expect_code(3, "unused");
    assert!(ran.stderr.contains("the registry does not list ghost-1.0.0"), "{ran}");
    let mut answers = Made::shared().answers(From::Storage);
    answers.reply("/").body = b"<html>".to_vec();
    let other = answers.serve(|_, reply| reply);
    let ran = tool(&other.url()).run().expect_code(3, "no registry");
    assert!(ran.stderr.contains("does not answer like a package registry"), "{ran}");
    let ran = tool("gs://bucket").run().expect_code(2, "no http");
    assert!(ran.stderr.contains("--registry-url: a base URL must start with"), "{ran}");
}
