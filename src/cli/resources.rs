//! Resources of several commands: the configuration, the numbering plan, the grammars, the menus.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use rust_embed::RustEmbed;

use crate::config::{Config, Examined};
use crate::domain::locale::Locale;
use crate::domain::{Amount, NumberingPlan};
use crate::gateway::Gateways;
use crate::grammar::GrammarSet;
use crate::jobs::Webhook;
use crate::menus::Menus;
use crate::processor::PinKey;
use crate::text::templates::{Templates, Values};

#[derive(RustEmbed)]
#[folder = "countries/xk/"]
struct Kosovo;

/// The folder of the grammars: the configured one, or that of the country; `None` for the built-in ones.
pub(super) fn grammars_folder(config: &Config) -> Option<PathBuf> {
    config.grammars.dir.clone().or_else(|| Some(config.country.folder.as_ref()?.join("grammars")))
}

/// The folder of the grammars, or `built in`.
pub(super) fn grammars_place(config: &Config) -> String {
    grammars_folder(config).map_or_else(|| "built in".to_owned(), |dir| dir.display().to_string())
}

/// The settings of a country's folder alone, with their errors.
pub(super) fn of_country(folder: &Path) -> anyhow::Result<Examined> {
    let folder = folder.display().to_string();
    let text = format!("[country]\nfolder = {}\n", serde_json::Value::from(folder));
    Config::examine_text(&text).map_err(|error| anyhow!("{error}"))
}

pub(super) fn config(file: Option<&Path>) -> anyhow::Result<Config> {
    Config::load(file).map_err(|error| anyhow!("the configuration is not valid:\n{error}"))
}

/// The configuration as far as it can be read, with its errors.
pub(super) fn examine(file: Option<&Path>) -> anyhow::Result<Examined> {
    Config::examine(file).map_err(|error| anyhow!("the configuration is not valid:\n{error}"))
}

/// Longest list of amounts that an operator offers.
const OFFERED_MAX: usize = 60;

/// Most digits of a number (E.164).
const NUMBER_DIGITS_MAX: usize = 15;

/// The default folder for grammars that are being written.
pub(super) const WORKSHOP: &str = "grammars";

/// Finds the folder of grammars: the option `--grammars`, the configured folder, or the folder with the default name if
/// it has grammars in it. Otherwise the built-in set is used.
pub(super) fn choose_grammars(config: &mut Config, said: Option<&Path>) -> anyhow::Result<()> {
    let is_workshop = || has_grammars(Path::new(WORKSHOP));
    if let Some(folder) = said {
        use_grammars(config, folder)?;
    } else if config.grammars.dir.is_none() && config.country.folder.is_none() && is_workshop() {
        config.grammars.dir = Some(PathBuf::from(WORKSHOP));
    }
    Ok(())
}

/// Replaces the configured grammars by those of a folder, and the configured numbering plan by that of the folder, if it
/// has one.
pub(super) fn use_grammars(config: &mut Config, folder: &Path) -> anyhow::Result<()> {
    config.grammars.dir = Some(folder.to_owned());
    if let Some(plan) = own_plan(folder)? {
        config.numbering.file = Some(plan);
    }
    Ok(())
}

/// The numbering plan of a folder of grammars: the file in its folder `numbering`.
fn own_plan(grammars: &Path) -> anyhow::Result<Option<PathBuf>> {
    let folder = grammars.join("numbering");
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut plans = from_folder(&folder).with_context(|| folder.display().to_string())?.into_iter();
    match (plans.next(), plans.next()) {
        (Some((plan, _)), None) => Ok(Some(PathBuf::from(plan))),
        (None, _) => bail!("{}: there is no *.toml in it; put the numbering plan there", folder.display()),
        _ => bail!("{}: there are several *.toml in it; keep the one of these grammars", folder.display()),
    }
}

/// The default folder of fixtures: the one in the folder of grammars, if there is one.
pub(super) fn fixtures(config: &Config) -> PathBuf {
    let own = config.grammars.dir.as_ref().or(config.country.folder.as_ref()).map(|dir| dir.join("fixtures"));
    own.filter(|own| own.is_dir()).unwrap_or_else(|| PathBuf::from("fixtures"))
}

/// Returns whether a folder has grammars in it.
pub(super) fn has_grammars(folder: &Path) -> bool {
    from_folder(folder).is_ok_and(|files| !files.is_empty())
}

/// The systems that requests are handed to.
///
/// # Errors
/// Each that cannot be used. A section with a problem was reported when it was read.
pub(super) fn webhooks(config: &Config) -> Result<Vec<Webhook>, Vec<String>> {
    let sections = config.forward.iter().filter_map(|(name, section)| Some((name, section.webhook().ok()??)));
    let (mut webhooks, mut problems) = (Vec::new(), Vec::new());
    for (name, settings) in sections {
        match Webhook::new(name, settings) {
            Ok(webhook) => webhooks.push(webhook),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(webhooks) } else { Err(problems) }
}

/// The numbering plan: the configured file, that of the folder of grammars, or the built-in one.
pub(super) fn plan(config: &Config) -> anyhow::Result<Arc<NumberingPlan>> {
    let own = || match (config.grammars.dir.as_deref(), config.country.folder.as_deref()) {
        (None, None) => Ok(None),
        (Some(grammars), None) => own_plan(grammars),
        (None, Some(country)) => own_plan(country),
        (Some(grammars), Some(country)) => Ok(own_plan(grammars)?.or(own_plan(country)?)),
    };
    let plan = match config.numbering.file.clone().map_or_else(own, |file| Ok(Some(file)))? {
        Some(file) => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("numbering.file = \"{}\": give a file that can be read", file.display()))?;
            NumberingPlan::from_toml(&text).with_context(|| file.display().to_string())?
        }
        None => NumberingPlan::kosovo()?,
    };
    Ok(Arc::new(plan))
}

