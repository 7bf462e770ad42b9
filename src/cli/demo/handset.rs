//! The demo's phones: they send and dial, and show replies.

use anyhow::{anyhow, bail};
use tokio::time::timeout;

use super::super::style::{line, marked};
use super::stage::{REPLY_WAIT, Stage};
use crate::domain::Language;
use crate::menus;
use crate::simulator::{Submitted, Text};

/// `ussd_service_op` of a screen that expects an answer.
const WANTS_ANSWER: u8 = 2;

impl Stage {
    /// Sends a text, and returns the reply to the phone.
    pub(super) async fn text(&mut self, from: &str, to: &str, text: &str) -> anyhow::Result<String> {
        marked(&format!("  {from} > {to}   "), text, "")?;
        let message = Text { from: from.to_owned(), to: to.to_owned(), text: text.to_owned() };
        self.forget();
        let status = timeout(REPLY_WAIT, self.smsc.deliver(&message)).await.map_err(|_| anyhow!("no answer"))??;
        if !status.is_ok() {
            bail!("the server refused the message: {status}");
        }
        let reply = self.reply(from).await?;
        let english = self.gloss.english(&reply.text);
        shown(&format!("  {to} > {from}   "), &reply.text, english)?;
        Ok(reply.text)
    }

    /// Dials, and returns the display.
    pub(super) async fn dial(&mut self, from: &str, text: &str) -> anyhow::Result<Screen> {
        let dialled = self.cards.put_in(text)?;
        marked(&format!("  {from} dials   "), &dialled, "")?;
        // The network routes it by the short code after the first star.
        let code = dialled.trim_start_matches('*').split(['*', '#']).next().unwrap_or_default().to_owned();
        let message = Text { from: from.to_owned(), to: code.clone(), text: dialled };
        self.forget();
        let status = timeout(REPLY_WAIT, self.smsc.dial(&message)).await.map_err(|_| anyhow!("no answer"))??;
        if !status.is_ok() {
            bail!("the server refused what was dialled: {status}");
        }
        self.screen(from, code, &[]).await
    }

    /// Answers a menu, after these earlier answers, and returns the display.
    pub(super) async fn answer_menu(
        &mut self,
        from: &str,
        code: &str,
        answers: &mut Vec<String>,
        answer: &str,
    ) -> anyhow::Result<Screen> {
        let answer = self.cards.put_in(answer)?;
        answers.push(answer.clone());
        let message = Text { from: from.to_owned(), to: code.to_owned(), text: answer };
        self.forget();
        let status = timeout(REPLY_WAIT, self.smsc.answer(&message)).await.map_err(|_| anyhow!("no answer"))??;
        if !status.is_ok() {
            bail!("the server refused the answer: {status}");
        }
        self.screen(from, code.to_owned(), answers).await
    }

    /// The next text of the display: a screen of a menu, or a reply.
    async fn screen(&mut self, phone: &str, code: String, answers: &[String]) -> anyhow::Result<Screen> {
        let reply = self.reply(phone).await?;
        let waits = reply.ussd_service_op == Some(WANTS_ANSWER);
        let menu = self.menus.of(&code).filter(|_| self.gloss.has_english());
        let menu = menu.map(|menu| menu.after(answers, Language::EN));
        let english = self.gloss.english(&reply.text).or(match menu {
            Some(menus::Step::Ask(text)) if waits => Some(text),
            Some(menus::Step::End(text)) if !waits => Some(text),
            _ => None,
        });
        shown(&format!("  {code} > {phone}   "), &reply.text, english)?;
        Ok(Screen { text: reply.text, waits, code })
    }

    /// Discards earlier messages to phones, so that the next one is about the next action.
    fn forget(&mut self) {
        self.replies = self.replies.resubscribe();
    }

    async fn reply(&mut self, phone: &str) -> anyhow::Result<Submitted> {
        let reply = async {
            loop {
                let message = self.replies.recv().await?;
                if message.to == phone {
                    return anyhow::Ok(message);
                }
            }
        };
        timeout(REPLY_WAIT, reply).await.map_err(|_| anyhow!("no reply to {phone}"))?
    }
}

/// The text on a phone's display.
pub(super) struct Screen {
    pub(super) text: String,
    /// It is a menu, or a question of one.
    pub(super) waits: bool,
    /// The short code of the menu.
    pub(super) code: String,
}

/// Prints what a phone shows, line by line, with an English translation.
fn shown(before: &str, reply: &str, english: Option<String>) -> std::io::Result<()> {
    let indented = |first: &str, text: &str| {
        let behind = " ".repeat(first.chars().count());
        let lines = text.lines().enumerate();
        lines.map(|(number, text)| format!("{}{text}", if number == 0 { first } else { &behind })).collect::<Vec<_>>()
    };
    indented(before, reply).iter().try_for_each(|text| line(text))?;
    let english = english.filter(|english| english != reply).unwrap_or_default();
    indented("    in English: ", &english).iter().try_for_each(|text| line(text))
}
