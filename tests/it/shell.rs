//! Completions and man pages: what shells and `man` read must have every command and every flag of the help.
//!
//! `.ci/shell` gives the scripts to the real shells.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::documents::page;
use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};

const NAME: &str = "package-storage-migrate";
const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

/// The flags of each command, by its words; those of the help, which `documents` holds to the tool.
fn flags_by_command() -> BTreeMap<String, BTreeSet<String>> {
    let help = page("docs/cli.md");
    let heading = format!("\n## `{NAME}");
    let sections = help.split(&heading).skip(1);
    let flags: BTreeMap<String, BTreeSet<String>> = sections
        .map(|section| {
            let (command, text) = section.split_once('`').unwrap();
            let lines = text.lines().filter(|line| {
                let start = line.trim_start();
                start.starts_with('-') && line.len() - start.len() <= 6
            });
            let flags = lines.map(|line| {
                let mut words = line.split([' ', ',']);
                words.find(|word| word.starts_with("--")).unwrap().to_owned()
            });
            (command.trim().to_owned(), flags.collect())
        })
        .collect();
    assert!(flags.len() > 15 && flags["migrate"].len() > 30, "{flags:?}");
    flags
}

fn script(shell: &str) -> String {
    let ran = Tool::bare().args("completions").arg(shell).run().expect_code(0, shell);
    assert_eq!(ran.stderr, "", "{shell}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The part of a script that completes the flags of a command.
fn part<'a>(shell: &str, script: &'a str, command: &str) -> Vec<&'a str> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let between = |start: &str, end: &str| {
        let (_, rest) = script.split_once(start).unwrap_or_else(|| panic!("{shell}: no {start}"));
        rest.split_once(end).unwrap().0.lines().collect()
    };
    match (shell, words.as_slice()) {
        ("bash", words) => {
            let names = words.iter().map(|word| word.replace('-', "__subcmd__"));
            let names = names.map(|name| format!("__subcmd__{name}")).collect::<String>();
            between(&format!("\n        package__storage__migrate{names})\n"), "\n            ;;")
        }
        ("zsh", []) => between("curcontext", "&& ret=0"),
        ("zsh", [.., last]) => between(&format!("({last})\n_arguments"), "&& ret=0"),
        ("fish", words) => {
            let using = match words {
                [] => "-n \"__fish_package_storage_migrate_needs_command\"".to_owned(),
                [first] => format!("using_subcommand {first}"),
                words => words.join("; and __fish_seen_subcommand_from "),
            };
            script.lines().filter(|line| line.contains(&using)).collect()
        }
        ("powershell", words) => {
            let path = [&[NAME], words].concat().join(";");
            between(&format!("\n        '{path}' {{\n"), "\n            break\n")
        }
        _ => unreachable!("{shell}"),
    }
}

#[test]
fn completions_have_every_command_and_every_flag() {
    let flags = flags_by_command();
    for shell in SHELLS {
        let script = script(shell);
        for (command, flags) in &flags {
            let part = part(shell, &script, command);
            let words: BTreeSet<&str> = part
                .iter()
                .flat_map(|line| line.split([' ', '"', '\'', '=', '[', '(', ')', '*', '+']))
                .collect();
            for flag in flags {
                let flag = if shell == "fish" { flag.trim_start_matches('-') } else { flag };
                assert!(words.contains(flag), "{shell}: {command} has no {flag}: {part:?}");
            }
            for below in flags_by_command().keys() {
                let Some((above, name)) = below.rsplit_once(' ').or(Some(("", below))) else {
                    continue;
                };
                if above == command && !name.is_empty() {
                    assert!(script.contains(name), "{shell}: no {below}");
                }
            }
        }
    }
}

