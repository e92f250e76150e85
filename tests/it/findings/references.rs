//! Files that the index or a document refers to, and integers that a registry changes.

use super::trees::harbor_log;
use super::{Row, check_all};

#[test]
fn references_that_lead_nowhere_are_found() {
    check_all(ROWS);
}

const HEAD: &str = "format_version: 1.0.0\nname: harbor_log\nversion: 1.2.0\ntitle: A\ndescription: B\nowner: {github: a}\n";

const TEMPLATE: &str = "policy_templates:\n- name: a\n  title: A\n  description: A\n";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "everything exists",
        make: |repo| {
            harbor_log(repo, |r| {
                let icons = "icons: [{src: /img/a.svg}]\nscreenshots: [{src: /img/a b.png}]\n";
                let template = "  icons: [{src: /img/a.svg}]\n";
                r.manifest()
                    .file("manifest.yml", format!("{HEAD}{icons}{TEMPLATE}{template}"))
                    .file("img/a.svg", "<svg/>")
                    .file("img/a b.png", "png")
                    .file("docs/a.md", "a")
                    .file("LICENSE.txt", "a")
                    .file(
                        "docs/README.md",
                        "![a](../img/a.svg?raw=true) ![b](/img/a%20b.png) ![c](img/a.svg#c)\n\n\
                         [d](a.md#d) [e](../LICENSE.txt) [f](https://example.org/x) [g](#g) \
                         [h](mailto:a@example.org) [i](/x) [j](../img) ![k](https://example.org/k.png)\n",
                    )
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[],
    },
    Row {
        name: "images of a policy template that do not exist, or are no static resources",
        make: |repo| {
            harbor_log(repo, |r| {
                let images = "  icons: [{src: /img/b.svg}, {src: /img/c.svg}, {src: ../../buoy/1.0.0/img/a.svg}]\n  \
                              screenshots: [{src: /img/b.svg}, {src: /kibana/a.png}]\n";
                r.manifest()
                    .file("manifest.yml", format!("{HEAD}{TEMPLATE}{images}"))
                    .file("img/c.svg", "<svg/>")
                    .file("kibana/a.png", "png")
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            r#"warning dangling-resource harbor_log 1.2.0 production /package/buoy/1.0.0/img/a.svg cause=outside used_as=["template-icon"]"#,
            r#"warning dangling-resource harbor_log 1.2.0 production img/b.svg cause=missing used_as=["template-icon","template-screenshot"]"#,
            r#"warning dangling-resource harbor_log 1.2.0 production kibana/a.png cause=not-static used_as=["template-screenshot"]"#,
        ],
    },
    Row {
        name: "links and images of documents that do not exist",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest()
                    .file("img/a.svg", "<svg/>")
                    .file(
                        "docs/README.md",
                        "![a](../img/b.png?raw=true) ![b](./a.svg) ![a again](../img/b.png?raw=true)\n",
                    )
                    .file("docs/other.md", "[a](img/a.svg) [b](../../../x) <a.md> <img src=\"c.png\">\n")
                    .file("docs/more/deep.md", "[a](nowhere.md)\n")
                    .file("docs/notes.txt", "[a](nowhere.md)\n")
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            r#"info broken-links harbor_log 1.2.0 production docs/README.md links=["../img/b.png?raw=true","./a.svg"]"#,
            r#"info broken-links harbor_log 1.2.0 production docs/other.md links=["img/a.svg","../../../x"]"#,
        ],
    },
    Row {
        name: "integers that float64 cannot represent",
        make: |repo| {
            harbor_log(repo, |r| {
                let vars = "vars:\n- {name: a, type: integer, default: 9007199254740993}\n\
                            - {name: b, type: integer, default: 9007199254740992}\n";
                r.manifest().file("manifest.yml", format!("{HEAD}{vars}"))
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            r#"warning inexact-integers harbor_log 1.2.0 production - integers=[{"field":"vars[0].default","shown":"9007199254740992","value":"9007199254740993"}]"#,
            r#"info read-differently harbor_log 1.2.0 production manifest.yml fields=[{"field":"vars[0].default","kibana":"the number 9007199254740992","line":8,"registry":"the number 9007199254740993"}]"#,
        ],
    },
];
