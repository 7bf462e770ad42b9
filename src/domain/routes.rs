//! Which link replies go out by, where that is not the one that their message came by; and what links are, as far as a
//! decision looks at it.

use std::collections::BTreeSet;

/// One rule: replies from this short code, to numbers that begin so, go out by this link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The short code that the message was sent to; any where there is none.
    pub short_code: Option<String>,
    /// How the phone's number begins, in international digits without `+`; however where there is none.
    pub prefix: Option<String>,
    /// Name of the link.
    pub link: String,
}

impl Route {
    fn fits(&self, short_code: &str, phone: &str) -> bool {
        self.short_code.as_ref().is_none_or(|known| known == short_code)
            && self.prefix.as_ref().is_none_or(|prefix| phone.starts_with(prefix.as_str()))
    }
}

/// All of them, in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// The first that fits counts.
    pub const fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// The link for a reply from this short code to this phone; none where no route fits.
    pub fn link(&self, short_code: &str, phone: &str) -> Option<&str> {
        self.0.iter().find(|route| route.fits(short_code, phone)).map(|route| route.link.as_str())
    }
}

/// What links are, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// Replies go to the very address that the message came from, not to its number in international form.
    pub answered_as_received: BTreeSet<String>,
    /// To an operator's SMSC: customers write here, and a name proves nothing.
    pub operators: BTreeSet<String>,
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
