//! Replies in English, for people who try the program and read none of its languages. A reply is matched with the
//! templates that may have produced it. Its values are put into the English template of the same key.

use super::rendering::{AMOUNTS, items};
use super::replies::{CURRENCY, Handling, VALUES, handling};
use super::signs::Signs;
use super::templates::{Templates, Values};
use super::text_file::{Settings, TextFile};
use crate::domain::Language;
use crate::domain::locale::Currency;

/// The reply that stands before the refusal of a list.
const LIST_REFUSED: &str = "list_refused";

/// A template as words and the values between them.
#[derive(Debug, Clone)]
struct Shape {
    is_english: bool,
    /// Signs of the amounts among the values.
    signs: Signs,
    key: String,
    /// The words before and after each value; one more than values.
    words: Vec<String>,
    values: Vec<&'static str>,
}

/// The templates of the languages that are translated.
#[derive(Debug)]
pub struct Gloss {
    templates: Templates,
    shapes: Vec<Shape>,
}

impl Gloss {
    /// Without texts in English, no reply is translated.
    pub fn new(templates: Templates) -> Self {
        let has_english = has_english(&templates);
        let is_english = |file: &&TextFile| file.settings.language == Language::EN;
        let others = templates.files.iter().filter(|file| has_english && !is_english(file));
        let all = others.chain(templates.files.iter().filter(is_english));
        let mut shapes: Vec<Shape> = all.flat_map(shapes).collect();
        // Templates with the most words come first, because one with few words matches the texts of others.
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.words.iter().map(String::len).sum::<usize>()));
        Self { templates, shapes }
    }

    /// Tells whether there are texts in English.
    pub fn has_english(&self) -> bool {
        has_english(&self.templates)
    }

    /// Returns the reply in English; `None` if it matches no template, or is English already.
    pub fn english(&self, reply: &str) -> Option<String> {
        self.of_list(reply).or_else(|| self.whole(reply))
    }

    /// The refusal of a list: the reply that names the item, and another that says what is wrong.
    fn of_list(&self, reply: &str) -> Option<String> {
        let (named, _) = reply.split_once(": ")?;
        let (named, refusal) = reply.split_at_checked(named.len() + 1)?;
        let is_named = |shape: &&Shape| shape.key == LIST_REFUSED && shape.read(named).is_some();
        self.shapes.iter().find(is_named)?;
        Some(format!("{} {}", self.whole(named)?, self.whole(refusal.trim_start())?))
    }

    fn whole(&self, reply: &str) -> Option<String> {
        let (shape, values) = self.shapes.iter().find_map(|shape| Some((shape, shape.read(reply)?)))?;
        if shape.is_english {
            return None;
        }
        self.templates.render(Language::EN, &shape.key, &values).ok()
    }
}

/// The replies that confirm a top-up: `applied_own` and those like it.
const CONFIRMING: [&str; 3] = ["applied_own", "applied_other", "applied_bonus"];

/// The confirmations of a top-up in all languages of a country.
#[derive(Debug, Clone)]
pub struct Confirmations(Vec<Shape>);

impl Confirmations {
    pub fn new(templates: &Templates) -> Self {
        let all = templates.files.iter().flat_map(shapes);
        Self(all.filter(|shape| CONFIRMING.contains(&shape.key.as_str())).collect())
    }

    /// Tells whether the text confirms a top-up of this amount, a plain decimal.
    pub fn confirm(&self, text: &str, amount: &str) -> bool {
        let is = |values: Values| values.get("amount").is_some_and(|shown| shown == amount);
        self.0.iter().any(|shape| shape.read(text).is_some_and(is))
    }
}

fn has_english(templates: &Templates) -> bool {
    templates.languages().any(|language| language == Language::EN)
}

fn shapes(file: &TextFile) -> impl Iterator<Item = Shape> {
    file.texts.iter().filter_map(move |(key, text)| Shape::of(&file.settings, key, &text.template))
}

impl Shape {
    fn of(settings: &Settings, key: &str, text: &str) -> Option<Self> {
        let sent = |words: &str| settings.as_replied(words);
        let mut parts = text.split("{{");
        let mut words = vec![sent(parts.next()?)];
        let mut values = Vec::new();
        for part in parts {
            let (name, behind) = part.split_once("}}")?;
            if name.trim() == CURRENCY {
                words.last_mut()?.push_str(&(sent(&settings.currency) + &sent(behind)));
                continue;
            }
            values.push(VALUES.iter().find(|(known, ..)| *known == name.trim())?.0);
            words.push(sent(behind));
        }
        let is_english = settings.language == Language::EN;
        Some(Self { is_english, signs: settings.signs.clone(), key: key.to_owned(), words, values })
    }

