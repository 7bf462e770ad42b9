//! The demo's prompt: the user acts as a phone, until the input ends.

use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};

use super::super::style::{line, lines, prompt, with_causes};
use super::handset::Screen;
use super::phone::Typed;
use super::play::describe;
use super::stage::Stage;

const HELP: &str = "\
You are a phone. Text as a customer would, or dial:
  049123456 3           to the short code that the prompt shows
  50707 3 049107002     to another one, which the prompt then shows; `codes` lists them
  *123#                 the operator's menu; answer with the number of a choice
  *123*CARD#            CARD stands for the code of a new scratch card
Look around:
  account               what this phone has; `account 049123456` is another's
  from 049333444        be another phone
  help, quit";

struct Session {
    phone: String,
    code: String,
    /// The menu that waits for an answer: its short code and the answers so far.
    menu: Option<(String, Vec<String>)>,
}

/// Runs until `quit`, Ctrl-C, or the end of the input.
pub(super) async fn run(stage: &mut Stage) -> anyhow::Result<()> {
    lines(&format!("\n{HELP}"))?;
    let mut input = BufReader::new(stdin()).lines();
    let mut session = Session { phone: "38349111222".to_owned(), code: "50005".to_owned(), menu: None };
    while let Some(typed) = session.next(&mut input, stage).await? {
        let codes = stage.short_codes();
        let read = Typed::read(&typed, |text| codes.iter().any(|code| code == text));
        if read == Typed::Quit {
            return Ok(());
        }
        if let Err(problem) = session.carry_out(stage, &read, typed.trim()).await {
            line(&with_causes(&problem))?;
        }
    }
    line("")?;
    Ok(())
}

impl Session {
    async fn next(&self, input: &mut Lines<BufReader<Stdin>>, stage: &Stage) -> anyhow::Result<Option<String>> {
        let phone = stage.national(&self.phone);
        prompt(&match &self.menu {
            Some((code, _)) => format!("{phone}, menu of {code}>"),
            None => format!("{phone} to {}>", self.code),
        })?;
        Ok(tokio::select! {
            typed = input.next_line() => typed?,
            _ = tokio::signal::ctrl_c() => None,
        })
    }

    async fn carry_out(&mut self, stage: &mut Stage, read: &Typed<'_>, whole: &str) -> anyhow::Result<()> {
        match (self.menu.take(), read) {
            (menu, Typed::Nothing) => self.menu = menu,
            (Some((code, answers)), read) if !read.is_command() => {
                self.menu = stage.answer(&self.phone, &code, answers, whole).await?;
            }
            // A command that only shows something does not leave the menu.
            (menu, Typed::Help | Typed::Codes | Typed::Account(_)) => {
                self.menu = menu;
                self.look(stage, read).await?;
            }
            (_, Typed::From("")) => line("whose phone? As in: from 049333444")?,
            (_, Typed::From(number)) => self.phone = stage.number(number)?.digits(),
            (_, Typed::Dial(dialled)) => self.menu = stage.dial_on(&self.phone, dialled).await?,
            (_, Typed::Choose(code)) => (*code).clone_into(&mut self.code),
            (_, Typed::Text(code, text)) => {
                if let Some(code) = code {
                    (*code).clone_into(&mut self.code);
                }
                stage.text(&self.phone, &self.code, text).await?;
            }
            (_, Typed::Quit) => {}
        }
        Ok(())
    }

    /// Commands that only show something.
    async fn look(&self, stage: &Stage, read: &Typed<'_>) -> anyhow::Result<()> {
        match read {
            Typed::Codes => stage.short_code_lines().iter().try_for_each(|code| line(code))?,
            Typed::Account(number) => {
                let number = number.map_or_else(|| stage.national(&self.phone), str::to_owned);
                line(&describe(&number, stage.account(&number).await?.as_ref()))?;
            }
            _ => lines(HELP)?,
        }
        Ok(())
    }
}

impl Stage {
    /// Dials. Returns the menu that waits for an answer, if any.
    async fn dial_on(&mut self, phone: &str, dialled: &str) -> anyhow::Result<Option<(String, Vec<String>)>> {
        let screen = self.dial(phone, dialled).await?;
        Ok(screen.waits.then(|| (screen.code, Vec::new())))
    }

    /// Answers a menu. Returns the menu if it still waits.
    async fn answer(
        &mut self,
        phone: &str,
        code: &str,
        mut answers: Vec<String>,
        answer: &str,
    ) -> anyhow::Result<Option<(String, Vec<String>)>> {
        let Screen { waits, code, .. } = self.answer_menu(phone, code, &mut answers, answer).await?;
        Ok(waits.then_some((code, answers)))
    }
}
