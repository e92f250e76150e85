//! One row per difference: a change to the registry's answers, and exactly what `verify` reports.

use std::time::Duration;

use package_storage_migrate::digest::Sha256;
use package_storage_migrate::model::mismatch::Extras;
use package_storage_migrate::model::plan::Plan;
use package_storage_migrate::model::verification::{Conclusion, Depth, ServedFrom};
use package_storage_migrate::ops::verify::{IndexPlace, Options, RegistryOptions};
use package_storage_migrate::v2::store::{Access, PlaceArg};
use serde_json::{Value, json};

use super::{Made, verify};
use crate::support::fault_server::Reply;
use crate::support::registry_server::{Answers, From};
use crate::verify::{error_of, lines};

const LIST: &str = "/search?all=true&prerelease=true";
const WHARF: &str = "/package/wharf/1.0.0/";
const WHARF_2: &str = "/package/wharf/1.2.0/";
const SONAR: &str = "/package/sonar/1.0.0/";
const ZIP: &str = "/epr/wharf/wharf-1.0.0.zip";
const SIG: &str = "/epr/wharf/wharf-1.0.0.zip.sig";
const ICON: &str = "/package/wharf/1.0.0/img/wharf.svg";
const ODD: &str = "/package/sonar/1.0.0/docs/chart.abcxyz";