#[test]
fn completions_have_the_values_of_a_flag() {
    let rows = [
        ("migrate", "--fail-on", "info warning conflict blocker never"),
        ("migrate", "--unpromoted", "include exclude"),
        ("migrate", "--stages", "production staging snapshot"),
        ("migrate", "--resources", "archives static index"),
        ("audit-history", "--fail-on", "info warning conflict blocker never"),
        ("explain", "--format", "text json"),
        ("verify", "--depth", "listing entries content"),
        ("verify", "--served-from", "folders archives storage"),
        #[cfg(feature = "stores")]
        ("upload", "--layout", "bucket queue"),
        #[cfg(feature = "stores")]
        ("upload", "--fail-on", "conflict never"),
    ];
    let (bash, zsh) = (script("bash"), script("zsh"));
    for (command, flag, values) in rows {
        let lines = part("bash", &bash, command);
        let at = lines.iter().position(|line| line.trim() == format!("{flag})")).unwrap();
        assert_eq!(
            lines[at + 1].trim(),
            format!("COMPREPLY=($(compgen -W \"{values}\" -- \"${{cur}}\"))")
        );
        let lines = part("zsh", &zsh, command);
        let line = lines.iter().find(|line| line.contains(&format!("{flag}=["))).unwrap();
        assert!(line.contains(&format!(":({values})")), "{line}");
    }
}

/// What a path is: a folder, a file, or either.
#[test]
fn completions_have_the_kind_of_a_path() {
    let zsh = script("zsh");
    let rows = [
        ("migrate", "'--output=[", ":DIR:_files -/'"),
        ("migrate", "'*--report=[", ":FILE:_files'"),
        ("migrate", "':v1_repo -- ", ":_files -/'"),
        ("verify", "'--v2=[", ":PLACE:_files'"),
        ("verify", "'(--public-key)--registry-url=[", ":URL:_default'"),
        ("merge-plans", "'*::parts -- ", ":_files -/'"),
    ];
    for (command, start, end) in rows {
        let lines = part("zsh", &zsh, command);
        let is_there = lines.iter().any(|line| {
            let line = line.trim_end_matches(" \\");
            line.contains(start) && line.ends_with(end)
        });
        assert!(is_there, "{command}: no {start}…{end} in {lines:#?}");
    }
}

/// The scripts ask for names first, and offer everything else only if there are none.
#[test]
fn scripts_ask_for_names() {
    let rows = [
        ("bash", "    COMPREPLY=()\n    _package_storage_migrate_packages \"$1\" && return 0\n", 1),
        ("zsh", "    typeset -A opt_args\n    _package_storage_migrate_packages && return 0\n", 1),
        ("fish", " -l include -r -f -a \"(__fish_package_storage_migrate_packages)\"\n", 2),
        ("fish", " -l exclude -r -f -a \"(__fish_package_storage_migrate_packages)\"\n", 2),
        (
            "fish",
            "_using_subcommand explain; and count (__fish_package_storage_migrate_packages) >",
            1,
        ),
        ("powershell", "complete-packages", 0),
    ];
    for (shell, text, count) in rows {
        assert_eq!(script(shell).matches(text).count(), count, "{shell}: {text}");
    }
}

#[test]
fn a_shell_of_another_name_is_refused() {
    let ran = Tool::bare().args("completions bsah").run().expect_code(2, "bsah");
    assert!(ran.stderr.contains("a similar value exists: 'bash'"), "{ran}");
}

