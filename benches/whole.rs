//! mbush end to end, as an operator runs it, beside what would be deployed in its place: `scripts/bench`, or
//! `cargo bench --bench whole -- --help`.
//!
//! Each stack is started on an empty database, loaded by `mbush load`, stopped, and audited; what the load tool saw has to
//! agree with what the database holds. The stacks take turns, round after round, so that whatever else the machine does
//! slows each of them down. docs/performance.md explains the figures.
//!
//! - `rungs`: the rungs, and one run of a stack on one of them; `stack`: what is measured
//! - `serve`, `incumbent`: how each stack is set up; `database`: the PostgreSQL that they share in turns
//! - `load`: the load tool; `store`: the rung below, in this process
//! - `backlog`: replies that wait for an SMSC, which `smsc` is
//! - `machine`, `processes`: what the kernel counts
//! - `report`, `spread`: tables

#[path = "whole/backlog.rs"]
mod backlog;
#[path = "whole/database.rs"]
mod database;
#[path = "whole/incumbent.rs"]
mod incumbent;
#[path = "whole/load.rs"]
mod load;
#[path = "whole/machine.rs"]
mod machine;
#[path = "whole/processes.rs"]
mod processes;
#[path = "whole/report.rs"]
mod report;
#[path = "topups/rows.rs"]
mod rows;
#[path = "whole/rungs.rs"]
mod rungs;
#[path = "whole/serve.rs"]
mod serve;
#[path = "whole/smsc.rs"]
mod smsc;
#[path = "whole/spread.rs"]
mod spread;
#[path = "whole/stack.rs"]
mod stack;
#[path = "whole/store.rs"]
mod store;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use database::Server;
use incumbent::Kannel;
use machine::Machine;
use report::Results;
use rungs::{Run, Rung, Runner};
use serde_json::json;
use stack::{Kind, Stack};

/// Measures mbush end to end, beside Kannel with an HTTP handler and PostgreSQL.
#[derive(Debug, Parser)]
struct Arguments {
    /// Rungs to measure; all where none is named.
    #[arg(value_parser = ["store", "full", "1250", "5000", "alone", "http", "backlog"])]
    rungs: Vec<String>,
    /// Stacks to measure; all where none is named.
    #[arg(long = "stack", value_name = "STACK", value_parser = ["sqlite", "postgres", "kannel"])]
    stacks: Vec<String>,
    /// Fewer messages: a first look.
    #[arg(long)]
    quick: bool,
    /// Measure on databases with 10,000 messages and statistics in place of empty ones.
    #[arg(long)]
    filled: bool,
    /// Turns of each stack on each rung.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Another executable of mbush, measured in turns with this one.
    #[arg(long, value_name = "FILE")]
    former: Option<PathBuf>,
    /// Writes every run to a file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    fn wants(&self, rung: &str) -> bool {
        self.rungs.is_empty() || self.rungs.iter().any(|wanted| wanted == rung)
    }

    fn wants_stack(&self, stack: &str) -> bool {
        self.stacks.is_empty() || self.stacks.iter().any(|wanted| wanted == stack)
    }

    /// The databases that are asked for and there.
    fn kinds(&self, server: Option<&Server>) -> Vec<Kind> {
        let sqlite = self.wants_stack("sqlite").then_some(Kind::Sqlite);
        let postgres = (self.wants_stack("postgres") && server.is_some()).then_some(Kind::Postgres);
        sqlite.into_iter().chain(postgres).collect()
    }

    /// All stacks, in the order in which they take turns.
    fn stacks(&self, program: &Path, server: Option<&Server>) -> Vec<Stack> {
        let mut stacks = Vec::new();
        for database in self.kinds(server) {
            let version = self.former.is_some().then_some("now");
            stacks.push(Stack::Mbush { version, program: program.to_owned(), database });
            let former =
                |program: &PathBuf| Stack::Mbush { version: Some("former"), program: program.clone(), database };
            stacks.extend(self.former.as_ref().map(former));
        }
        if self.wants_stack("kannel") && server.is_some() {
            stacks.extend(Kannel::find().map(Stack::Incumbent));
        }
        stacks
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let machine = Machine::here();
    machine.print();
    let needs_server = ["postgres", "kannel"].iter().any(|stack| arguments.wants_stack(stack));
    let server = needs_server.then(Server::start).flatten();
    let program = PathBuf::from(testkit::mbush().get_program());
    let stacks = arguments.stacks(&program, server.as_ref());
    let (is_filled, is_quick) = (arguments.filled, arguments.quick);
    let runner = Runner { is_filled, load_tool: &program, server: server.as_ref(), is_quick };
    let mut results = Results::default();
    for round in 1..=arguments.rounds {
        measure(&arguments, &runner, &stacks, round, &mut results);
    }
    let is_asked = |_: &&Stack| arguments.wants("backlog");
    let drained = stacks.iter().filter(is_asked).filter_map(|stack| runner.backlog(stack));
    let drained: Vec<_> = drained.collect();
    results.print();
    backlog::print(&drained);
    if let Some(file) = &arguments.json {
        let all = json!({
            "machine": machine, "postgres_settings": database::SETTINGS, "quick": is_quick, "filled": is_filled,
            "store": results.stored, "runs": results.runs, "backlog": drained,
        });
        fs::write(file, format!("{all:#}\n")).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    let is_faulty = results.is_faulty() || drained.iter().any(|drained| !drained.faults.is_empty());
    if is_faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One turn of each stack on each rung.
fn measure(arguments: &Arguments, runner: &Runner, stacks: &[Stack], round: u32, results: &mut Results) {
    if arguments.wants("store") {
        for kind in arguments.kinds(runner.server) {
            results.stored.push(store::run(runner.server, kind, runner.is_quick));
        }
    }
    for rung in Rung::ALL.into_iter().filter(|rung| arguments.wants(rung.word())) {
        for stack in stacks.iter().filter(|stack| rung.is_for(stack)) {
            let run = runner.run(rung, stack, round);
            print_line(&run);
            results.runs.push(run);
        }
    }
}

/// Shows that the ladder goes on.
fn print_line(run: &Run) {
    let cpu: f64 = run.cpu_ms.values().sum();
    let faults = if run.faults.is_empty() { String::new() } else { format!("; ERROR: {}", run.faults.join("; ")) };
    println!(
        "  round {} {:<6} {:<24} {:>9} replies/s, p50 {} ms, CPU {} ms for 1,000{faults}",
        run.round,
        run.rung.word(),
        run.stack,
        spread::number(run.rate()),
        spread::number(run.reply().p50),
        spread::number(cpu),
    );
}
