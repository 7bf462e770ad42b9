//! `mbush demo`: the complete system on one machine: the server, an embedded database, and an SMSC to which it binds
//! over a real socket. The script tops up in each of the operator's ways, prints each request beside its reply, and
//! audits the ledger at the end.

mod cards;
mod day;
mod handset;
mod machines;
mod phone;
mod play;
mod prompt;
mod stage;
mod ways;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};

use super::exit::Exit;
use super::shipped;
use super::style::{line, lines, quoted, title};
pub(super) use day::Day;
pub(super) use play::top_ups;
use stage::Stage;
use ways::{WAYS, Way};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Exit after the script; the exit code is 1 if a step did not end as expected
    #[arg(long)]
    once: bool,
    /// Run only one way to top up, given by its number
    #[arg(long, value_name = "NUMBER")]
    way: Option<u8>,
    /// Play the day of a country in place of Kosovo's ways: a name (`mbush country list`), or a folder
    #[arg(long, value_name = "COUNTRY", conflicts_with_all = ["way", "list"])]
    country: Option<String>,
    /// Print the ways to top up, each with the command that runs it, as a Markdown table
    #[arg(long, conflicts_with_all = ["once", "way", "dir"])]
    list: bool,
    /// Folder for the database and the configuration, which is kept afterwards; by default a temporary one
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        return list();
    }
    let temporary = tempfile::tempdir()?;
    let folder = match &args.dir {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder);
            // The configuration that is written there names its files from any folder.
            made.and_then(|()| folder.canonicalize()).with_context(|| format!("--dir {}", folder.display()))?
        }
        None => temporary.path().to_owned(),
    };
    if stage::database(&folder).exists() {
        bail!("--dir {}: it already has a database; the script begins with an empty one", folder.display());
    }
    let script = Script::of(args, &folder)?;
    let mut stage = Box::pin(Stage::set(&folder, script.country())).await?;
    line(&format!("mbush is up: {stage}"))?;
    let mut wrong = script.play(&mut stage).await?;
    let topped_up = script.tops_up();
    wrong.extend(play::books(&stage).await?);
    wrong.iter().try_for_each(|problem| line(&format!("UNEXPECTED RESULT: {problem}")))?;
    if !args.once {
        prompt::run(&mut stage).await?;
    }
    stage.strike().await?;
    if args.dir.is_some() {
        let config = quoted(&folder.join("mbush.toml").display().to_string());
        let look = topped_up.map_or_else(|| "audit".to_owned(), |number| format!("account {number}"));
        line(&format!("the database is kept; look at it with: mbush --config {config} {look}"))?;
    }
    Ok(Exit::from(wrong.is_empty()).into())
}

/// The steps to play.
enum Script {
    Ways(Vec<&'static Way>),
    /// The day of a country, and its folder.
    Day(Day, PathBuf),
}

impl Script {
    /// `folder` takes the files of a country that comes with the program.
    fn of(args: &Args, folder: &Path) -> anyhow::Result<Self> {
        let Some(name) = &args.country else { return Ok(Self::Ways(chosen(args.way)?)) };
        let named = Path::new(name);
        let country = if named.join("country.toml").exists() {
            named.canonicalize()?
        } else {
            let known = shipped::find(name)?;
            if known.folder == "xk" {
                return Ok(Self::Ways(chosen(None)?));
            }
            let country = folder.join("country");
            known.write_to(&country)?;
            country
        };
        let day = Day::read(&country)?;
        let day = day.ok_or_else(|| anyhow!("{}: there is no demo.toml in it to play", country.display()))?;
        Ok(Self::Day(day, country))
    }

    fn country(&self) -> Option<&Path> {
        match self {
            Self::Ways(_) => None,
            Self::Day(_, country) => Some(country),
        }
    }

    /// Plays all steps. Returns the differences from what is expected.
    async fn play(&self, stage: &mut Stage) -> anyhow::Result<Vec<String>> {
        let ways = match self {
            Self::Ways(ways) => ways,
            Self::Day(day, _) => return day.play(stage).await,
        };
        let mut wrong = Vec::new();
        for way in ways {
            line("")?;
            title(&format!("{}. {}", way.number, way.name))?;
            for step in way.steps {
                wrong.extend(play::step(stage, step).await?);
            }
        }
        Ok(wrong)
    }

    /// The first number that is topped up.
    fn tops_up(&self) -> Option<&'static str> {
        match self {
            Self::Ways(ways) => ways.iter().find_map(|way| way.tops_up()),
            Self::Day(..) => None,
        }
    }
}

/// All ways, or the one with this number.
fn chosen(number: Option<u8>) -> anyhow::Result<Vec<&'static Way>> {
    let ways: Vec<&Way> = WAYS.iter().filter(|way| number.is_none_or(|number| way.number == number)).collect();
    if ways.is_empty() {
        let last = WAYS.iter().map(|way| way.number).max().unwrap_or_default();
        return Err(anyhow!("--way: the ways are 1 to {last}; `mbush demo --list` lists them"));
    }
    Ok(ways)
}

fn list() -> anyhow::Result<ExitCode> {
    lines("| # | way to top up | how | see it |\n| --- | --- | --- | --- |")?;
    for Way { number, name, entry, .. } in WAYS {
        line(&format!("| {number} | {name} | {entry} | `cargo run --release -- demo --once --way {number}` |"))?;
    }
    Ok(ExitCode::SUCCESS)
}