/// The names that complete words; `REPO` stands for the fixture.
#[test]
fn names_are_completed_where_they_are_expected() {
    const ALL: &str = "beacon buoy drift_net ferry_fleet fog_horn harbor_log lighthouse rusty_anchor snapshot \
         staging tide_gauge";
    let rows = [
        ("explain REPO ''", ALL),
        ("explain REPO b", "beacon buoy"),
        ("explain REPO beacon-", "beacon-1.1.0 beacon-2.0.0-rc1"),
        ("explain REPO beacon-2", "beacon-2.0.0-rc1"),
        ("explain REPO beacon-3", ""),
        ("explain REPO x", ""),
        ("explain REPO lantern", ""),
        ("explain --stages production REPO b", "beacon buoy"),
        ("explain --stages=production REPO b", "beacon buoy"),
        ("explain --stages = production REPO b", "beacon buoy"),
        ("explain -q REPO b", "beacon buoy"),
        ("explain -j 2 REPO b", "beacon buoy"),
        ("explain -j2 REPO b", "beacon buoy"),
        ("explain -qj 2 REPO b", "beacon buoy"),
        ("explain -- REPO b", "beacon buoy"),
        ("explain REPO -- b", "beacon buoy"),
        ("explain REPO --", ""),
        ("explain REPO -b", ""),
        ("explain REPO buoy b", ""),
        ("explain REPO --format b", ""),
        ("explain REPO --format=b", ""),
        ("explain REPO --v2 b", ""),
        ("explain b", ""),
        ("explain", ""),
        ("migrate REPO --include b", "beacon buoy"),
        ("migrate REPO --include=b", "beacon buoy"),
        ("migrate REPO --include = b", "beacon buoy"),
        ("migrate REPO --include =", ALL),
        ("migrate REPO --include fog_horn,t", "fog_horn,tide_gauge"),
        ("migrate REPO --include=fog_horn,tide_gauge-0.3", "fog_horn,tide_gauge-0.3.0"),
        ("migrate REPO -o v2 --exclude h", "harbor_log"),
        ("migrate REPO b", ""),
        ("migrate --include b", ""),
        ("verify REPO --v2 v2 --exclude l", "lighthouse"),
        ("sign REPO b", ""),
        ("signatures export REPO b", ""),
        ("nothing REPO b", ""),
        ("''", ""),
        ("", ""),
        // The next value of a list; the first one is a word that the scripts know.
        ("migrate REPO --stages st", ""),
        ("migrate REPO --stages production,s", "production,snapshot production,staging"),
        ("migrate --stages=production,staging,", "production,staging,snapshot"),
        ("verify --resources archives,i", "archives,index"),
        ("migrate --resources archives,arch", ""),
        ("migrate --fail-on info,w", ""),
        // A comma is no separator here, and the whole word is a name.
        ("explain REPO beacon,b", ""),
    ];
    for (line, expected) in rows {
        let words = shlex::split(line).unwrap();
        let tool =
            words.iter().fold(Tool::bare().arg("complete-packages"), |tool, word| {
                match word.as_str() {
                    "REPO" => tool.arg(fixture::folder()),
                    word => tool.arg(word),
                }
            });
        let ran = tool.run().expect_code(0, line);
        let found = String::from_utf8(ran.stdout.clone()).unwrap();
        assert_eq!(found.lines().collect::<Vec<_>>().join(" "), expected, "{line}");
        assert_eq!(ran.stderr, "", "{line}");
    }
}

/// Shells give the home folder as it was typed.
#[test]
fn names_are_found_below_the_home_folder() {
    let tool = Tool::bare().args("complete-packages explain ~/v1-repo b");
    let ran = tool.env("HOME", fixture::folder().parent().unwrap()).run();
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "beacon\nbuoy\n");
}

#[test]
fn names_of_a_repository_that_cannot_be_read_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let complete = |repo: &Path| {
        let tool = Tool::bare().args("complete-packages explain").arg(repo).arg("b");
        let ran = tool.run().expect_code(0, &repo.display().to_string());
        assert_eq!(ran.stderr, "");
        String::from_utf8(ran.stdout).unwrap()
    };
    assert_eq!(complete(&folder.path().join("none")), "");
    assert_eq!(complete(folder.path()), "");
    // With one stage of three, and another that names a commit that does not exist.
    let path = folder.path().join("v1");
    V1Repo::create(&path)
        .stage("staging", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest));
    assert_eq!(complete(&path), "buoy\n");
    fs::write(path.join("refs/heads/production"), format!("{}\n", "1".repeat(40))).unwrap();
    assert_eq!(complete(&path), "buoy\n");
    fs::write(path.join("refs/heads/staging"), "damaged\n").unwrap();
    assert_eq!(complete(&path), "");
}

/// A page as text: without the marks of roff.
fn plain(page: &str) -> String {
    ["\\fB", "\\fI", "\\fR"]
        .iter()
        .fold(page.replace("\\-", "-"), |text, mark| text.replace(mark, ""))
}

