//! The tables of docs/ are made from the code's own tables and the reference's lists
//! (`tests/reference/lists.json`), and checked here, so that they cannot drift. To write them anew:
//! `UPDATE_DOCS=1 cargo test --test main docs`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde::Deserialize;

use play::executor::{LOOP_CONTROL, META_ACTIONS};
use play::modules;
use play::playbook::keyword::KEYWORDS;
use play::template::pages::{Kind, pages};
use play::vars::MAGIC_NAMES;

#[derive(Deserialize)]
struct Lists {
    flags: BTreeMap<String, Vec<String>>,
    keywords: BTreeMap<String, Vec<String>>,
    modules: BTreeMap<String, BTreeMap<String, Argument>>,
    plugins: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Argument {
    #[serde(default)]
    aliases: Vec<String>,
}

/// Keywords that are refused, or that mean something else here, with the reason.
const KEYWORD_NOTES: &[(&str, &str, &str)] = &[
    (
        "gather_timeout",
        "different",
        "bounds the whole gathering: it is one request",
    ),
    (
        "poll",
        "different",
        "a task that is polled is waited for; no `ASYNC POLL` lines",
    ),
];

/// Flags of the reference that are refused or different, with the reason.
const FLAG_NOTES: &[(&str, &str, &str)] = &[
    (
        "--scp-extra-args",
        "no effect",
        "files go over the shell's own connection",
    ),
    (
        "--sftp-extra-args",
        "no effect",
        "files go over the shell's own connection",
    ),
    ("--tree", "refused", "deprecated in the reference"),
    ("--skip-tty-check", "supported", ""),
];

/// Magic variables of the reference (its `special_variables` page and `_get_magic_variables`) that
/// `MAGIC_NAMES` lacks, with the reason.
const MAGIC_NOTES: &[(&str, &str, &str)] = &[
    ("ansible_facts", "supported", "a layer of its own"),
    ("ansible_failed_result", "supported", "set in a rescue"),
    ("ansible_failed_task", "supported", "set in a rescue"),
    ("ansible_index_var", "supported", "in a loop"),
    ("ansible_local", "supported", "a fact"),
    ("ansible_loop", "supported", "in a loop with `extended`"),
    ("ansible_loop_var", "supported", "in a loop"),
    (
        "ansible_playbook_python",
        "different",
        "the Python of this machine: none runs `play`",
    ),
    (
        "ansible_delegated_vars",
        "different",
        "the one host that the task is delegated to",
    ),
    ("_task", "different", "only `_task.action`"),
];

fn lists() -> Lists {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/lists.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn note<'a>(notes: &[(&str, &'a str, &'a str)], name: &str) -> (&'a str, &'a str) {
    notes
        .iter()
        .find(|(known, _, _)| *known == name)
        .map_or(("supported", ""), |(_, status, why)| (status, why))
}

fn keywords(lists: &Lists) -> String {
    let mut text =
        String::from("\n## Keywords\n\n| keyword | on | status | note |\n|---|---|---|---|\n");
    for (name, objects) in &lists.keywords {
        let known = KEYWORDS.iter().find(|keyword| keyword.name == name);
        let is_loop = name.starts_with("with_") || name == "loop_with";
        let (status, why) = match known {
            Some(_) => note(KEYWORD_NOTES, name),
            None if is_loop => ("supported", "`with_` and the name of any lookup"),
            None => panic!("the reference's keyword `{name}` is not in the table"),
        };
        writeln!(
            text,
            "| {name} | {} | {status} | {why} |",
            objects.join(", ")
        )
        .unwrap();
    }
    text.push_str("\n`loop_control`: ");
    text.push_str(&LOOP_CONTROL.join(", "));
    text.push_str(".\n\n## `meta`\n\n");
    text.push_str(&META_ACTIONS.join(", "));
    text.push_str(".\n");
    text
}

fn magic() -> String {
    let mut names: Vec<&str> = MAGIC_NAMES.to_vec();
    names.extend(MAGIC_NOTES.iter().map(|(name, _, _)| *name));
    names.sort_unstable();
    names.dedup();
    let mut text =
        String::from("\n## Magic variables\n\n| name | status | note |\n|---|---|---|\n");
    for name in names {
        let (status, why) = note(MAGIC_NOTES, name);
        writeln!(text, "| {name} | {status} | {why} |").unwrap();
    }
    text
}

/// Filters, lookups and tests, a line for each collection. What is not built is an error where it is
/// used.
fn plugins(lists: &Lists) -> String {
    let mut text = String::from(
        "\n## Filters, lookups and tests\n\n`play doc -t filter -l` lists them with what they give.\n\n\
         | kind | collection | built | of | not built |\n|---|---|---|---|---|\n",
    );
    for (kind, names) in &lists.plugins {
        let known = match kind.as_str() {
            "filter" => pages(Kind::Filter),
            "lookup" => pages(Kind::Lookup),
            _ => pages(Kind::Test),
        };
        let mut collections: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
        for full in names {
            let (collection, name) = full.rsplit_once('.').unwrap();
            let (built, missing) = collections.entry(collection).or_default();
            match known.iter().any(|page| page.name == *full) {
                true => *built += 1,
                false => missing.push(name),
            }
        }
        for (collection, (built, missing)) in collections {
            let all = built + missing.len();
            let missing = missing.join(", ");
            writeln!(
                text,
                "| {kind} | {collection} | {built} | {all} | {missing} |"
            )
            .unwrap();
            assert!(collection != "ansible.builtin" || built == all, "{missing}");
        }
    }
    text
}

/// Every flag, long and short, of the command and all below it.
fn all_flags(command: &clap::Command, into: &mut Vec<String>) {
    for argument in command.get_arguments() {
        into.extend(
            argument
                .get_long_and_visible_aliases()
                .into_iter()
                .flatten()
                .map(|l| format!("--{l}")),
        );
        into.extend(
            argument
                .get_all_aliases()
                .into_iter()
                .flatten()
                .map(|l| format!("--{l}")),
        );
        into.extend(
            argument
                .get_short_and_visible_aliases()
                .into_iter()
                .flatten()
                .map(|s| format!("-{s}")),
        );
    }
    into.extend(["--help", "-h", "--version", "-V"].map(str::to_owned));
    command
        .get_subcommands()
        .for_each(|inner| all_flags(inner, into));
}

fn flags(lists: &Lists) -> String {
    let command = play::cli::command();
    let mut text = String::from("\n## Flags\n");
    for (program, verb) in [
        ("ansible", "adhoc"),
        ("ansible-playbook", "run"),
        ("ansible-inventory", "inventory"),
        ("ansible-vault", "vault"),
    ] {
        let Some(own) = command.find_subcommand(verb) else {
            writeln!(text, "\n### {program}: `play {verb}`\n\nNot built.").unwrap();
            continue;
        };
        let mut known = Vec::new();
        all_flags(own, &mut known);
        writeln!(
            text,
            "\n### {program}: `play {verb}`\n\n| flag | status | note |\n|---|---|---|"
        )
        .unwrap();
        for flag in &lists.flags[program] {
            let (status, why) = match note(FLAG_NOTES, flag) {
                (status, why) if status != "supported" => (status, why),
                _ if known.contains(flag) => ("supported", ""),
                _ => ("refused", "an unknown flag is an error"),
            };
            writeln!(text, "| `{flag}` | {status} | {why} |").unwrap();
        }
    }
    text
}

fn modules_page(lists: &Lists) -> String {
    let mut text = String::from(
        "# Modules\n\nMade from the code's tables and the reference's lists: \
         `UPDATE_DOCS=1 cargo test --test main docs`.\n`play doc NAME` shows a module's page.\n",
    );
    let (mut all, mut built, mut modules_built) = (0, 0, 0);
    let mut body = String::new();
    for (name, arguments) in &lists.modules {
        let language =
            play::executor::LANGUAGE.contains(&name.trim_start_matches("ansible.builtin."));
        let module = modules::find(name);
        let words = if module.is_none() && language {
            "a word of the language"
        } else {
            ""
        };
        if module.is_none() && !language {
            writeln!(
                body,
                "\n## {name}\n\nNot built: a task that uses it is an error."
            )
            .unwrap();
            continue;
        }
        modules_built += 1;
        writeln!(body, "\n## {name}\n").unwrap();
        if !words.is_empty() {
            writeln!(body, "It is {words}.").unwrap();
            continue;
        }
        let Some(module) = module else { continue };
        if module.free_form == modules::FreeForm::AnyKeys {
            writeln!(body, "It takes any keys.").unwrap();
            continue;
        }
        let mut missing = Vec::new();
        for (argument, spec) in arguments {
            let is_text = matches!(argument.as_str(), "free_form" | "_raw_params" | "key_value");
            let supported = is_text || module.all_args().any(|known| known.answers_to(argument));
            let names_ok = spec
                .aliases
                .iter()
                .all(|alias| module.all_args().any(|known| known.answers_to(alias)));
            all += 1;
            built += usize::from(supported);
            if !supported {
                missing.push(format!("`{argument}` refused"));
            } else if !names_ok && !is_text {
                missing.push(format!("`{argument}` without some of its other names"));
            }
        }
        let own: Vec<String> = module
            .all_args()
            .map(|argument| format!("`{}`", argument.name))
            .collect();
        writeln!(
            body,
            "Arguments: {}.",
            if own.is_empty() {
                "none".to_owned()
            } else {
                own.join(", ")
            }
        )
        .unwrap();
        if !missing.is_empty() {
            writeln!(body, "\nDifferent: {}.", missing.join(", ")).unwrap();
        }
    }
    writeln!(
        text,
        "\n{modules_built} of {} modules are built; of their {all} arguments in the reference {built} are supported.",
        lists.modules.len()
    )
    .unwrap();
    text.push_str(&body);
    text
}

fn check(name: &str, expected: &str, from: Option<&str>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let start = from.map_or(0, |marker| {
        text.find(marker).map_or(text.len(), |at| at + marker.len())
    });
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{}{expected}", &text[..start])).unwrap();
        return;
    }
    assert!(
        text[start..] == *expected,
        "docs/{name} is not what the tables say; run UPDATE_DOCS=1 cargo test --test main docs"
    );
}

#[test]
fn docs_ansible_says_what_the_tables_say() {
    let lists = lists();
    let text = [keywords(&lists), magic(), plugins(&lists), flags(&lists)].concat();
    check(
        "ansible.md",
        &text,
        Some("cargo test --test main docs -->\n"),
    );
}

#[test]
fn docs_modules_says_what_the_tables_say() {
    check("modules.md", &modules_page(&lists()), None);
}

#[test]
fn docs_ssh_config_says_what_is_read() {
    let mut text = String::from("\n| option | what becomes of it |\n|---|---|\n");
    for (name, what) in play::connection::SSH_OPTIONS {
        writeln!(text, "| `{name}` | {what} |").unwrap();
    }
    check(
        "ssh-config.md",
        &text,
        Some("cargo test --test main docs -->\n"),
    );
}
