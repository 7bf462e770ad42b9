//! Routes: links of replies that differ from the link of the message; and properties of links that decisions use.

use std::collections::{BTreeMap, BTreeSet};

/// Replies from this short code to numbers with this prefix are sent by this link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Short code that the message was sent to; `None` for any.
    pub short_code: Option<String>,
    /// Prefix of the phone's number in international digits without `+`; `None` for any.
    pub prefix: Option<String>,
    pub link: String,
}

impl Route {
    fn fits(&self, short_code: &str, phone: &str) -> bool {
        self.short_code.as_ref().is_none_or(|known| known == short_code)
            && self.prefix.as_ref().is_none_or(|prefix| phone.starts_with(prefix.as_str()))
    }
}

/// All routes, in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// The first route that matches counts.
    pub const fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// The link for a reply from this short code to this phone; `None` if no route matches.
    pub fn link(&self, short_code: &str, phone: &str) -> Option<&str> {
        self.0.iter().find(|route| route.fits(short_code, phone)).map(|route| route.link.as_str())
    }
}

/// Properties of links, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// Links that send replies to the source address as received, not to the number in international form.
    pub answered_as_received: BTreeSet<String>,
    /// Links to an operator's SMSC: their messages are from customers, and a name as source address proves nothing.
    pub operators: BTreeSet<String>,
    /// Links of banks that bind to the server. A bank pays for messages in its own name. Each with the identifiers of
    /// its banks.
    pub banks: BTreeMap<String, BTreeSet<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_route_that_fits_counts() {
        let route = |short_code: Option<&str>, prefix: Option<&str>, link: &str| Route {
            short_code: short_code.map(str::to_owned),
            prefix: prefix.map(str::to_owned),
            link: link.to_owned(),
        };
        let routes = Routes::new(vec![
            route(Some("50909"), Some("38344"), "both"),
            route(None, Some("38344"), "vala"),
            route(Some("50909"), None, "teb"),
        ]);
        for (short_code, phone, link) in [
            ("50909", "38344123456", Some("both")),
            ("50005", "38344123456", Some("vala")),
            ("50909", "38349123456", Some("teb")),
            ("50005", "38349123456", None),
            ("509", "3834", None),
        ] {
            assert_eq!(routes.link(short_code, phone), link, "{short_code} {phone}");
        }
    }
}
