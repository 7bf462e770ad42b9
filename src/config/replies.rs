//! `[replies]`: limits on replies to texts that are not understood; and properties of links for decisions.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use garde::Validate;
use serde::Deserialize;

use super::Link;
use super::link::ReplyAddress;
use crate::domain::{CourtesyRules, LinkRules};

/// `[replies]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Replies {
    /// Most courtesy replies to one phone within `courtesies_minutes`; 0 for none.
    #[garde(range(max = 1_000))]
    pub courtesies_max: u32,
    /// Period of the count, in minutes.
    #[garde(range(min = 1, max = 10_080))]
    pub courtesies_minutes: u32,
    /// Most of them for the same text in a row.
    #[garde(range(min = 1, max = 1_000))]
    pub same_text_max: u32,
}

impl Default for Replies {
    fn default() -> Self {
        Self { courtesies_max: 10, courtesies_minutes: 60, same_text_max: 3 }
    }
}

impl Replies {
    pub(super) fn build(&self) -> CourtesyRules {
        CourtesyRules {
            most: self.courtesies_max,
            within: TimeDelta::minutes(i64::from(self.courtesies_minutes)),
            same_text_max: self.same_text_max,
        }
    }
}

/// The properties of links that decisions use.
pub(super) fn link_rules(links: &BTreeMap<String, Link>) -> LinkRules {
    let mut rules = LinkRules::default();
    for (name, link) in links {
        let (address, is_operators) = match link {
            Link::Smsc(smsc) => (smsc.reply_address, true),
            Link::Esme(esme) => (esme.reply_address, false),
            Link::Http(gateway) => (gateway.reply_address, false),
        };
        if address == ReplyAddress::AsReceived {
            rules.answered_as_received.insert(name.clone());
        }
        if is_operators {
            rules.operators.insert(name.clone());
        }
        if let Link::Esme(esme) = link
            && !esme.banks.is_empty()
        {
            rules.banks.insert(name.clone(), esme.banks.iter().cloned().collect());
        }
    }
    rules
}
