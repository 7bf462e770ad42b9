//! A place in JSON: a pointer of RFC 6901 in which `*` stands for each element of a list.

use std::fmt;

use serde_json::Value;

/// A parsed pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    /// Parses a pointer.
    ///
    /// # Errors
    /// It does not begin with `/`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix('/') {
            Some(rest) => Ok(Self(rest.split('/').map(unescaped).collect())),
            None => Err(format!("`{text}` is no place in JSON: write a pointer, as in /messages/0/status")),
        }
    }

    /// The pointer of a field's name, which may be the name of a member alone.
    pub(super) fn of_field(name: &str) -> Self {
        Self::parse(name).unwrap_or_else(|_| Self(vec![name.to_owned()]))
    }

    /// All values there.
    pub(super) fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let step = |found: Vec<&'v Value>, name: &String| {
            let next = |value: &'v Value| -> Vec<&'v Value> {
                match value {
                    Value::Array(elements) if name == "*" => elements.iter().collect(),
                    Value::Array(elements) => {
                        name.parse().ok().and_then(|at: usize| elements.get(at)).into_iter().collect()
                    }
                    Value::Object(members) => members.get(name).into_iter().collect(),
                    _ => Vec::new(),
                }
            };
            found.into_iter().flat_map(next).collect()
        };
        self.0.iter().fold(vec![value], step)
    }

    /// The first value there.
    pub(super) fn first<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.all(value).first().copied()
    }
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "/{}", part.replace('~', "~0").replace('/', "~1")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_each_element() {
        let value = serde_json::json!({ "messages": [{ "id": "a" }, { "id": "b" }], "a/b": 1 });
        let all =
            |text: &str| Pointer::parse(text).unwrap().all(&value).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(all("/messages/*/id"), ["\"a\"", "\"b\""]);
        assert_eq!(all("/messages/1/id"), ["\"b\""]);
        assert_eq!(all("/a~1b"), ["1"]);
        assert!(all("/messages/2/id").is_empty() && all("/messages/id").is_empty());
        assert!(Pointer::parse("messages").is_err());
        assert_eq!(Pointer::parse("/a~1b/0").unwrap().to_string(), "/a~1b/0");
    }
}
