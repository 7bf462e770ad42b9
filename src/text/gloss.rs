//! Replies in English, for people who try the program and read none of its languages. A reply is matched with the
//! templates that may have produced it. Its values are put into the English template of the same key.

use super::replies::{Reply, VALUES};
use super::templates::{Templates, Values};
use super::transliterate::transliterate;

/// A template as words and the values between them.
#[derive(Debug)]
struct Shape {
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
    /// Uses the built-in templates.
    pub fn new(templates: Templates) -> Self {
        let explained = templates.replies.iter().flat_map(|reply| reply.texts.iter().map(move |text| (reply, text)));
        let explained = explained.filter(|(_, text)| text.language != "en");
        let mut shapes: Vec<Shape> = explained.filter_map(|(reply, text)| Shape::of(reply, &text.template)).collect();
        // Templates with the most words come first, because one with few words matches the texts of others.
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.words.iter().map(String::len).sum::<usize>()));
        Self { templates, shapes }
    }

    /// Returns the reply in English; `None` if it matches no template, or is English already.
    pub fn english(&self, reply: &str) -> Option<String> {
        let read = |shape: &Shape| Some((shape.key.clone(), shape.read(reply)?));
        let (key, values) = self.shapes.iter().find_map(read)?;
        self.templates.render("en", &key, &values).ok()
    }
}

impl Shape {
    fn of(reply: &Reply, text: &str) -> Option<Self> {
        let mut parts = text.split("{{");
        let mut words = vec![transliterate(parts.next()?).text];
        let mut values = Vec::new();
        for part in parts {
            let (name, behind) = part.split_once("}}")?;
            values.push(VALUES.iter().find(|(known, ..)| *known == name.trim())?.0);
            words.push(transliterate(behind).text);
        }
        Some(Self { key: reply.key.clone(), words, values })
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
            values.insert(name, value.to_owned());
        }
        rest.is_empty().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few replies are spelled alike in two languages, and so are a few reasons for the same advice; their meanings
    /// are the same.
    #[test]
    fn every_reply_in_every_language_is_told_in_english() {
        let templates = Templates::builtin().unwrap();
        let gloss = Gloss::new(templates.clone());
        let values: Values = VALUES.iter().zip(10..).map(|(value, number)| (value.0, format!("{number}.00"))).collect();
        for key in templates.replies.iter().map(|reply| reply.key.as_str()) {
            let english = templates.render("en", key, &values).unwrap();
            for language in ["sq", "sr"] {
                let reply = templates.render(language, key, &values).unwrap();
                assert_eq!(gloss.english(&reply), Some(english.clone()), "{language} {key}: {reply}");
            }
        }
        assert_eq!(gloss.english("Fjalë të tjera"), None);
    }
}
