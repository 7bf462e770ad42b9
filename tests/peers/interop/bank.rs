//! `mbush serve` with one bank that may bind to it.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use testkit::process::Process;
use testkit::{mbush, run};

use crate::interop::simulator::PASSWORD;

/// Who texts the bank.
pub(crate) const CUSTOMER: &str = "38349123456";

/// `mbush serve` with one bank.
pub(crate) struct Bank {
    process: Process,
    pub(crate) address: String,
    folder: TempDir,
}

impl Bank {
    pub(crate) fn start(system_id: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = format!(
            r#"
            [store]
            url = "sqlite://{}/mbush.db"
            [http]
            listen = "127.0.0.1:0"
            [subscribers]
            unknown = "create"
            [smpp_server]
            listen = "127.0.0.1:0"
            [links.bank]
            kind = "esme"
            system_id = "{system_id}"
            password = "{PASSWORD}""#,
            folder.path().display()
        );
        let configuration = folder.path().join("mbush.toml");
        fs::write(&configuration, text).expect("a file in a temporary folder");
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
        let line = process.line("its SMPP address", |line| line.starts_with("listening for SMPP on "));
        let address = line.trim_start_matches("listening for SMPP on ").to_owned();
        Self { process, address, folder }
    }

    pub(crate) fn balance_minor(&self) -> Value {
        let configuration = self.folder.path().join("mbush.toml");
        let output = run(mbush().args(["account", CUSTOMER, "--json", "--config"]).arg(configuration));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        answer["account"]["balance_minor"].clone()
    }

    pub(crate) fn stop(self) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }
}

pub(crate) fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}
