//! `index`: what it writes and where, in what order, and what it refuses.

use std::fs;

use tempfile::TempDir;

use super::{Package, archive, archive_of, manifest, put, small_entry};
use crate::support::fault_server::FaultServer;
use crate::support::fixture;
use crate::support::tool::{Ran, Tool};
use crate::support::v2::{ARCHIVES, json, tree};

/// Puts a small package into a folder.
fn put_small(folder: &TempDir, name: &str, version: &str) {
    let manifest = manifest(name, version, "");
    let package: Package<'_> = &[("manifest.yml", manifest.as_bytes()), ("docs/README.md", b"")];
    let revision = format!("{name}-{version}");
    put(folder.path(), &format!("{revision}.zip"), &archive(&revision, package));
}

fn stdout(run: &Ran) -> &str {
    std::str::from_utf8(&run.stdout).unwrap()
}

/// The text of an index.
fn text(entries: &[String]) -> String {
    format!("{{\"packages\":[\n{}\n]}}\n", entries.join(",\n"))
}

#[test]
fn entries_stand_in_the_order_of_names_and_versions() {
    let folder = TempDir::new().unwrap();
    let revisions = [
        ("buoy", "0.9.0", "beta"),
        ("buoy", "1.9.0-rc.2", "beta"),
        ("buoy", "1.9.0-rc.10", "beta"),
        ("buoy", "1.9.0", "ga"),
        ("buoy", "1.9.0+b", "ga"),
        ("buoy", "1.10.0", "ga"),
        ("buoy_1", "0.1.0", "beta"),
        ("buoys", "0.1.0", "beta"),
    ];
    for (name, version, _) in revisions.iter().rev() {
        put_small(&folder, name, version);
    }
    let entries = revisions.map(|(name, version, release)| small_entry(name, version, release, ""));
    for jobs in ["1", "7"] {
        let run = Tool::on("index", folder.path()).args("--cursor 1 -o - -j").arg(jobs).run();
        assert_eq!((run.code, stdout(&run)), (Some(0), &*text(&entries)), "{run}");
    }
}

#[test]
fn a_signature_beside_an_archive_is_referred_to() {
    let folder = TempDir::new().unwrap();
    put_small(&folder, "buoy", "1.0.0");
    put_small(&folder, "tide", "1.0.0");
    put(folder.path(), "tide-1.0.0.zip.sig", b"opaque");
    put(folder.path(), "gone-1.0.0.zip.sig", b"opaque");
    let run = Tool::on("index", folder.path()).args("--cursor 1 -o -").run();
    let signed = "\"signature_path\":\"/epr/tide/tide-1.0.0.zip.sig\",";
    let entries =
        [small_entry("buoy", "1.0.0", "ga", ""), small_entry("tide", "1.0.0", "ga", signed)];
    assert_eq!((run.code, stdout(&run)), (Some(0), &*text(&entries)), "{run}");
    assert!(run.stderr.contains("2 of 2 indexed"), "{run}");
    assert!(run.stderr.contains("1 of 2"), "{run}");
    assert!(run.stderr.contains("gone-1.0.0.zip.sig"), "{run}");
}

#[test]
fn index_and_cursor_are_replaced_in_the_folder_or_written_to_another() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put_small(&folder, "buoy", "1.0.0");
    let index = text(&[small_entry("buoy", "1.0.0", "ga", "")]);
    let (index_path, cursor_path) =
        ("v2/metadata/1637150104/search-index-all.json", "v2/metadata/cursor.json");
    for output in [None, Some(other.path())] {
        let mut tool = Tool::on("index", folder.path()).args("--cursor 1637150104");
        if let Some(output) = output {
            tool = tool.output(output);
        }
        let run = tool.run();
        assert_eq!((run.code, stdout(&run)), (Some(0), ""), "{run}");
        let written = tree(output.unwrap_or(folder.path()));
        assert_eq!(written[index_path].as_deref(), Some(index.as_bytes()));
        assert_eq!(written[cursor_path].as_deref(), Some(&b"{\"current\":\"1637150104\"}\n"[..]));
        let metadata = written.keys().filter(|path| path.starts_with("v2/metadata/"));
        let files: Vec<&str> = metadata.map(String::as_str).collect();
        assert_eq!(files, ["v2/metadata/1637150104", index_path, cursor_path]);
    }
    // The next one: the former index stays, and the cursor names the new one.
    put_small(&folder, "buoy", "1.1.0");
    let run = Tool::on("index", folder.path()).args("--cursor 1637150105 --quiet").run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run}");
    assert_eq!(json(&folder.path().join(cursor_path))["current"], "1637150105");
    assert_eq!(tree(folder.path())[index_path].as_deref(), Some(index.as_bytes()));
    let newest = folder.path().join("v2/metadata/1637150105/search-index-all.json");
    assert_eq!(json(&newest)["packages"].as_array().unwrap().len(), 2);
}