    /// The value as it was given to the template.
    fn plain(&self, name: &str, value: &str) -> String {
        match handling(name) {
            Some((Handling::Amount, _)) => self.signs.plain(value),
            Some((Handling::Amounts, _)) if Currency::ledger().decimals() == 0 => {
                value.split(AMOUNTS).map(|amount| self.signs.plain(amount)).collect::<Vec<_>>().join(AMOUNTS)
            }
            Some((Handling::Items, _)) => items(value.split(AMOUNTS).map(|item| {
                let (name, amount) = item.split_once(' ').unwrap_or((item, ""));
                (name.to_owned(), self.signs.plain(amount))
            })),
            _ => value.to_owned(),
        }
    }

    /// Returns the values if the text matches this template.
    fn read(&self, text: &str) -> Option<Values> {
        let (first, others) = self.words.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut values = Values::new();
        for (place, (name, words)) in self.values.iter().zip(others).enumerate() {
            let is_last = place + 1 == self.values.len();
            let end = if is_last { rest.len().checked_sub(words.len())? } else { rest.find(words.as_str())? };
            let value = rest.get(..end)?;
            rest = rest.get(end..)?.strip_prefix(words.as_str())?;
            values.insert(name, self.plain(name, value));
        }
        rest.is_empty().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_known_in_every_language_by_its_amount() {
        let templates = Templates::builtin().unwrap();
        let confirmations = Confirmations::new(&templates);
        let values: Values = VALUES.iter().zip(10..).map(|(value, number)| (value.0, format!("{number}.00"))).collect();
        let (amount, other) = (values["amount"].clone(), values["balance"].clone());
        for language in ["sq", "sr", "en"] {
            let told = |key| templates.render(language.parse().unwrap(), key, &values).unwrap();
            for key in CONFIRMING {
                assert!(confirmations.confirm(&told(key), &amount), "{language} {key}");
                assert!(!confirmations.confirm(&told(key), &other), "{language} {key}");
            }
            assert!(!confirmations.confirm(&told("duplicate"), &amount), "{language}");
        }
    }

    #[test]
    fn amounts_of_a_confirmation_have_the_signs_of_its_language() {
        let vietnamese = include_str!("../../countries/vn/texts/vi.toml").to_owned();
        let files = vec![("vi.toml".to_owned(), vietnamese)];
        let templates = Templates::load(files, &[], &Values::new()).unwrap();
        let values: Values = VALUES.iter().map(|value| (value.0, "20000".to_owned())).collect();
        let told = templates.render("vi".parse().unwrap(), "applied_own", &values).unwrap();
        assert!(told.contains("20.000"), "{told}");
        assert!(Confirmations::new(&templates).confirm(&told, "20000"));
    }

    /// A few replies are spelled alike in two languages, and so are a few reasons for the same advice; their meanings
    /// are the same.
    #[test]
    fn every_reply_in_every_language_is_told_in_english() {
        let templates = Templates::builtin().unwrap();
        let gloss = Gloss::new(templates.clone());
        let values: Values = VALUES.iter().zip(10..).map(|(value, number)| (value.0, format!("{number}.00"))).collect();
        for key in templates.files[0].texts.keys() {
            let english = templates.render(Language::EN, key, &values).unwrap();
            for language in ["sq", "sr"] {
                let reply = templates.render(language.parse().unwrap(), key, &values).unwrap();
                assert_eq!(gloss.english(&reply), Some(english.clone()), "{language} {key}: {reply}");
            }
        }
        assert_eq!(gloss.english("Fjalë të tjera"), None);
    }

    #[test]
    fn replies_to_lists_are_told_in_english() {
        let templates = Templates::builtin().unwrap();
        let gloss = Gloss::new(templates.clone());
        let sq: Language = "sq".parse().unwrap();
        let two =
            [("049123456", "5.00"), ("arben", "10.00")].map(|(name, amount)| (name.to_owned(), amount.to_owned()));
        let values = [("items", items(two.into_iter())), ("count", "2".to_owned()), ("total", "15.00".to_owned())];
        let done = values.into_iter().chain([("receipt", "ABCDEFGHJK".to_owned())]).collect();
        let reply = templates.render(sq, "applied_list", &done).unwrap();
        assert_eq!(reply, "U krye: 049123456 5.00, arben 10.00 EUR. 2 mbushje, gjithsej 15.00 EUR. Nr. ABCDEFGHJK.");
        let told = "Done: 049123456 5.00, arben 10.00 EUR. 2 top-ups, 15.00 EUR in all. Ref. ABCDEFGHJK.";
        assert_eq!(gloss.english(&reply).as_deref(), Some(told));

        let value = |name: &'static str| Values::from([(name, "049123456".to_owned())]);
        let named = templates.render(sq, LIST_REFUSED, &value("name")).unwrap();
        let why = templates.render(sq, "subscriber_suspended", &value("number")).unwrap();
        let (named_too, why_too) = (gloss.whole(&named).unwrap(), gloss.whole(&why).unwrap());
        assert_eq!(gloss.english(&format!("{named} {why}")), Some(format!("{named_too} {why_too}")));
    }
}
