//! The commands of a phone at the demo's prompt.

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed<'l> {
    Nothing,
    Help,
    Quit,
    /// Lists the short codes.
    Codes,
    /// Changes to another phone.
    From(&'l str),
    /// Shows an account; without a number, the phone's own.
    Account(Option<&'l str>),
    /// Dials.
    Dial(&'l str),
    /// A short code alone: later texts go to it.
    Choose(&'l str),
    /// A text to a short code, or to the last one if none is named.
    Text(Option<&'l str>, &'l str),
}

impl<'l> Typed<'l> {
    /// Parses a line. A number is a short code only if a bank has it: `049123456 5` is a text.
    pub(super) fn read(line: &'l str, is_code: impl Fn(&str) -> bool) -> Self {
        let line = line.trim();
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match (first.to_ascii_lowercase().as_str(), rest) {
            ("", _) => Self::Nothing,
            ("help" | "?", "") => Self::Help,
            ("quit" | "exit" | "q" | "bye", "") => Self::Quit,
            ("codes", "") => Self::Codes,
            ("from", number) => Self::From(number),
            ("account", "") => Self::Account(None),
            ("account", number) => Self::Account(Some(number)),
            _ if first.starts_with(['*', '#']) => Self::Dial(line),
            (code, "") if is_code(code) => Self::Choose(first),
            (code, _) if is_code(code) => Self::Text(Some(first), rest),
            _ => Self::Text(None, line),
        }
    }

    /// Returns whether it is a command of the demo and not an answer to a menu.
    pub(super) const fn is_command(&self) -> bool {
        matches!(self, Self::Help | Self::Quit | Self::Codes | Self::From(_) | Self::Account(_) | Self::Dial(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_its_writer_meant_it() {
        let is_code = |text: &str| ["50005", "124"].contains(&text);
        for (line, typed) in [
            ("  ", Typed::Nothing),
            ("exit", Typed::Quit),
            ("QUIT", Typed::Quit),
            ("?", Typed::Help),
            ("from 049333444", Typed::From("049333444")),
            ("from", Typed::From("")),
            ("account", Typed::Account(None)),
            ("account +383 49 123 456", Typed::Account(Some("+383 49 123 456"))),
            ("*123#", Typed::Dial("*123#")),
            ("50005", Typed::Choose("50005")),
            ("50005   049123456 5", Typed::Text(Some("50005"), "049123456 5")),
            ("049123456 5", Typed::Text(None, "049123456 5")),
            ("5", Typed::Text(None, "5")),
            ("help me", Typed::Text(None, "help me")),
            ("quit smoking", Typed::Text(None, "quit smoking")),
        ] {
            assert_eq!(Typed::read(line, is_code), typed, "{line}");
        }
    }
}