#[test]
fn a_flat_folder_of_archives_will_do() {
    let (folder, flat) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put_small(&folder, "buoy", "1.0.0");
    let from = folder.path().join(ARCHIVES).join("buoy-1.0.0.zip");
    fs::copy(from, flat.path().join("buoy-1.0.0.zip")).unwrap();
    fs::write(flat.path().join("notes.txt"), "").unwrap();
    let run = Tool::on("index", flat.path()).args("--cursor 1 -o -").run();
    let entries = [small_entry("buoy", "1.0.0", "ga", "")];
    assert_eq!((run.code, stdout(&run)), (Some(0), &*text(&entries)), "{run}");
}

/// Without folder entries, the registry lists no file below a level without an entry, but reads data streams.
#[test]
fn levels_without_entries_end_the_list_of_files() {
    let manifest = manifest("buoy", "1.0.0", "");
    let entries = |has_gap: bool| {
        let mut paths = vec![
            "docs/README.md",
            "data_stream/waves/manifest.yml",
            "a/b/c/d/e.txt",
            "manifest.yml",
        ];
        if !has_gap {
            paths.push("a/b/c/x.txt");
        }
        let bytes = |path: &str| match path {
            "manifest.yml" => manifest.as_bytes(),
            "data_stream/waves/manifest.yml" => b"title: Waves\ntype: logs\n",
            _ => b"",
        };
        paths
            .into_iter()
            .map(|path| (format!("buoy-1.0.0/{path}"), Some(bytes(path))))
            .collect::<Vec<_>>()
    };
    for (has_gap, assets) in [
        (true, &["manifest.yml", "docs/README.md", "data_stream/waves/manifest.yml"][..]),
        (
            false,
            &[
                "manifest.yml",
                "docs/README.md",
                "data_stream/waves/manifest.yml",
                "a/b/c/x.txt",
                "a/b/c/d/e.txt",
            ],
        ),
    ] {
        let folder = TempDir::new().unwrap();
        put(folder.path(), "buoy-1.0.0.zip", &archive_of(&entries(has_gap)));
        let run = Tool::on("index", folder.path()).args("--cursor 1 -o - -q").run();
        assert_eq!(run.code, Some(0), "{run}");
        let index: serde_json::Value = run.json();
        let package = &index["packages"][0]["package_manifest"];
        let listed: Vec<String> =
            assets.iter().map(|path| format!("/package/buoy/1.0.0/{path}")).collect();
        assert_eq!(package["assets"], serde_json::json!(listed));
        assert_eq!(package["data_streams"][0]["dataset"], "buoy.waves");
    }
}

