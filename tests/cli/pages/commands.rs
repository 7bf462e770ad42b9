//! `docs/commands.md` has every command with its options, every exit code, and the words that staff give as reasons.

use std::fmt::Write as _;

use clap::{Arg, Command};
use mbush::cli::Exit;
use mbush::domain::ReasonCode;

use crate::pages::{first_column, is_made, page, section, set};

/// `mbush statement NUMBER [--from DAY]`.
fn usage(way: &str, command: &Command) -> String {
    let shown = |arg: &&Arg| {
        !arg.is_global_set() && !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str())
    };
    let mut usage = way.to_owned();
    for arg in command.get_arguments().filter(shown) {
        let names = arg.get_value_names().unwrap_or_default();
        let value = names.iter().map(|name| name.as_str().replace('|', " or ")).collect::<Vec<_>>().join(" ");
        let takes_value = arg.get_action().takes_values();
        let word = match arg.get_long() {
            Some(long) if takes_value => format!("--{long} {value}"),
            Some(long) => format!("--{long}"),
            None => value,
        };
        let many = if matches!(arg.get_action(), clap::ArgAction::Append) { "…" } else { "" };
        let required = arg.is_required_set();
        let (open, close) = if required { ("", "") } else { ("[", "]") };
        write!(usage, " {open}{word}{many}{close}").unwrap();
    }
    usage
}

fn rows(way: &str, command: &Command, table: &mut String) {
    let below: Vec<&Command> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
    let stands_alone = below.is_empty() || !command.is_subcommand_required_set();
    if stands_alone && way != "mbush" {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(table, "| `{}` | {} |", usage(way, command), about.replace('|', "or")).unwrap();
    }
    for below in below {
        rows(&format!("{way} {}", below.get_name()), below, table);
    }
}

#[test]
fn the_page_has_every_command_with_its_options() {
    let mut command = mbush::cli::command();
    command.build();
    let mut table = "| command | what it does |\n| --- | --- |\n".to_owned();
    rows("mbush", &command, &mut table);
    assert!(table.contains("`mbush voucher activate approve BATCH"), "{table}");
    is_made("docs/commands.md", "the commands", &table);
}

#[test]
fn the_page_has_every_exit_code() {
    let mut table = "| code | means |\n| ---: | --- |\n".to_owned();
    for exit in Exit::ALL {
        writeln!(table, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    is_made("docs/commands.md", "the exit codes", &table);
}

#[test]
fn the_page_has_every_reason_word_of_staff() {
    let page = page("docs/commands.md");
    let words = first_column(section(&page, "## Reasons of staff"));
    assert_eq!(words, set(ReasonCode::ALL.iter().map(|code| code.as_str())));
}
