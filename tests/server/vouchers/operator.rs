//! An operator with a configuration, a key, a printer and staff.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use age::x25519::Identity;
use tempfile::TempDir;
use testkit::mbush;

/// One card as the printer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) serial: String,
    pub(crate) code: String,
    pub(crate) amount: String,
}

pub(crate) struct Operator {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
    printer: Identity,
}

impl Operator {
    /// With a database of this address, or an SQLite file of its own.
    pub(crate) async fn new(url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = url.unwrap_or_else(|| format!("sqlite://{}/mbush.db", folder.path().display()));
        let operator = Self { folder, url, printer: Identity::generate() };
        operator.told(&["voucher", "keys", "--new", operator.path("one.key").to_str().unwrap()]);
        operator.configure(&["one"], "");
        mbush::store::Store::open(&operator.url).await.unwrap().close().await;
        operator
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Keys by name, each in a file of its name, and further sections.
    pub(crate) fn configure(&self, keys: &[&str], more: &str) {
        let key = |id: &&str| format!("{{ id = \"{id}\", file = \"{}\" }}", self.path(&format!("{id}.key")).display());
        let keys: Vec<String> = keys.iter().map(key).collect();
        let text = format!(
            "[store]\nurl = \"{}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\nlanguage = \"en\"\n\
             [log]\nfilter = \"error\"\n[vouchers]\nkeys = [{}]\nrecipients = [\"{}\"]\n{more}",
            self.url,
            keys.join(", "),
            self.printer.to_public()
        );
        std::fs::write(self.path("mbush.toml"), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = mbush();
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command says that succeeds.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What a command says that does not.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Draws a batch into this file.
    pub(crate) fn generate(&self, euros: &str, count: &str, file: &str) -> String {
        let arguments = ["voucher", "generate", "--amount", euros, "--count", count, "--expires", "2999-12-31"];
        self.told(&[&arguments[..], &["--file", file, "--by", "arta"]].concat())
    }

    /// From the printer's hands to the customers'.
    pub(crate) fn activate(&self, batch: &str, file: &str) {
        self.told(&["voucher", "print", batch, "--file", file, "--by", "arta"]);
        self.told(&["voucher", "distribute", batch, "--to", "Shpija", "--by", "arta"]);
        self.told(&["voucher", "activate", "propose", batch, "--by", "besim"]);
        self.told(&["voucher", "activate", "approve", batch, "--by", "drita", "--yes"]);
    }

    /// The cards of a print file.
    pub(crate) fn printed(&self, file: &str) -> Vec<Printed> {
        let clear = age::decrypt(&self.printer, &std::fs::read(self.path(file)).unwrap()).unwrap();
        let clear = String::from_utf8(clear).unwrap();
        let mut lines = clear.lines();
        assert_eq!(lines.next(), Some("serial,code,amount_eur"));
        let card = |line: &str| {
            let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            let [serial, code, amount] = <[String; 3]>::try_from(fields).unwrap();
            Printed { serial, code, amount }
        };
        lines.map(card).collect()
    }
}