/// A package of a name that does not keep from being indexed, in an archive of that name.
fn odd(root: &str, more: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let manifest = manifest("odd", "1.0.0", more);
    let mut package = vec![("manifest.yml", manifest.as_bytes()), ("docs/README.md", &b""[..])];
    package.extend(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    archive(root, &package)
}

#[test]
fn an_archive_without_an_entry_is_named_and_nothing_is_written() {
    let root = "odd-1.0.0";
    let vars = |default: &str| format!("vars: [{{name: a, default: {default}}}]\n");
    let twice = |name: &str| (name.to_owned(), Some(&b"format_version: 1.0.0\n"[..]));
    let rows: &[(&str, Vec<u8>, &str)] = &[
        ("odd-1.0.0.zip", b"PK".to_vec(), "there is no end of central directory record"),
        (
            "odd-1.0.0.zip",
            archive_of(&[twice("manifest.yml")]),
            "there is no manifest.yml in a folder at its top",
        ),
        ("odd-1.0.0.zip", odd("odd*", "", &[]), "the name of its top folder `odd*` has a wildcard"),
        ("odd-1.0.0.zip", odd(root, ": :\n", &[]), "manifest.yml"),
        ("odd-1.0.0.zip", odd(root, &vars(".inf"), &[]), "a number is infinite or NaN"),
        ("odd-1.0.0.zip", odd(root, &vars("[{b: .nan}]"), &[]), "a number is infinite or NaN"),
        ("odd-1.0.0.zip", odd(root, "owner: x\n", &[]), "owner"),
        (
            "odd-1.0.0.zip",
            odd(root, "conditions.kibana.version: soon\n", &[]),
            "conditions.kibana.version",
        ),
        ("odd-1.0.0.zip", odd(root, "format_version: 1.0\n", &[]), "format_version"),
        (
            "odd-1.0.0.zip",
            odd(root, "", &[("data_stream/a/manifest.yml", "type: logs\n")]),
            "title is missing",
        ),
        (
            "odd-1.0.0.zip",
            odd(root, "", &[("data_stream/a/manifest.yml", "}")]),
            "data_stream/a/manifest.yml",
        ),
        (
            "odd-1.0.0.zip",
            odd(root, "", &[("data_stream/[a/manifest.yml", "type: logs\ntitle: A\n")]),
            "data_stream/[a/manifest.yml",
        ),
        ("odd-1.0.0.zip", odd(root, "format_version: ''\n", &[]), "format_version ``"),
        (
            "odd-1.0.0.zip",
            odd(
                root,
                "",
                &[(
                    "data_stream/a/manifest.yml",
                    "type: logs\ntitle: A\nelasticsearch: {index_template: {settings: {a: {b: .inf}}}}\n",
                )],
            ),
            "data_stream/a/manifest.yml: a number is infinite or NaN",
        ),
        ("odd-1.0.1.zip", odd("odd-1.0.1", "", &[]), "its manifest names odd-1.0.0"),
        ("odd.zip", odd(root, "", &[]), "a version is strict semver"),
        ("odd-1.0.zip", odd(root, "", &[]), "a version is strict semver"),
        ("Odd-1.0.0.zip", odd(root, "", &[]), "a package name consists of"),
    ];
    for (name, bytes, told) in rows {
        let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        put_small(&folder, "buoy", "1.0.0");
        put(folder.path(), name, bytes);
        let run = Tool::on("index", folder.path()).args("--cursor 1").output(other.path()).run();
        assert_eq!((run.code, stdout(&run)), (Some(3), ""), "{name}, {told}: {run}");
        let named = format!("1 of 2 archives cannot be indexed: {name}: ");
        assert!(run.stderr.contains(&named) && run.stderr.contains(told), "{name}, {told}: {run}");
        let files: Vec<_> =
            tree(other.path()).into_iter().filter(|(_, bytes)| bytes.is_some()).collect();
        assert_eq!(files, [], "{name}, {told}");
    }
}

#[test]
fn each_archive_without_an_entry_is_named() {
    let folder = TempDir::new().unwrap();
    put_small(&folder, "buoy", "1.0.0");
    put(folder.path(), "a-1.0.0.zip", b"");
    put(folder.path(), "b.zip", b"");
    fs::create_dir(folder.path().join(ARCHIVES).join("c-1.0.0.zip")).unwrap();
    let run = Tool::on("index", folder.path()).args("--cursor 1").run();
    assert_eq!(run.code, Some(3), "{run}");
    for named in ["2 of 3 archives cannot be indexed", "a-1.0.0.zip: ", "b.zip: ", "hint"] {
        assert!(run.stderr.contains(named), "{named}: {run}");
    }
    assert!(!folder.path().join("v2/metadata/cursor.json").exists());
}

/// The same index is made from a URL as from the folder that it serves; the plan names the archives.
#[test]
fn a_url_is_indexed_with_the_names_of_a_plan() {
    let dir = TempDir::new().unwrap();
    let v2 = dir.path().join("v2");
    Tool::migrate(fixture::folder()).output(&v2).run().expect_code(1, "the fixture");
    let objects =
        tree(&v2).into_iter().filter_map(|(path, bytes)| Some((format!("/{path}"), bytes?)));
    let server = FaultServer::serve(objects, |_, reply| reply);
    let plan = v2.join("plan.json");
    let index = |place: &str| {
        let tool = Tool::on("index", place).args("--cursor 1 --output - --quiet");
        tool.arg("--plan").arg(&plan)
    };
    let run = index(&server.url()).run().expect_code(0, "a URL");
    let of_folder = Tool::on("index", &v2).args("--cursor 1 --output - --quiet").run();
    assert!(run.stdout == of_folder.stdout && run.stdout.len() > 1000, "{run}");
    for (run, said) in [
        (index(v2.to_str().unwrap()).run(), "are listed"),
        (Tool::on("index", server.url()).args("--cursor 1 -o -").run(), "with --plan"),
        (
            Tool::on("index", server.url()).arg("--plan").arg(&plan).args("--cursor 1").run(),
            "requires --output",
        ),
    ] {
        assert!(run.code == Some(2) && run.stderr.contains(said), "{said}: {run}");
    }
    fs::write(
        &plan,
        fs::read_to_string(&plan).unwrap().replace("buoy-2.0.0.zip", "buoy-2.0.1.zip"),
    )
    .unwrap();
    let run = index(&server.url()).run().expect_code(3, "an archive that is not there");
    assert!(run.stderr.contains("buoy-2.0.1.zip: it is a folder, or gone"), "{run}");
}

#[test]
fn wrong_command_lines_and_folders_without_archives_are_refused() {
    let (folder, empty) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put_small(&folder, "buoy", "1.0.0");
    for cursor in ["", ".", "..", ".1", "a/b", "a b", "\u{e9}", &"1".repeat(65)] {
        let run = Tool::on("index", folder.path()).arg("--cursor").arg(cursor).run();
        assert_eq!(run.code, Some(2), "{cursor}: {run}");
    }
    let run = Tool::on("index", folder.path()).run();
    assert_eq!(run.code, Some(2), "{run}");
    for missing in [empty.path().to_owned(), empty.path().join("gone")] {
        let run = Tool::on("index", &missing).args("--cursor 1").run();
        assert_eq!((run.code, stdout(&run)), (Some(3), ""), "{run}");
        assert!(!missing.join("v2/metadata/cursor.json").exists());
    }
}