/// The grammars of the configured folder, or the built-in ones.
pub(super) fn grammars(config: &Config, plan: &Arc<NumberingPlan>) -> anyhow::Result<GrammarSet> {
    let files = match grammars_folder(config) {
        Some(dir) => {
            let key = if config.grammars.dir.is_some() { "grammars.dir" } else { "country.folder" };
            let place = || format!("{key}: \"{}\"", dir.display());
            let files = from_folder(&dir).with_context(place)?;
            anyhow::ensure!(!files.is_empty(), "{}: there is no *.toml in it", place());
            files
        }
        None => built_in("grammars"),
    };
    GrammarSet::load(files, plan.clone()).map_err(|diagnostics| {
        let text: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        anyhow!("the grammars are not valid:\n{}", text.join("\n"))
    })
}

/// The formats of gateways: those that are built in, and those of the configured folder.
pub(super) fn gateways(config: &Config) -> Result<Gateways, Vec<String>> {
    let own = match &config.gateways.dir {
        Some(dir) => {
            from_folder(dir).map_err(|error| vec![format!("gateways.dir = \"{}\": {error:#}", dir.display())])?
        }
        None => Vec::new(),
    };
    Gateways::load(Gateways::built_in().into_iter().chain(own))
}

/// The folder of the menus, which may be missing; `None` for the built-in ones.
pub(super) fn menus_folder(config: &Config) -> Option<PathBuf> {
    config.grammars.dir.as_ref().or(config.country.folder.as_ref()).map(|dir| dir.join("menus"))
}

/// The menus in the folder `menus` of the configured folder, which may be missing, or the built-in ones.
pub(super) fn menus(config: &Config, grammars: &GrammarSet, templates: &Templates) -> anyhow::Result<Menus> {
    let files = match menus_folder(config) {
        Some(dir) if dir.is_dir() => from_folder(&dir).with_context(|| dir.display().to_string())?,
        Some(_) => Vec::new(),
        None => built_in("menus"),
    };
    Menus::load(files, grammars, templates).map_err(|problems| {
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("the menus are not valid:\n{}", text.join("\n"))
    })
}

/// All `*.toml` files that were compiled in from a folder of Kosovo's, without those of folders in it, sorted by name.
fn built_in(folder: &str) -> Vec<(String, String)> {
    let is_in = |path: &str| path.strip_prefix(folder).and_then(|path| path.strip_prefix('/')).is_some_and(is_toml);
    let mut paths: Vec<_> = Kosovo::iter().filter(|path| is_in(path)).collect();
    paths.sort();
    let text = |path: &str| Kosovo::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    paths.iter().filter_map(|path| Some((path.to_string(), text(path)?))).collect()
}

fn is_toml(name: &str) -> bool {
    !name.contains('/') && Path::new(name).extension().is_some_and(|end| end == "toml")
}

/// All `*.toml` files of a folder, sorted by name.
fn from_folder(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries = std::fs::read_dir(dir).context("give a folder that can be read")?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            Ok((path.display().to_string(), text))
        })
        .collect()
}

pub(super) fn pin_key(config: &Config) -> anyhow::Result<PinKey> {
    let key = config.pins.key().map_err(|problem| anyhow!(problem))?;
    Ok(key.map(|key| PinKey::new(key, config.pins.initial())).unwrap_or_default())
}

/// The texts of replies of the country; each fits at its longest.
pub(super) fn templates(config: &Config) -> anyhow::Result<Templates> {
    let read = match &config.country.folder {
        None => Templates::builtin(),
        Some(folder) => {
            let texts = folder.join("texts");
            let files = from_folder(&texts).with_context(|| texts.display().to_string())?;
            anyhow::ensure!(
                !files.is_empty(),
                "{}: there is no *.toml in it: write one for each language",
                texts.display()
            );
            only_values(&files)?;
            Templates::load(files, &config.country.languages, &longest(config))
        }
    };
    read.map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!("the replies are not valid:\n{}", lines.join("\n"))
    })
}

/// Refuses logic in texts: a text is proven to fit with its values at their longest, and has nothing beside them.
fn only_values(files: &[(String, String)]) -> anyhow::Result<()> {
    let is_value = |inside: &str| {
        let name = inside.trim();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let has_logic = |line: &str| {
        let places = line.split("{{").skip(1);
        let are_values =
            places.map(|rest| rest.split_once("}}")).all(|place| place.is_some_and(|(name, _)| is_value(name)));
        !are_values || line.contains("{%") || line.contains("{#")
    };
    for (name, text) in files {
        if let Some(at) = text.lines().position(has_logic) {
            bail!("{name}:{}: a text shows values, as {{{{ amount }}}}, and nothing else stands in braces", at + 1);
        }
    }
    Ok(())
}

/// The longest values of a country whose sums and numbers may be longer than those of Kosovo: a top-up up to the highest,
/// with a sign between each three digits, a balance of a hundred such top-ups, and a number of E.164.
fn longest(config: &Config) -> Values {
    let sums = config.vouchers.amounts().into_iter().chain([config.rules.amount_max]).map(Amount::minor);
    let (amount, balance) = Locale::get().widest(sums.max().unwrap_or_default());
    let amounts = ["amount", "bonus", "commission", "fee", "min"].map(|name| (name, amount));
    let balances = ["available", "balance", "limit", "max", "total"].map(|name| (name, balance));
    let widths = amounts.into_iter().chain(balances).chain([("number", NUMBER_DIGITS_MAX)]);
    widths.chain([("offered", OFFERED_MAX)]).map(|(name, width)| (name, "W".repeat(width))).collect()
}
