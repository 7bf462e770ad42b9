//! A text with `{names}` of values. `{{` and `}}` stand for braces.

use crate::text::near::nearest;

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The name of a value.
    Value(String),
}

impl Template {
    /// Parses a text in which only `known` names may occur.
    ///
    /// # Errors
    /// A brace is left open, or a name is unknown.
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, String> {
        let (mut pieces, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(behind) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                literal.push_str(&from[..1]);
                rest = behind;
                continue;
            }
            let value = from.strip_prefix('{').and_then(|from| from.split_once('}'));
            let (name, behind) = value.ok_or_else(|| {
                format!("a brace of `{text}` has no partner: write a value as {{name}}, and a brace itself twice")
            })?;
            if !known.contains(&name) {
                return Err(unknown(name, known));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Value(name.to_owned()));
            rest = behind;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self(pieces))
    }

    /// Fills the values in. Returns `None` if one of them is missing.
    pub(super) fn octets(&self, value: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut filled = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.extend_from_slice(text.as_bytes()),
                Piece::Value(name) => filled.extend(value(name)?),
            }
        }
        Some(filled)
    }

    /// The same as a text.
    pub(super) fn text(&self, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let filled = self.octets(&|name| value(name).map(String::into_bytes))?;
        String::from_utf8(filled).ok()
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Value(name) => Some(name.as_str()),
        })
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let list = || known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    let hint = nearest(name, known.iter().copied())
        .map_or_else(|| format!("there are {}", list()), |near| format!("did you mean {{{near}}}?"));
    format!("there is no value {{{name}}}: {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Option<String> {
        let value = |name: &str| (name == "id").then(|| "7".to_owned());
        Template::parse(text, &["id", "none"]).unwrap().text(&value)
    }

    #[test]
    fn values_are_filled_in_and_a_missing_one_leaves_all_out() {
        assert_eq!(filled("a{id}b{id}"), Some("a7b7".to_owned()));
        assert_eq!(filled("{{id}} {id}"), Some("{id} 7".to_owned()));
        assert_eq!(filled(""), Some(String::new()));
        assert_eq!(filled("x{none}"), None);
    }

    #[test]
    fn a_mistake_is_said() {
        let problem = |text: &str| Template::parse(text, &["id", "text"]).unwrap_err();
        assert!(problem("{txt}").contains("did you mean {text}?"));
        assert!(problem("{zebra}").contains("there are {id}, {text}"));
        for open in ["{id", "id}", "a}b{id}"] {
            assert!(problem(open).contains("has no partner"), "{open}");
        }
    }
}
