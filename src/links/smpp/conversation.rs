//! Dialogues that go through a menu. The answers so far are kept in memory, as long as the network keeps the dialogue.
//! If they are lost, the customer begins the dialogue again. Nothing else is lost.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::ussd::{DIALOGUE_LIFE, DIALOGUES_MAX, Dialled};
use crate::menus::ANSWERS_MAX;

/// Answers; they may hold PINs and card codes.
pub(super) type Answers = Vec<Zeroizing<String>>;

/// The key of a dialogue: the phone, and the network's number of the dialogue if the network sends one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct DialogueKey {
    from: String,
    session: Option<u8>,
}

#[derive(Debug)]
struct Conversation {
    short_code: String,
    answers: Answers,
    /// Number of the network's first message and of its last one, if it numbers them.
    numbers: (Option<u8>, Option<u8>),
    /// The idempotency key of the last message.
    key: String,
    since: Duration,
}

/// The dialogue after one more message.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) short_code: String,
    pub(super) answers: Answers,
    /// The idempotency key of the message that it leads to. For a repeated delivery, it is the key of the first one.
    pub(super) key: String,
}

/// The dialogues of one link.
#[derive(Debug, Default)]
pub(super) struct Conversations(Mutex<HashMap<DialogueKey, Conversation>>);

impl Conversations {
    /// Begins a dialogue if a short code alone was dialled. It replaces the previous dialogue of the same phone.
    pub(super) fn begin(&self, dialled: &Dialled, short_code: String, key: String, now: Duration) -> Turn {
        let (session, number) = numbers(dialled);
        let turn = Turn { short_code: short_code.clone(), answers: Answers::new(), key: key.clone() };
        let begun = Conversation { short_code, answers: Answers::new(), numbers: (number, number), key, since: now };
        let mut open = self.lock();
        if open.len() >= DIALOGUES_MAX {
            open.retain(|_, known| now.saturating_sub(known.since) < DIALOGUE_LIFE);
        }
        if open.len() < DIALOGUES_MAX {
            open.insert(DialogueKey { from: dialled.from.clone(), session }, begun);
        }
        turn
    }

    /// Adds an answer to a dialogue, or returns `None` if the phone has none. A repeated delivery, which is recognized
    /// by its number, gets the same result as the first one.
    pub(super) fn answer(&self, dialled: &Dialled, answer: &str, key: String, now: Duration) -> Option<Turn> {
        let (session, number) = numbers(dialled);
        let mut open = self.lock();
        let known = open.get_mut(&DialogueKey { from: dialled.from.clone(), session })?;
        if now.saturating_sub(known.since) >= DIALOGUE_LIFE || known.answers.len() > ANSWERS_MAX {
            return None;
        }
        // If all messages have the same number, the network does not number them.
        let counts = known.numbers.0 != known.numbers.1;
        let again = counts && number == known.numbers.1 && known.answers.last().is_some_and(|last| **last == answer);
        if !again {
            known.answers.push(Zeroizing::new(answer.to_owned()));
            (known.numbers.1, known.key, known.since) = (number, key, now);
        }
        Some(Turn { short_code: known.short_code.clone(), answers: known.answers.clone(), key: known.key.clone() })
    }

    /// Forgets the dialogues that the network has given up.
    pub(super) fn forget(&self, now: Duration) {
        self.lock().retain(|_, known| now.saturating_sub(known.since) < DIALOGUE_LIFE);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DialogueKey, Conversation>> {
        // Each change is whole within one call, even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of a dialogue and that of the message within it: the two octets of `its_session_info`, the second without
/// its bit for the end of the dialogue.
fn numbers(dialled: &Dialled) -> (Option<u8>, Option<u8>) {
    match dialled.session_info.as_deref() {
        Some([session, number, ..]) => (Some(*session), Some(number >> 1)),
        Some([session]) => (Some(*session), None),
        Some([]) | None => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn dialled(session: u8, number: u8) -> Dialled {
        Dialled {
            from: "38349111222".into(),
            source: crate::domain::Source { value: "049111222".into(), labelled: None },
            service: "123".into(),
            session_info: Some(Bytes::copy_from_slice(&[session, number << 1])),
            ..Dialled::default()
        }
    }

    fn answered(turn: Option<Turn>) -> Option<(String, String)> {
        turn.map(|turn| {
            let answers: Vec<&str> = turn.answers.iter().map(|answer| answer.as_str()).collect();
            (answers.join("*"), turn.key)
        })
    }

    #[test]
    fn answers_add_up_and_one_that_comes_twice_is_one() {
        let talks = Conversations::default();
        let now = Duration::ZERO;
        assert_eq!(talks.begin(&dialled(1, 1), "123".into(), "a".into(), now).answers.len(), 0);
        let turn =
            |session, number, text, key: &str| answered(talks.answer(&dialled(session, number), text, key.into(), now));
        let is = |answers: &str, key: &str| Some((answers.to_owned(), key.to_owned()));
        assert_eq!(turn(1, 3, "2", "b"), is("2", "b"));
        assert_eq!(turn(1, 5, "2", "c"), is("2*2", "c"));
        assert_eq!(turn(1, 5, "2", "d"), is("2*2", "c"), "the network delivers it again");
        assert_eq!(turn(1, 7, "2", "e"), is("2*2*2", "e"));
        assert_eq!(turn(2, 7, "2", "f"), None, "another dialogue");
    }

    #[test]
    fn where_messages_are_not_numbered_every_answer_counts() {
        let talks = Conversations::default();
        let now = Duration::ZERO;
        talks.begin(&dialled(1, 1), "123".into(), "a".into(), now);
        for answers in ["1", "1*1"] {
            let turn = talks.answer(&dialled(1, 1), "1", "b".into(), now);
            assert_eq!(answered(turn).unwrap().0, answers);
        }
    }

    #[test]
    fn what_the_network_has_given_up_is_forgotten() {
        let talks = Conversations::default();
        talks.begin(&dialled(1, 1), "123".into(), "a".into(), Duration::ZERO);
        assert!(answered(talks.answer(&dialled(1, 3), "1", "b".into(), DIALOGUE_LIFE)).is_none());
        talks.forget(DIALOGUE_LIFE);
        assert!(talks.lock().is_empty());
    }
}
