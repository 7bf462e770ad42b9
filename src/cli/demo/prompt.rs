//! The demo's prompt: type further texts, until the input ends.

use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use super::super::style::line;
use super::play::describe;
use super::stage::Stage;

const HELP: &str = "Type a short code and a text, as in:  50005 049123456 5\n\
    or what you dial, CARD being the code of a card:  *123*CARD#\n\
    `from 049333444` changes the phone, `account 049123456` shows a balance, `quit` ends.";

/// Until `quit`, Ctrl-C, or the end of the input.
pub(super) async fn run(stage: &mut Stage) -> anyhow::Result<()> {
    line(&format!("\n{HELP}"))?;
    let mut lines = BufReader::new(stdin()).lines();
    let mut phone = "38349111222".to_owned();
    loop {
        line(&format!("[{phone}]"))?;
        let typed = tokio::select! {
            typed = lines.next_line() => typed?,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(typed) = typed else { return Ok(()) };
        let typed = typed.trim();
        match typed.split_once(' ').unwrap_or((typed, "")) {
            ("", _) => {}
            ("quit" | "exit", _) => return Ok(()),
            ("from", number) => match stage.app.plan.read(&digits(number), number.trim().starts_with('+')) {
                Ok(found) => phone = found.msisdn.digits(),
                Err(_) => line("that is not a number of the plan; write it as 049333444")?,
            },
            ("account", number) => match stage.account(&digits(number)).await {
                Ok(account) => line(&describe(number, account.as_ref()))?,
                Err(problem) => line(&problem.to_string())?,
            },
            (dialled, "") if dialled.starts_with('*') => {
                if let Err(problem) = stage.dial(&phone, dialled).await {
                    line(&problem.to_string())?;
                }
            }
            (code, text) if code.len() >= 3 && code.bytes().all(|b| b.is_ascii_digit()) => {
                if let Err(problem) = stage.text(&phone, code, text).await {
                    line(&problem.to_string())?;
                }
            }
            _ => line(HELP)?,
        }
    }
}

fn digits(written: &str) -> String {
    written.chars().filter(char::is_ascii_digit).collect()
}