type Change = fn(&mut Answers);
type Row = (&'static str, From, Change, &'static [&'static str]);

/// All differences that need no flags.
pub(crate) const ROWS: &[Row] = &[
    ("nothing", From::Storage, |_| {}, &[]),
    ("nothing, over folders", From::Folders, |_| {}, &[]),
    (
        "a revision is not listed",
        From::Storage,
        |a| a.edit(LIST, |list| remove(list, "wharf", "1.0.0")),
        &["list-missing /search?all=true&prerelease=true"],
    ),
    (
        "a listed revision that v1 does not have",
        From::Storage,
        |a| a.edit(LIST, |list| add(list, "wharf", "1.0.5")),
        &["list-extra /search?all=true&prerelease=true wharf-1.0.5"],
    ),
    (
        "a name that v1 cannot have",
        From::Storage,
        |a| a.edit(LIST, |list| add(list, "wharf", "1.0")),
        &[
            "answer-unreadable /search?all=true&prerelease=true wharf-1.0",
            "list-extra /search?all=true&prerelease=true wharf-1.0",
        ],
    ),
    (
        "a marker in storage mode",
        From::Storage,
        |a| {
            a.edit(LIST, |list| add(list, "snapshot", "0.0.1"));
            a.edit("/search", |list| add(list, "snapshot", "0.0.1"));
        },
        &["list-extra /search?all=true&prerelease=true snapshot-0.0.1"],
    ),
    (
        "a revision is listed twice",
        From::Storage,
        |a| a.edit(LIST, |list| repeat(list, "wharf", "1.0.0")),
        &["list-duplicate /search?all=true&prerelease=true wharf-1.0.0"],
    ),
    (
        "a field of the list differs",
        From::Storage,
        |a| a.edit(LIST, |list| item_mut(list, "wharf", "1.0.0")["title"] = json!("Pier")),
        &["list-differs /search?all=true&prerelease=true title"],
    ),
    (
        "the list has no title of a data stream",
        From::Storage,
        |a| {
            a.edit(LIST, |list| {
                let streams = &mut item_mut(list, "sonar", "1.0.0")["data_streams"];
                drop(streams[0].as_object_mut().unwrap().remove("title"));
            });
        },
        &["list-differs /search?all=true&prerelease=true data_streams[0].title"],
    ),
    (
        "an item without a version",
        From::Storage,
        |a| a.edit(LIST, |list| drop(items(list)[0].as_object_mut().unwrap().remove("version"))),
        &["answer-unreadable /search?all=true&prerelease=true"],
    ),
    (
        "the list is no list",
        From::Storage,
        |a| a.edit(LIST, |list| *list = json!({"error": "none"})),
        &["answer-unreadable /search?all=true&prerelease=true"],
    ),
    (
        "the list is missing",
        From::Storage,
        |a| a.remove(LIST),
        &["answer-unreadable /search?all=true&prerelease=true"],
    ),
    (
        "the list is refused",
        From::Storage,
        |a| *a.reply(LIST) = Reply::status(403),
        &["answer-unreachable /search?all=true&prerelease=true"],
    ),
    (
        "a page is missing",
        From::Storage,
        |a| a.remove(WHARF),
        &["page-missing /package/wharf/1.0.0/"],
    ),
    (
        "a page is refused",
        From::Storage,
        |a| *a.reply(WHARF) = Reply::status(403),
        &["answer-unreachable /package/wharf/1.0.0/"],
    ),
    (
        "a page is HTML",
        From::Storage,
        |a| a.reply(WHARF).body = b"<html>".to_vec(),
        &["answer-unreadable /package/wharf/1.0.0/"],
    ),
    (
        "a value differs in page and list",
        From::Storage,
        |a| {
            a.edit(WHARF, |page| page["description"] = json!("Counts."));
            a.edit(LIST, |list| item_mut(list, "wharf", "1.0.0")["description"] = json!("Counts."));
        },
        &["page-differs /package/wharf/1.0.0/ description"],
    ),
    (
        "a nested value differs",
        From::Storage,
        |a| {
            a.edit(WHARF, |page| {
                page["policy_templates"][0]["inputs"][0]["title"] = json!("Logs");
            });
        },
        &["page-differs /package/wharf/1.0.0/ policy_templates[0].inputs[0].title"],
    ),
    (
        "a field is missing",
        From::Storage,
        |a| a.edit(WHARF_2, |page| drop(page.as_object_mut().unwrap().remove("owner"))),
        &["page-differs /package/wharf/1.2.0/ owner"],
    ),
    (
        "a field too many",
        From::Storage,
        |a| a.edit(WHARF_2, |page| page["group"] = json!("harbor")),
        &["page-differs /package/wharf/1.2.0/ group"],
    ),
    (
        "an asset too few",
        From::Storage,
        |a| a.edit(WHARF, |page| drop(page["assets"].as_array_mut().unwrap().remove(0))),
        &[
            "page-differs /package/wharf/1.0.0/ assets",
            "page-differs /package/wharf/1.0.0/ assets[0]",
        ],
    ),
    (
        "the deprecation of a newer version is not copied",
        From::Storage,
        |a| a.edit(WHARF, |page| drop(page.as_object_mut().unwrap().remove("deprecated"))),
        &["page-differs /package/wharf/1.0.0/ deprecated"],
    ),
    (
        "the deprecation is another",
        From::Storage,
        |a| a.edit(WHARF_2, |page| page["deprecated"]["since"] = json!("1.2.0")),
        &["page-differs /package/wharf/1.2.0/ deprecated.since"],
    ),
    (
        "a large integer is another float",
        From::Storage,
        |a| a.edit(SONAR, |page| page["vars"][0]["default"] = json!(9_007_199_254_740_995_u64)),
        &["page-differs /package/sonar/1.0.0/ vars[0].default"],
    ),
    (
        "a large integer is a float over folders",
        From::Folders,
        |a| a.edit(SONAR, |page| page["vars"][0]["default"] = json!(9_007_199_254_740_992_u64)),
        &["page-differs /package/sonar/1.0.0/ vars[0].default"],
    ),
    (
        "an archive is missing",
        From::Storage,
        |a| a.remove(ZIP),
        &["archive-missing wharf-1.0.0.zip"],
    ),
    (
        "an archive is refused",
        From::Storage,
        |a| *a.reply(ZIP) = Reply::status(403),
        &["archive-unreachable wharf-1.0.0.zip"],
    ),
    (
        "a signature",
        From::Storage,
        |a| {
            sign(a, SIG);
            a.0.insert(SIG.to_owned(), Reply { body: b"signature".to_vec(), ..Reply::status(200) });
        },
        &[],
    ),
    (
        "a signature that is not served",
        From::Storage,
        |a| sign(a, SIG),
        &["signature-dangling /package/wharf/1.0.0/"],
    ),
    (
        "a signature at another path",
        From::Storage,
        |a| {
            sign(a, "/epr/wharf/wharf.sig");
            a.0.insert(SIG.to_owned(), Reply { body: b"signature".to_vec(), ..Reply::status(200) });
        },
        &["page-differs /package/wharf/1.0.0/ signature_path"],
    ),
    (
        "a signature that only the list has",
        From::Storage,
        |a| a.edit(LIST, |list| item_mut(list, "wharf", "1.0.0")["signature_path"] = json!(SIG)),
        &["list-differs /search?all=true&prerelease=true signature_path"],
    ),
    (
        "a static file is missing",
        From::Storage,
        |a| a.remove(ICON),
        &["static-missing /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "no static file of a revision is served",
        From::Storage,
        |a| {
            for path in ["docs/README.md", "img/wharf.svg"] {
                a.remove(&format!("{WHARF}{path}"));
            }
        },
        &["static-missing /package/wharf/1.0.0/"],
    ),
    (
        "a static file has another size",
        From::Storage,
        |a| a.reply(ICON).body.push(b' '),
        &["static-size /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "a static file has other bytes of the same size",
        From::Storage,
        |a| a.reply(ICON).body[0] ^= 1,
        &["static-differs /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "a static file has another type",
        From::Storage,
        |a| *a.reply(ICON) = a.reply(ICON).clone().with("content-type", "text/plain"),
        &["static-content-type /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "a static file has no type",
        From::Storage,
        |a| a.reply(ICON).headers.retain(|(name, _)| *name != "content-type"),
        &["static-content-type /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "a static file is refused",
        From::Folders,
        |a| *a.reply(ICON) = Reply::status(403),
        &["static-unreachable /package/wharf/1.0.0/img/wharf.svg"],
    ),
    (
        "case and white space of a type",
        From::Storage,
        |a| {
            let file = a.reply("/package/wharf/1.0.0/docs/README.md");
            *file = file.clone().with("content-type", "text/Markdown;charset=UTF-8");
        },
        &[],
    ),
    (
        "an unknown extension has a type of its own in a bucket",
        From::Storage,
        |a| *a.reply(ODD) = a.reply(ODD).clone().with("content-type", "chemical/x-abc"),
        &["static-content-type /package/sonar/1.0.0/docs/chart.abcxyz"],
    ),
    (
        "an unknown extension has a type of its own over folders",
        From::Folders,
        |a| *a.reply(ODD) = a.reply(ODD).clone().with("content-type", "chemical/x-abc"),
        &[],
    ),
    (
        "the plain query lacks a package",
        From::Storage,
        |a| a.edit("/search", |list| remove(list, "sonar", "1.0.0")),
        &["query-differs /search sonar"],
    ),
    (
        "the plain query shows an experimental package",
        From::Storage,
        |a| a.edit("/search", |list| add(list, "fog", "1.0.0")),
        &["query-differs /search fog"],
    ),
    (
        "the plain query shows a prerelease",
        From::Storage,
        |a| {
            let newer = json!("1.0.0-rc.1");
            a.edit("/search", |list| item_mut(list, "mist", "0.3.0")["version"] = newer);
        },
        &["query-differs /search mist"],
    ),
    (
        "the plain query shows a package twice",
        From::Storage,
        |a| a.edit("/search", |list| add(list, "wharf", "1.2.0")),
        &["query-differs /search wharf"],
    ),
    (
        "the plain query is refused",
        From::Storage,
        |a| *a.reply("/search") = Reply::status(403),
        &["answer-unreachable /search"],
    ),
    (
        "a category has another count",
        From::Storage,
        |a| a.edit("/categories", |list| list[0]["count"] = json!(7)),
        &["category-differs /categories network"],
    ),
    (
        "a category is missing",
        From::Storage,
        |a| a.edit("/categories", |list| drop(items(list).remove(1))),
        &["category-differs /categories security"],
    ),
    (
        "a category too many",
        From::Storage,
        |a| a.edit("/categories", |list| items(list).push(json!({"id": "web", "count": 1}))),
        &["category-differs /categories web"],
    ),
    (
        "a category without a count",
        From::Storage,
        |a| a.edit("/categories", |list| drop(list[0].as_object_mut().unwrap().remove("count"))),
        &["answer-unreadable /categories"],
    ),
];

fn items(list: &mut Value) -> &mut Vec<Value> {
    list.as_array_mut().unwrap()
}

fn index(list: &Value, name: &str, version: &str) -> usize {
    let is = |item: &Value| item["name"] == name && item["version"] == version;
    list.as_array().unwrap().iter().position(is).unwrap()
}

fn remove(list: &mut Value, name: &str, version: &str) {
    let index = index(list, name, version);
    items(list).remove(index);
}

fn repeat(list: &mut Value, name: &str, version: &str) {
    let item = list[index(list, name, version)].clone();
    items(list).push(item);
}

fn item_mut<'v>(list: &'v mut Value, name: &str, version: &str) -> &'v mut Value {
    let index = index(list, name, version);
    &mut list[index]
}

/// Adds a small item.
fn add(list: &mut Value, name: &str, version: &str) {
    items(list).push(json!({"name": name, "version": version, "release": "ga"}));
}

/// Sets the path of a signature in list and page.
fn sign(answers: &mut Answers, path: &str) {
    answers.edit(WHARF, |page| page["signature_path"] = json!(path));
    answers.edit(LIST, |list| item_mut(list, "wharf", "1.0.0")["signature_path"] = json!(path));
}

/// Serves a signature of every archive.
fn sign_all(answers: &mut Answers) {
    let is_page = |key: &&String| key.starts_with("/package/") && key.ends_with('/');
    let pages: Vec<String> = answers.0.keys().filter(is_page).cloned().collect();
    for page in pages {
        let revision = page["/package/".len()..].trim_end_matches('/');
        let (name, version) = revision.split_once('/').unwrap();
        let path = format!("/epr/{name}/{name}-{version}.zip.sig");
        answers.edit(&page, |page| page["signature_path"] = json!(path));
        answers.edit(LIST, |list| item_mut(list, name, version)["signature_path"] = json!(path));
        let signature = Reply { body: b"signature".to_vec(), ..Reply::status(200) };
        answers.0.insert(path, signature);
    }
}

#[test]
fn every_difference_is_reported_exactly() {
    let made = Made::shared();
    assert!(ROWS.len() >= 40);
    let mut faults = Vec::new();
    for (row, from, change, expected) in ROWS {
        let mut answers = made.answers(*from);
        change(&mut answers);
        let outcome = verify(&made.v1(), &answers.serve(|_, reply| reply), |_, _| {}).unwrap();
        let conclusion = match *expected {
            [] => Conclusion::Match,
            all if all.iter().all(|line| is_unknown(line)) => Conclusion::NotProven,
            _ => Conclusion::Mismatch,
        };
        if lines(&outcome) != *expected || outcome.conclusion() != conclusion {
            faults.push(format!("{row}: {:?}, {:?}", outcome.conclusion(), lines(&outcome)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn is_unknown(line: &str) -> bool {
    ["answer-unreachable", "archive-unreachable", "static-unreachable"]
        .iter()
        .any(|code| line.starts_with(code))
}

type Settings = fn(&mut Options, &mut RegistryOptions);
/// A row with options: what is reported, and the notices.
type Set = (&'static str, From, Change, Settings, &'static [&'static str], &'static [&'static str]);

fn extra(asked: &mut RegistryOptions, name: &str, version: &str) {
    let revision = package_storage_migrate::model::package::RevisionId::new(
        name.parse().unwrap(),
        version.parse().unwrap(),
    );
    asked.known_extras.insert(revision.unwrap());
}

fn plan(options: &mut Options) {
    let text = std::fs::read_to_string(Made::shared().plan()).unwrap();
    options.plan = Some((Plan::from_json(&text).unwrap(), Sha256::of(text.as_bytes())));
}

/// Publishes wharf 1.3.0 with a deprecation of its own.
fn publish(answers: &mut Answers) {
    let since = json!({"since": "1.3.0", "description": "Use pier."});
    for request in [LIST, "/search"] {
        answers.edit(request, |list| {
            for item in items(list).iter_mut().filter(|item| item["name"] == "wharf") {
                item["deprecated"] = since.clone();
            }
        });
    }
    let pages = ["1.0.0", "1.1.0", "1.2.0"];
    for version in pages {
        let request = format!("/package/wharf/{version}/");
        answers.edit(&request, |page| page["deprecated"] = since.clone());
    }
    let page = json!({
        "name": "wharf", "title": "Wharf", "version": "1.3.0", "release": "ga", "description": "",
        "type": "integration", "format_version": "1.0.0", "deprecated": since,
    });
    let item = json!({
        "name": "wharf", "title": "Wharf", "version": "1.3.0", "release": "ga", "description": "",
        "type": "integration", "deprecated": since,
    });
    let reply = Reply { body: page.to_string().into_bytes(), ..Reply::status(200) };
    answers.0.insert("/package/wharf/1.3.0/".to_owned(), reply);
    answers.edit(LIST, |list| items(list).push(item.clone()));
    answers.edit("/search", |list| *item_mut(list, "wharf", "1.2.0") = item);
    answers.edit("/categories", |list| {
        list[0]["count"] = json!(1);
        list[1]["count"] = json!(1);
    });
}

/// Removes what releases before 1.32 do not write.
fn older(answers: &mut Answers) {
    let requests: Vec<String> = answers.0.keys().cloned().collect();
    for page in requests.iter().filter(|key| key.starts_with("/package/") && key.ends_with('/')) {
        answers.edit(page, |page| without(page, &["deprecated", "ingestion_method"]));
    }
    for request in [LIST, "/search"] {
        answers.edit(request, |list| {
            for item in items(list) {
                without(item, &["deprecated"]);
                if let Some(templates) = item.get_mut("policy_templates") {
                    without(templates, &["data_streams"]);
                }
            }
        });
    }
}

/// Removes members at any depth.
fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !names.contains(&name.as_str()));
            members.values_mut().for_each(|member| without(member, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, names)),
        _ => {}
    }
}

/// Gives wharf 1.0.0 another title.
fn retitle(answers: &mut Answers) {
    answers.edit(WHARF, |page| page["title"] = json!("Pier"));
    answers.edit(LIST, |list| item_mut(list, "wharf", "1.0.0")["title"] = json!("Pier"));
}

/// Returns a base index with these revisions of wharf: 1.0.0 has another title, 1.3.0 is not in v1.
fn base(versions: &[&str]) -> IndexPlace {
    let mut answers = Made::shared().answers(From::Storage);
    publish(&mut answers);
    retitle(&mut answers);
    let manifest = |version: &&str| {
        let page = &answers.0[&format!("/package/wharf/{version}/")].body;
        let mut page: Value = serde_json::from_slice(page).unwrap();
        if *version != "1.3.0" {
            page.as_object_mut().unwrap().remove("deprecated");
        }
        json!({"package_manifest": page})
    };
    let packages: Vec<Value> = versions.iter().map(manifest).collect();
    let folder = tempfile::tempdir().unwrap().keep();
    let file = folder.join("index.json");
    std::fs::write(&file, json!({"packages": packages}).to_string()).unwrap();
    IndexPlace::open(PlaceArg::try_from(file.into_os_string()).unwrap(), Access::default()).unwrap()
}

const SETS: &[Set] = &[
    (
        "a marker over folders",
        From::Folders,
        |_| {},
        |_, _| {},
        &[],
        &["archives-made-on-request", "served-unmigrated", "types-not-judged"],
    ),
    (
        "every byte over folders",
        From::Folders,
        |_| {},
        |options, _| options.depth = Depth::Content,
        &[],
        &["served-unmigrated", "types-not-judged"],
    ),
    (
        "another byte over folders",
        From::Folders,
        |a| {
            let other = crate::index::archive("wharf-1.0.0", &[("docs/README.md", b"#")]);
            a.reply(ZIP).body = other;
        },
        |options, _| options.depth = Depth::Content,
        &[
            "file-differs wharf-1.0.0.zip docs/README.md",
            "file-missing wharf-1.0.0.zip img/wharf.svg",
            "file-missing wharf-1.0.0.zip manifest.yml",
        ],
        &["served-unmigrated", "types-not-judged"],
    ),
    (
        "the plan's sizes, and its signatures",
        From::Storage,
        |a| {
            sign_all(a);
            a.reply(ZIP).body.push(0);
            a.edit(WHARF_2, |page| drop(page.as_object_mut().unwrap().remove("signature_path")));
            a.edit(LIST, |list| {
                let item = item_mut(list, "wharf", "1.2.0").as_object_mut().unwrap();
                item.remove("signature_path");
            });
        },
        |options, _| plan(options),
        &["plan-disagreement wharf-1.0.0.zip", "signature-missing wharf-1.2.0.zip.sig"],
        &[],
    ),
    (
        "archives that the registry makes have other sizes than the plan's",
        From::Folders,
        |a| {
            sign_all(a);
            a.reply(ZIP).body.push(0);
        },
        |options, _| plan(options),
        &[],
        &["archives-made-on-request", "served-unmigrated", "types-not-judged"],
    ),
    (
        "a known extra, whose deprecation is copied",
        From::Storage,
        publish,
        |_, asked| extra(asked, "wharf", "1.3.0"),
        &[],
        &[],
    ),
    (
        "a known extra without a page",
        From::Storage,
        |a| {
            a.edit(LIST, |list| add(list, "wharf", "1.0.5"));
        },
        |_, asked| extra(asked, "wharf", "1.0.5"),
        &["page-missing /package/wharf/1.0.5/"],
        &[],
    ),
    (
        "a known extra whose page is another than in the list",
        From::Storage,
        |a| {
            publish(a);
            a.edit("/package/wharf/1.3.0/", |page| page["title"] = json!("Pier"));
        },
        |_, asked| extra(asked, "wharf", "1.3.0"),
        &["list-differs /search?all=true&prerelease=true wharf-1.3.0: title"],
        &[],
    ),
    (
        "revisions outside the scope are not judged",
        From::Storage,
        |a| {
            a.edit(LIST, |list| add(list, "wharf", "1.0.5"));
        },
        |options, _| options.scope.include = ["sonar".parse().unwrap()].into(),
        &[],
        &[],
    ),
    (
        "unless nothing else may be there",
        From::Storage,
        |_| {},
        |options, _| {
            options.scope.exclude = ["wharf-1.0.0".parse().unwrap()].into();
            options.extras = Extras::Refused;
        },
        &["list-extra /search?all=true&prerelease=true wharf-1.0.0"],
        &[],
    ),
    (
        "a source that the headers do not show",
        From::Folders,
        |a| {
            let marker = |list: &mut Value| {
                items(list).retain(|item| item["name"] != "snapshot" && item["id"] != "custom");
            };
            for request in [LIST, "/search", "/categories"] {
                a.edit(request, marker);
            }
            a.edit(SONAR, |page| page["vars"][0]["default"] = json!(9_007_199_254_740_992_u64));
            *a.reply(ODD) = a.reply(ODD).clone().with("content-type", "application/octet-stream");
        },
        |_, asked| asked.served_from = Some(ServedFrom::Storage),
        &[],
        &[],
    ),
    (
        "a release without some members",
        From::Storage,
        |a| {
            a.edit("/", |index| index["service.version"] = json!("1.31.0"));
            older(a);
        },
        |_, _| {},
        // Its queries follow another rule than those that were recorded.
        &["category-differs /categories security", "query-differs /search mist"],
        &[],
    ),
    (
        "a release that writes a member",
        From::Storage,
        older,
        |_, _| {},
        &[
            "page-differs /package/sonar/1.0.0/ data_streams[0].streams[0].ingestion_method",
            "page-differs /package/wharf/1.0.0/ deprecated",
            "page-differs /package/wharf/1.1.0/ deprecated",
            "page-differs /package/wharf/1.2.0/ deprecated",
        ],
        &[],
    ),
    (
        "published entries stay as published",
        From::Storage,
        |a| {
            publish(a);
            retitle(a);
        },
        |options, _| options.base_index = Some(base(&["1.0.0", "1.3.0"])),
        &[],
        &[],
    ),
    (
        "published entries are changed or lost",
        From::Storage,
        |_| {},
        |options, _| options.base_index = Some(base(&["1.0.0", "1.3.0"])),
        &[
            "page-differs /package/wharf/1.0.0/ deprecated.description",
            "page-differs /package/wharf/1.0.0/ deprecated.since",
            "page-differs /package/wharf/1.0.0/ title",
            "page-differs /package/wharf/1.1.0/ deprecated.description",
            "page-differs /package/wharf/1.1.0/ deprecated.since",
            "page-differs /package/wharf/1.2.0/ deprecated.description",
            "page-differs /package/wharf/1.2.0/ deprecated.since",
            "list-missing /search?all=true&prerelease=true wharf-1.3.0",
        ],
        &[],
    ),
    (
        "an unknown version",
        From::Storage,
        |a| a.edit("/", |index| index["service.version"] = json!("2.0.0")),
        |_, _| {},
        &[],
        &["unknown-release"],
    ),
    (
        "no version",
        From::Storage,
        |a| a.edit("/", |index| *index = json!({})),
        |_, _| {},
        &[],
        &["unknown-release"],
    ),
];

#[test]
fn options_and_notices() {
    let made = Made::shared();
    let mut faults = Vec::new();
    for (row, from, change, set, expected, notices) in SETS {
        let mut answers = made.answers(*from);
        change(&mut answers);
        let outcome = match verify(&made.v1(), &answers.serve(|_, reply| reply), set) {
            Ok(outcome) => outcome,
            Err(error) => {
                faults.push(format!("{row}: {error}"));
                continue;
            }
        };
        let mut found: Vec<&str> = outcome.notices().iter().map(|notice| notice.code()).collect();
        found.sort();
        if lines(&outcome) != *expected || found != *notices {
            faults.push(format!("{row}: {:?} {found:?}", lines(&outcome)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn known_extras_must_be_extras() {
    let made = Made::shared();
    let rows: [(&str, &str, &str); 2] = [
        ("ghost", "1.0.0", "--known-extra: the registry does not list ghost-1.0.0"),
        ("wharf", "1.0.0", "--known-extra: v1 has wharf-1.0.0"),
    ];
    for (name, version, expected) in rows {
        let server = made.answers(From::Storage).serve(|_, reply| reply);
        let ran = verify(&made.v1(), &server, |_, asked| extra(asked, name, version));
        assert_eq!(error_of(ran), expected);
    }
}

#[test]
fn what_differs_is_requested_again_until_the_time_is_over() {
    let made = Made::shared();
    // The list has an old entry, and a page and the plain query are cached; each is right from the third request on.
    let serve = || {
        let right = made.answers(From::Storage);
        let mut wrong = right.clone();
        wrong.edit(LIST, |list| remove(list, "wharf", "1.0.0"));
        wrong.edit(SONAR, |page| page["title"] = json!("Old"));
        wrong.edit("/search", |list| items(list).clear());
        right.serve(move |request, reply| match request.earlier {
            0 | 1 => wrong.0.get(&request.path).cloned().unwrap_or(reply),
            _ => reply,
        })
    };
    let once = verify(&made.v1(), &serve(), |_, _| {}).unwrap();
    let expected = [
        "list-missing /search?all=true&prerelease=true",
        "page-differs /package/sonar/1.0.0/ title",
        "query-differs /search mist",
        "query-differs /search sonar",
        "query-differs /search wharf",
    ];
    let mut found = lines(&once);
    found.sort();
    assert_eq!(found, expected);
    let server = serve();
    let waited =
        verify(&made.v1(), &server, |_, asked| asked.wait = Duration::from_secs(600)).unwrap();
    assert_eq!(lines(&waited), Vec::<String>::new());
    assert_eq!(waited.conclusion(), Conclusion::Match);
    // Only what differs is requested again.
    let count = |path: &str| server.requests().iter().filter(|one| one.path == path).count();
    assert_eq!((count(WHARF_2), count(SONAR), count(LIST)), (1, 3, 3));
}

#[test]
fn what_v1_cannot_determine_is_unknown() {
    let broken = Made::new(|package| {
        if package.version == "1.1.0" {
            for (path, text) in &mut package.files {
                if *path == "manifest.yml" {
                    *text = "name: [";
                }
            }
        }
    });
    let made = Made::shared();
    let outcome =
        verify(&broken.v1(), &made.answers(From::Storage).serve(|_, reply| reply), |_, _| {});
    let outcome = outcome.unwrap();
    // The deprecation of 1.1.0 is unknown as well.
    assert_eq!(
        lines(&outcome),
        [
            "page-differs /package/wharf/1.0.0/ deprecated",
            "entry-unknown /package/wharf/1.1.0/",
            "page-differs /package/wharf/1.2.0/ deprecated",
        ]
    );
}
