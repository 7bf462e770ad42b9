//! The ways to top up a phone, each with its steps in the demo: at least one top-up and one refusal.
//!
//! Ways do not depend on each other, so that each can be played alone.

mod banks;
mod cards;
mod credit;
mod dealers;
mod machines;

/// All ways, in the order of their numbers.
pub(super) const WAYS: &[Way] = &[
    cards::SCRATCH_CARD,
    dealers::ELECTRONIC,
    dealers::MOBILE,
    credit::TRANSFER,
    banks::EKONOMIKE,
    banks::BPB,
    banks::NLB,
    banks::PROCREDIT,
    banks::RAIFFEISEN,
    banks::TEB,
    machines::BKT_ATM,
    machines::BKT_EBANKING,
    machines::IPKOMAT,
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Number in the operator's list.
    pub(super) number: u8,
    /// The operator's name for it.
    pub(super) name: &'static str,
    /// The channel, as Markdown.
    pub(super) entry: &'static str,
    /// Played in this order; later steps depend on earlier ones.
    pub(super) steps: &'static [Step],
}

impl Way {
    /// The first number that the way tops up.
    pub(super) fn tops_up(&self) -> Option<&'static str> {
        self.steps.iter().find_map(|step| match step.ending {
            Ending::Credited { number, .. } => Some(number),
            _ => None,
        })
    }
}

/// An action and its expected result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// One line about the step.
    pub(super) about: &'static str,
    pub(super) act: Act,
    pub(super) ending: Ending,
}

/// An action of a phone or a machine.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// A phone sends a text to a short code.
    Text {
        /// International number of the phone.
        from: &'static str,
        to: &'static str,
        text: &'static str,
    },
    /// A phone dials. `CARD` stands for the code of a new card, `USED` for that of the last card.
    Dial {
        /// International number of the phone.
        from: &'static str,
        text: &'static str,
    },
    /// A client of the API orders a top-up, with an idempotency key of its own.
    Order {
        /// Name of the client, which is also its secret in the demo.
        client: &'static str,
        /// The number that is topped up.
        number: &'static str,
        /// In minor units.
        minor: i64,
    },
    /// A switch of cash machines requests a top-up over ISO 8583.
    Switch {
        /// The number that is topped up.
        number: &'static str,
        /// In minor units.
        minor: u64,
    },
}

/// The expected result of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// This number then has this balance in minor units, and this many days of validity.
    Credited { number: &'static str, balance_minor: i64, days: i64 },
    /// This account then has this balance in minor units, and this many days of validity.
    Paid { account: &'static str, balance_minor: i64, days: i64 },
    /// Nothing is moved, and the refusal has this text.
    Told(&'static str),
    /// Nothing is moved, because the request is a duplicate; the reply has this text.
    Again(&'static str),
    /// A request that moves no credit is carried out, and the reply has this text.
    Done(&'static str),
}

/// A text and its expected result.
const fn text(about: &'static str, from: &'static str, to: &'static str, text: &'static str, ending: Ending) -> Step {
    Step { about, act: Act::Text { from, to, text }, ending }
}

/// A number's credit and its days of validity.
const fn credited(number: &'static str, balance_minor: i64, days: i64) -> Ending {
    Ending::Credited { number, balance_minor, days }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_a_top_up_and_a_refusal() {
        for (way, number) in WAYS.iter().zip(1..) {
            assert_eq!(way.number, number, "the ways stand in their order: {}", way.name);
            let has = |is: fn(&Ending) -> bool| way.steps.iter().any(|step| is(&step.ending));
            assert!(has(|ending| matches!(ending, Ending::Credited { .. })), "{}", way.name);
            assert!(has(|ending| matches!(ending, Ending::Told(_))), "{}", way.name);
        }
    }
}
