//! Words that are nearly a keyword: a letter wrong, a space too few or too many, a longer word for a short keyword.

use std::ops::Range;

use super::fields::Values;
use super::hint::Hints;
use super::path::{Path, Step};
use super::sense::{Item, Kind};
use super::set::Match;
use crate::domain::{Reason, Rejection};
use crate::text::near::is_slip;
use crate::text::normalise::normalise;

/// Words among which a misspelt keyword is looked for.
const NEAR_WORDS_MAX: usize = 3;

/// Shortest word that may stand for a longer one that begins with it (`internet` for `int`, or the other way round).
const BEGINNING_MIN: usize = 3;

impl<'d> Hints<'_, 'd, '_> {
    /// A word that is nearly a keyword, where the text would be read with it or nothing else is in its way; `true` if
    /// nothing else is wrong.
    pub(super) fn near(&self) -> Option<(Rejection, bool)> {
        let words = self.items.iter().filter(|item| matches!(item.kind, Kind::Word | Kind::Keyword(_)));
        let words: Vec<&Item> = words.take(NEAR_WORDS_MAX).collect();
        let mut weak = None;
        for (index, item) in words.iter().enumerate() {
            let joined = words.get(index + 1).map(|next| item.range.start..next.range.end);
            for (path, keyword, is_request) in self.keywords() {
                let Some(range) = self.slip(item, joined.clone(), &keyword) else { continue };
                let changed = self.read_with(&range, &keyword).filter(|(_, is_right)| is_request || *is_right);
                if let Some((form, is_right)) = changed {
                    return Some((self.near_rejection(&keyword, range, Some(form)), is_right));
                }
                let lone = index == 0 && item.kind == Kind::Word && self.items.len() <= 2 && keyword.len() > 2;
                if weak.is_none() && lone && is_request {
                    weak = Some((self.near_rejection(&keyword, range, self.shown(path, &Values::default())), false));
                }
            }
        }
        weak
    }

    fn near_rejection(&self, keyword: &str, range: Range<usize>, form: Option<String>) -> Rejection {
        let value = self.diagnosis.quoted(range);
        self.diagnosis.rejection(Reason::KeywordNear).with(|details| {
            details.value = Some(value);
            details.keyword = Some(keyword.to_owned());
            details.form = form.or(details.form.take());
        })
    }

    /// The keywords of forms that move money, or that have a value, each with the first path that has it and whether it
    /// moves money.
    fn keywords(&self) -> Vec<(&'d Path, String, bool)> {
        let diagnosis = self.diagnosis;
        let bank = diagnosis.addressed.bank;
        let mut keywords: Vec<(&Path, String, bool)> = Vec::new();
        for path in &bank.paths {
            let Some(form) = bank.forms.get(path.form) else { continue };
            let is_request = form.action.is_request();
            let is_usable = form.applies(diagnosis.addressed, diagnosis.message)
                && (is_request || path.steps.iter().any(Step::is_value));
            if let Some(keyword) = path.keyword().filter(|_| is_usable)
                && !keywords.iter().any(|(_, known, _)| *known == keyword)
            {
                keywords.push((path, keyword, is_request));
            }
        }
        keywords
    }

    /// The bytes that are `keyword` with a slip.
    fn slip(&self, item: &Item, joined: Option<Range<usize>>, keyword: &str) -> Option<Range<usize>> {
        let folded = self.diagnosis.text.folded();
        let keyword = normalise(keyword).ok()?.folded().to_owned();
        let word = folded.get(item.range.clone())?;
        if let Some(range) = joined {
            let together: String = folded.get(range.clone())?.split_whitespace().collect();
            let slipped = item.kind == Kind::Word && keyword.len() > BEGINNING_MIN && is_slip(&together, &keyword);
            if together == keyword || slipped {
                return Some(range);
            }
        }
        if item.kind != Kind::Word {
            return None;
        }
        let longer = keyword.len() >= BEGINNING_MIN
            && word.starts_with(keyword.as_str())
            && word.chars().all(char::is_alphabetic);
        if is_slip(word, &keyword) || longer || self.is_beginning(word, &keyword) {
            return Some(item.range.clone());
        }
        let glued =
            word.strip_prefix(keyword.as_str()).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        glued.then(|| item.range.start..item.range.start + keyword.len())
    }

    /// Tells whether this keyword begins with `word`, and no other does.
    fn is_beginning(&self, word: &str, keyword: &str) -> bool {
        let begins = |(_, known, _): &(&Path, String, bool)| known.to_lowercase().starts_with(word);
        word.len() >= BEGINNING_MIN
            && keyword.starts_with(word)
            && self.keywords().iter().filter(|k| begins(k)).count() == 1
    }

    /// The text with the keyword in place of what stands at `range`, where it is then read; `true` if it would be
    /// carried out.
    fn read_with(&self, range: &Range<usize>, keyword: &str) -> Option<(String, bool)> {
        let text = self.diagnosis.text;
        let end = text.folded().len();
        let (before, behind) = (text.as_typed(0..range.start), text.as_typed(range.end..end));
        let gap = if behind.is_empty() || behind.starts_with(char::is_whitespace) { "" } else { " " };
        let changed = format!("{before}{keyword}{gap}{behind}");
        if let Some(mended) = self.mended(&changed) {
            return Some((mended.shown, true));
        }
        let read = normalise(&changed).ok()?;
        match self.diagnosis.set.find(self.diagnosis.addressed, self.diagnosis.message, &read) {
            Match::One(_, captures) => Some((captures.without_secrets(&read), false)),
            Match::Two | Match::None => None,
        }
    }
}
