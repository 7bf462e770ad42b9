//! The languages that grammars name. Any code is read; whether there are texts in it is checked where grammars and texts
//! come together.

use super::action::Action;
use super::form::{Bank, Form};
use super::set::GrammarSet;
use crate::domain::Language;
use crate::text::own_reply::OwnReply;
use crate::text::templates::Templates;

impl GrammarSet {
    /// Reports languages that the grammars name and that there are no texts in, and replies of forms that lack one of the
    /// languages with texts. `known` are these languages.
    pub fn unspoken(&self, known: &[Language]) -> Vec<String> {
        let mut problems = Vec::new();
        for bank in &self.banks {
            let id = &bank.id;
            let of_bank = bank.languages.iter().map(|language| (format!("bank `{id}`, `languages`"), *language));
            let of_forms = bank.forms.iter().flat_map(|form| {
                let named = of_form(form);
                named
                    .into_iter()
                    .map(move |(key, language)| (format!("bank `{id}`, form `{}`, {key}", form.name), language))
            });
            for (place, language) in of_bank.chain(of_forms).filter(|(_, language)| !known.contains(language)) {
                problems.push(format!(
                    "{place}: there are no texts in `{language}`: name one of {}, or add a file of texts",
                    list(known)
                ));
            }
            problems.extend(bank.forms.iter().filter_map(|form| unanswered(bank, form, known)));
        }
        problems
    }

    /// Reports replies of forms that do not fit in the alphabet of their language.
    pub fn too_long(&self, templates: &Templates) -> Vec<String> {
        let replies = self.banks.iter().flat_map(|bank| {
            let forms = bank.forms.iter();
            forms.flat_map(move |form| form.replies.iter().map(move |reply| (&bank.id, &form.name, reply)))
        });
        let problem = |(id, name, reply): (&String, &String, &(Language, OwnReply))| {
            let problem = templates.own_fits(reply).err()?;
            Some(format!("bank `{id}`, form `{name}`, `reply.{}`: {problem}: shorten it", reply.0))
        };
        replies.filter_map(problem).collect()
    }
}

/// The languages that a form names, each with its key.
fn of_form(form: &Form) -> Vec<(String, Language)> {
    let set = match form.action {
        Action::Language(language) => Some(language),
        _ => None,
    };
    let own = form.language.or(set).map(|language| ("`language`".to_owned(), language));
    own.into_iter().chain(form.replies.iter().map(|(language, _)| (format!("`reply.{language}`"), *language))).collect()
}

/// The reply of a form of a bank without a list of languages lacks some.
fn unanswered(bank: &Bank, form: &Form, known: &[Language]) -> Option<String> {
    let replies = &form.replies;
    let is_missing = |language: &&Language| replies.iter().all(|(other, _)| other != *language);
    let missing: Vec<Language> = known.iter().filter(is_missing).copied().collect();
    let wanted = bank.languages.is_empty() && !replies.is_empty() && !missing.is_empty();
    wanted.then(|| {
        let (id, name) = (&bank.id, &form.name);
        format!(
            "bank `{id}`, form `{name}`, `reply`: it has no text in {}: write one, or name the bank's `languages`",
            list(&missing)
        )
    })
}

fn list(languages: &[Language]) -> String {
    languages.iter().map(Language::code).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::NumberingPlan;

    fn problems(head: &str, forms: &str, known: &[&str]) -> Vec<String> {
        let file = format!(
            "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n{head}\n\
             [amount]\nmax = 500\n[[form]]\nname = \"top-up\"\ntext = \"{{amount}}\"\n{forms}"
        );
        let set = GrammarSet::load([("seventh.toml", file)], Arc::new(NumberingPlan::kosovo().unwrap())).unwrap();
        set.unspoken(&known.iter().map(|code| code.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn a_language_without_texts_is_named_with_its_place() {
        let forms = "[[form]]\nname = \"bangla\"\ntext = \"bangla\"\naction = \"language\"\nlanguage = \"bn\"\n\
                     [[form]]\nname = \"top-up in Serbian\"\ntext = \"dopuna {amount}\"\nlanguage = \"sr-Cyrl\"\n";
        let found = problems("languages = [\"en\", \"vi\"]", forms, &["en", "sr"]);
        assert_eq!(
            found,
            [
                "bank `seventh`, `languages`: there are no texts in `vi`: name one of en, sr, or add a file of texts",
                "bank `seventh`, form `bangla`, `language`: there are no texts in `bn`: name one of en, sr, or add a file of texts",
                "bank `seventh`, form `top-up in Serbian`, `language`: there are no texts in `sr-Cyrl`: name one of en, sr, \
                 or add a file of texts",
            ]
        );
        assert_eq!(problems("languages = [\"en\", \"vi\"]", forms, &["en", "vi", "bn", "sr-Cyrl"]), [""; 0]);
    }

    #[test]
    fn a_reply_of_a_form_is_in_the_languages_of_the_bank_or_in_all() {
        let form = "[[form]]\nname = \"loan\"\ntext = \"loan\"\naction = \"forward\"\nforward = \"loan\"\n\
                    reply = { en = \"ok\", bn = \"ঋণ\" }\n";
        let known = ["en", "bn", "vi"];
        let found = problems("", form, &known);
        let missing =
            "bank `seventh`, form `loan`, `reply`: it has no text in vi: write one, or name the bank's `languages`";
        assert_eq!(found, [missing]);
        assert_eq!(problems("languages = [\"bn\", \"en\"]", form, &known), [""; 0]);
        let found = problems("", form, &["en"]);
        assert!(
            found[0].starts_with("bank `seventh`, form `loan`, `reply.bn`: there are no texts in `bn`"),
            "{found:?}"
        );
    }
}