#[test]
fn man_pages_have_every_command_and_every_flag() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("share/man1");
    Tool::bare().arg("man-pages").arg(&man).run().expect_code(0, "man-pages");
    let flags = flags_by_command();
    for (command, flags) in &flags {
        let name = [NAME, command].join(" ").trim_end().replace(' ', "-");
        let page = plain(&fs::read_to_string(man.join(format!("{name}.1"))).unwrap());
        let heads: Vec<&str> = page.lines().filter(|line| line.starts_with(".SH ")).collect();
        let mut expected = vec![".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"];
        expected.push(".SH \"GLOBAL OPTIONS\"");
        if heads.contains(&".SH SUBCOMMANDS") {
            expected.push(".SH SUBCOMMANDS");
        }
        expected.extend([".SH \"EXIT STATUS\"", ".SH \"SEE ALSO\""]);
        assert_eq!(heads, expected, "{name}");
        assert!(page.contains(&format!("\n.SH NAME\n{name} - ")), "{name}");
        assert!(page.contains(&format!(".TH {} 1 \"\" \"{NAME} ", name.to_uppercase())), "{name}");
        let options = page.split_once("\n.SH OPTIONS\n").unwrap().1;
        for flag in flags {
            let mut lines = options.lines().filter(|line| line.starts_with('-'));
            let is_there = lines.any(|line| line.split([' ', ',']).any(|word| word == flag));
            assert!(is_there, "{name} has no {flag}");
        }
        // Those of the help, each with its meaning.
        let status = page.split_once("\n.SH \"EXIT STATUS\"\n").unwrap().1;
        for code in ["0", "2", "3"] {
            assert!(status.contains(&format!(".TP\n{code}\n")), "{name} has no exit status {code}");
        }
        for below in flags_by_command().keys().filter(|below| !below.is_empty()) {
            let above = below.rsplit_once(' ').map_or("", |(above, _)| above);
            if above == command {
                let below = format!("{NAME} {below}").replace(' ', "-");
                assert!(page.contains(&format!("\n{below}(1)\n")), "{name} does not name {below}");
                assert!(man.join(format!("{below}.1")).exists(), "{below}");
            }
        }
    }
    assert_eq!(fs::read_dir(&man).unwrap().count(), flags.len());
}

#[test]
fn the_help_of_exit_codes_is_in_the_man_page() {
    let folder = tempfile::tempdir().unwrap();
    Tool::bare().arg("man-pages").arg(folder.path()).run().expect_code(0, "man-pages");
    let page = fs::read_to_string(folder.path().join(format!("{NAME}-sign.1"))).unwrap();
    let status = "\n.TP\n3\ncould not complete, or an existing signature must not be published\n";
    assert!(plain(&page).contains(status), "{page}");
}

#[test]
fn man_pages_are_replaced_as_a_whole_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(format!("{NAME}.1"));
    fs::write(&root, "of an older version").unwrap();
    fs::write(folder.path().join("other.1"), "other").unwrap();
    Tool::bare().arg("man-pages").arg(folder.path()).run().expect_code(0, "first");
    let first = fs::read_to_string(&root).unwrap();
    assert!(first.contains(".SH SYNOPSIS"), "{first}");
    assert_eq!(fs::read_to_string(folder.path().join("other.1")).unwrap(), "other");
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    // Whatever the terminal, the zone and the language.
    let tool = Tool::bare().arg("man-pages").arg(folder.path());
    let tool = tool.env("COLUMNS", "40").env("TZ", "Asia/Tokyo").env("CLICOLOR_FORCE", "1");
    tool.env("LC_ALL", "de_DE.UTF-8").run().expect_code(0, "second");
    assert_eq!(fs::read_to_string(&root).unwrap(), first);
    assert_eq!(names(), before);
    let ran = Tool::bare().arg("man-pages").arg(&root).run().expect_code(3, "a file");
    assert!(ran.stderr.contains("error: cannot create the folder"), "{ran}");
}

#[test]
fn scripts_do_not_depend_on_the_environment() {
    for shell in SHELLS {
        let tool = Tool::bare().args("completions").arg(shell).env("COLUMNS", "40");
        let tool = tool.env("TZ", "Asia/Tokyo").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
        assert_eq!(String::from_utf8(tool.run().stdout).unwrap(), script(shell), "{shell}");
    }
}
