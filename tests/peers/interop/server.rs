//! `mbush serve` on a database of its own, with one SMPP link.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use testkit::process::Process;
use testkit::{mbush, run};

use crate::interop::simulator::PASSWORD;

pub(crate) struct Server {
    process: Process,
    configuration: PathBuf,
    _folder: TempDir,
}

impl Server {
    /// `bind` is `pair` or `transceiver`; `further` are more sections of the configuration.
    pub(crate) fn start(smsc: &str, bind: &str, further: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let configuration = folder.path().join("mbush.toml");
        let database = folder.path().join("mbush.db");
        let text = format!(
            r#"
            [store]
            url = "sqlite://{}"
            [http]
            listen = "127.0.0.1:0"
            [subscribers]
            unknown = "create"
            [links.ipko]
            kind = "smsc"
            hosts = ["{smsc}"]
            bind = "{bind}"
            system_id = "mbush"
            password = "{PASSWORD}"
            {further}"#,
            database.display()
        );
        fs::write(&configuration, text).expect("a file in a temporary folder");
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
        Self { process, configuration, _folder: folder }
    }

    /// Where it serves HTTP.
    pub(crate) fn http_address(&self) -> String {
        let line = self.process.line("its address", |line| line.starts_with("listening on "));
        line.trim_start_matches("listening on ").to_owned()
    }

    /// What `mbush account` says that a number has.
    pub(crate) fn balance_minor(&self, number: &str) -> Option<i64> {
        let mut command = mbush();
        let output = run(command.args(["account", number, "--json", "--config"]).arg(&self.configuration));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        answer["account"]["balance_minor"].as_i64()
    }

    /// Ends it as an init system does; it has to end well.
    pub(crate) fn stop(self) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }
}
