//! The script that completes command lines in a shell: clap's, which asks this program for names of packages.
//!
//! clap's scripts know commands, flags and fixed values. clap's own engine for other values is unstable, and
//! would run this program for all of them; here, it is run only for names.

use clap::{Command, ValueEnum};
use clap_complete::Shell;

use super::packages::COMMAND;
use super::{commands, takes_packages};

/// A shell with completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CompletedShell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

/// Returns the script for a shell.
pub(in crate::cli) fn script(shell: CompletedShell, mut command: Command) -> String {
    let name = command.get_name().to_owned();
    let generator = match shell {
        CompletedShell::Bash => Shell::Bash,
        CompletedShell::Zsh => Shell::Zsh,
        CompletedShell::Fish => Shell::Fish,
        CompletedShell::PowerShell => Shell::PowerShell,
    };
    let mut bytes = Vec::new();
    clap_complete::generate(generator, &mut command, &name, &mut bytes);
    let script = String::from_utf8(bytes).expect("the definition is UTF-8");
    match shell {
        CompletedShell::Bash => {
            let script = with_dashes(&script, &name);
            let head = format!("_{}() {{\n", name.replace('-', "__"));
            let call = format!("_{}_packages \"$1\"", name.replace('-', "_"));
            with_packages(&script, &head, "    COMPREPLY=()\n", &bash(&name), &call)
        }
        CompletedShell::Zsh => {
            let head = format!("_{name}() {{\n");
            let call = format!("_{}_packages", name.replace('-', "_"));
            with_packages(&script, &head, "    typeset -A opt_args\n", &zsh(&name), &call)
        }
        CompletedShell::Fish => script + &fish(&name, &command),
        // Without names: its script chooses from fixed lists.
        CompletedShell::PowerShell => script,
    }
}

/// Gives the branches of the commands the names that the script looks for: clap_complete 4.6.11 replaces the dashes in
/// the program's name there by what stands between commands.
fn with_dashes(script: &str, name: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// Puts `function` before the one that begins with `head`, and has that one call it after its line `first`.
fn with_packages(script: &str, head: &str, first: &str, function: &str, call: &str) -> String {
    let (before, rest) = script.split_once(head).expect("clap's script has this function");
    let (start, rest) = rest.split_once(first).expect("its function begins with this line");
    format!("{before}{function}\n{head}{start}{first}    {call} && return 0\n{rest}")
}

/// Bash splits words at `=`, and replaces only what follows; it leaves `~` and quotes as they are.
fn bash(name: &str) -> String {
    let function = name.replace('-', "_");
    format!(
        r#"# Completes names of packages and revisions, which the program reads from v1.
_{function}_packages() {{
    local found
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <("$1" {COMMAND} "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null)
    [[ ${{#COMPREPLY[@]}} -gt 0 ]]
}}
"#
    )
}

fn zsh(name: &str) -> String {
    let function = name.replace('-', "_");
    format!(
        r#"# Completes names of packages and revisions, which the program reads from v1.
_{function}_packages() {{
    local -a found
    found=(${{(f)"$("${{(Q)words[1]}}" {COMMAND} "${{(@Q)words[2,CURRENT]}}" 2>/dev/null)"}})
    (( $#found )) || return 1
    compset -P '--*='
    compadd -a found
}}
"#
    )
}

/// Fish takes several definitions for one flag. clap's script has none for arguments that are not flags.
fn fish(name: &str, command: &Command) -> String {
    let function = format!("__fish_{}", name.replace('-', "_"));
    let mut script = format!(
        r#"
# Completes names of packages and revisions, which the program reads from v1.
function {function}_packages
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    command {name} {COMMAND} $words[2..-1] "$word" 2>/dev/null
end

"#
    );
    for (words, below) in commands(command) {
        let [first, inner @ ..] = words.as_slice() else { continue };
        let inner: String =
            inner.iter().map(|word| format!("; and __fish_seen_subcommand_from {word}")).collect();
        let used = format!("complete -c {name} -n \"{function}_using_subcommand {first}{inner}");
        for arg in below.get_arguments() {
            let values: Vec<String> =
                arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            script += &match (takes_packages(arg), arg.get_long()) {
                (true, Some(flag)) => {
                    format!("{used}\" -l {flag} -r -f -a \"({function}_packages)\"\n")
                }
                // Files are offered where no name is expected, such as in place of the repository.
                (true, None) => format!(
                    "{used}; and count ({function}_packages) >/dev/null\" -f -a \"({function}_packages)\"\n"
                ),
                // The next value of a list, for which clap's script has no word.
                (false, Some(flag))
                    if arg.get_value_delimiter().is_some() && !values.is_empty() =>
                {
                    format!("{used}\" -l {flag} -r -f -a \"({function}_packages)\"\n")
                }
                (false, None) if arg.is_positional() && !values.is_empty() => {
                    format!("{used}\" -f -a \"{}\"\n", values.join(" "))
                }
                (false, _) => String::new(),
            };
        }
    }
    script
}
