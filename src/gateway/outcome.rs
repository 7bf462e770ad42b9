//! The meaning of a gateway's answer to a reply.

use regex::Regex;
use serde_json::Value;

use super::fields::shown;
use super::file::{AnswerRuleFile, Means};
use super::pointer::Pointer;

/// In place of the identifier that an answer gives: the gateway uses that of the reply.
const OURS: &str = "ours";
/// Most characters of an answer that are shown to staff.
const SHOWN_MAX: usize = 120;

/// The meaning of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway took the reply.
    Sent {
        /// Its identifier of each part, if it gave one.
        ids: Vec<Option<String>>,
    },
    /// The gateway would refuse the same reply again.
    Refused { reason: String },
    /// The gateway did not take the reply, and may take it later.
    Later { reason: String },
    /// The gateway wants fewer replies a second.
    Slower,
    /// The gateway may have taken the reply.
    Unknown { reason: String },
}

/// The rules for answers, in the order of the file.
#[derive(Debug)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    status: Vec<u16>,
    body: Option<Regex>,
    json: Vec<(Pointer, Vec<String>)>,
    means: Means,
    id: Vec<Id>,
    reason: Option<Pointer>,
}

#[derive(Debug)]
enum Id {
    Ours,
    /// The group `id` of the expression for the body.
    Group,
    At(Pointer),
}

impl Rules {
    pub(super) fn of(rules: Vec<AnswerRuleFile>) -> Result<Self, String> {
        if !rules.iter().any(|rule| rule.means == Means::Sent) {
            return Err("answers: no answer means \"sent\"".to_owned());
        }
        let numbered = |(at, rule)| Rule::of(rule).map_err(|problem| format!("answer {}: {problem}", at + 1));
        rules.into_iter().enumerate().map(numbered).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn outcome(&self, id: &str, status: u16, body: &[u8]) -> Outcome {
        let text = String::from_utf8_lossy(body);
        let json = serde_json::from_slice(body).unwrap_or(Value::Null);
        let answer = Answer { status, text: &text, json: &json };
        match self.0.iter().find(|rule| rule.fits(&answer)) {
            Some(rule) => rule.outcome(id, &answer),
            None => Outcome::Unknown { reason: format!("the gateway answered {}", answer.shown()) },
        }
    }

    /// Each rule in words, for staff.
    pub(super) fn explained(&self) -> Vec<String> {
        self.0.iter().map(Rule::explained).collect()
    }
}

impl Id {
    fn ids(&self, ours: &str, body: Option<&Regex>, answer: &Answer<'_>) -> Vec<Option<String>> {
        match self {
            Self::Ours => vec![Some(ours.to_owned())],
            Self::Group => {
                let captures = body.and_then(|body| body.captures(answer.text));
                vec![captures.and_then(|captures| captures.name("id").map(|id| id.as_str().to_owned()))]
            }
            Self::At(pointer) => {
                let is_scalar = |value: &Value| !value.is_null() && !value.is_object() && !value.is_array();
                let scalar = |value: &&Value| is_scalar(value).then(|| shown(value).into_owned());
                pointer.all(answer.json).iter().map(scalar).collect()
            }
        }
    }
}

struct Answer<'a> {
    status: u16,
    text: &'a str,
    json: &'a Value,
}

impl Answer<'_> {
    fn shown(&self) -> String {
        let text: String =
            self.text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN_MAX).collect();
        if text.is_empty() { self.status.to_string() } else { format!("{} {text}", self.status) }
    }
}

impl Rule {
    fn of(file: AnswerRuleFile) -> Result<Self, String> {
        let body = file.body.as_deref().map(Regex::new).transpose().map_err(|error| format!("body: {error}"))?;
        let has_group = body.as_ref().is_some_and(|body| body.capture_names().flatten().any(|name| name == "id"));
        let one = |word: &String| match word.as_str() {
            OURS => Ok(Id::Ours),
            pointer => Pointer::parse(pointer).map(Id::At).map_err(|problem| format!("id: {problem}")),
        };
        let id: Vec<Id> = match &file.id {
            Some(words) => words.all().iter().map(one).collect::<Result<_, _>>()?,
            None => has_group.then_some(Id::Group).into_iter().collect(),
        };
        if file.means != Means::Sent && !id.is_empty() {
            return Err("id is for an answer that means \"sent\"".to_owned());
        }
        let condition =
            |(pointer, words): (String, super::file::Words)| Ok((Pointer::parse(&pointer)?, words.all().to_vec()));
        let json = file.json.into_iter().map(condition).collect::<Result<_, String>>();
        Ok(Self {
            status: file.status,
            body,
            json: json.map_err(|problem| format!("json: {problem}"))?,
            means: file.means,
            id,
            reason: file
                .reason
                .as_deref()
                .map(Pointer::parse)
                .transpose()
                .map_err(|problem| format!("reason: {problem}"))?,
        })
    }

    /// A status of one digit stands for all of its hundred.
    fn fits(&self, answer: &Answer<'_>) -> bool {
        let is_status = |known: &u16| *known == answer.status || *known == answer.status / 100;
        let holds = |(pointer, words): &(Pointer, Vec<String>)| {
            let values = pointer.all(answer.json);
            !values.is_empty() && values.iter().all(|value| words.iter().any(|word| *word == shown(value)))
        };
        (self.status.is_empty() || self.status.iter().any(is_status))
            && self.body.as_ref().is_none_or(|body| body.is_match(answer.text))
            && self.json.iter().all(holds)
    }

    fn outcome(&self, id: &str, answer: &Answer<'_>) -> Outcome {
        let told = || {
            let told = self.reason.as_ref().and_then(|pointer| pointer.first(answer.json)).map(shown);
            let told = told.filter(|told| !told.trim().is_empty());
            let told = told.map(|told| told.chars().take(SHOWN_MAX).collect::<String>());
            format!("the gateway answered {}", told.unwrap_or_else(|| answer.shown()))
        };
        match self.means {
            Means::Sent => Outcome::Sent { ids: self.ids(id, answer) },
            Means::Refused => Outcome::Refused { reason: told() },
            Means::Later => Outcome::Later { reason: told() },
            Means::Slower => Outcome::Slower,
            Means::Unknown => Outcome::Unknown { reason: told() },
        }
    }

    /// The identifiers from the first source that has any.
    fn ids(&self, ours: &str, answer: &Answer<'_>) -> Vec<Option<String>> {
        let ids = self.id.iter().map(|source| source.ids(ours, self.body.as_ref(), answer));
        ids.into_iter().find(|ids| ids.iter().any(Option::is_some)).unwrap_or_else(|| vec![None])
    }

    fn explained(&self) -> String {
        let mut conditions = Vec::new();
        if !self.status.is_empty() {
            let shown = |status: &u16| if *status < 10 { format!("{status}xx") } else { status.to_string() };
            conditions.push(self.status.iter().map(shown).collect::<Vec<_>>().join(" or "));
        }
        conditions.extend(self.body.as_ref().map(|body| format!("a body that matches {body}")));
        conditions.extend(self.json.iter().map(|(pointer, words)| format!("{pointer} = {}", words.join(" or "))));
        let conditions = if conditions.is_empty() { "anything else".to_owned() } else { conditions.join(", ") };
        let meaning = match self.means {
            Means::Sent => "the gateway has it",
            Means::Refused => "it is refused for ever",
            Means::Later => "it is sent again later",
            Means::Slower => "it is sent again after a pause",
            Means::Unknown => {
                "the gateway may have it; it is sent again as often as `unanswered_resends` of [dispatch] says"
            }
        };
        format!("{conditions}: {meaning}")
    }
}
