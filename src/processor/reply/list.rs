//! The replies to lists: all top-ups in one text, or the top-up because of which nothing was done.

use super::wording::{Text, Wording};
use crate::domain::{Applied, Beneficiary, Language, Reason, Receipt, Rejection, format_minor};
use crate::text::templates::{Values, items};

impl Wording {
    /// Every top-up of a list, their sum, and the receipt of the first.
    pub(super) fn applied_list(&self, applied: &Applied) -> Text {
        let first = (&applied.beneficiary, applied.amount);
        let all = || std::iter::once(first).chain(applied.others.iter().map(|item| (&item.beneficiary, item.amount)));
        let total_minor = all().map(|(_, amount)| amount.minor()).sum();
        let values = Values::from([
            ("items", items(all().map(|(whom, amount)| (self.called(whom), amount.to_string())))),
            ("count", all().count().to_string()),
            ("total", format_minor(total_minor)),
            ("receipt", Receipt::of(applied.transfer).to_string()),
        ]);
        Text::of("applied_list", values)
    }

    /// The text of a refusal. If it is that of a list, the top-up that it is about is named before it, unless the text
    /// names it itself.
    pub(super) fn of_item(&self, rejection: &Rejection, words: String, language: Language) -> Option<String> {
        let item = rejection.details.item.as_ref().filter(|_| rejection.reason != Reason::ListNamesTwice);
        let Some(item) = item else { return Some(words) };
        let named = self.words(language, "list_refused", &Values::from([("name", self.called(item))]))?;
        Some(format!("{named} {words}"))
    }

    /// The number, the user name, or the identifier of the account.
    pub(super) fn called(&self, beneficiary: &Beneficiary) -> String {
        match beneficiary {
            Beneficiary::Account(account) => account.identifier().to_owned(),
            Beneficiary::Number(_) | Beneficiary::Username(_) => self.name(beneficiary),
        }
    }
}
