//! The ways to top up a phone, each with what the demo plays of it: at least one top-up, and one refusal.
//!
//! No way looks at what another has done, so that each can be played alone.

mod banks;
mod cards;
mod credit;
mod dealers;
mod machines;

/// All of them, by number.
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

/// One way to top up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Its place in the operator's list.
    pub(super) number: u8,
    /// The operator's name for it.
    pub(super) name: &'static str,
    /// The channel, as Markdown.
    pub(super) door: &'static str,
    /// In this order; later steps build on earlier ones.
    pub(super) steps: &'static [Step],
}

impl Way {
    /// The first number that it tops up.
    pub(super) fn tops_up(&self) -> Option<&'static str> {
        self.steps.iter().find_map(|step| match step.ending {
            Ending::Credited { number, .. } => Some(number),
            _ => None,
        })
    }
}

/// Something that somebody does, and its ending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// One line about the step.
    pub(super) about: &'static str,
    /// The action.
    pub(super) act: Act,
    /// The expected ending.
    pub(super) ending: Ending,
}

/// An action of a phone or a machine.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// A phone texts a short code.
    Text {
        /// The phone, in full.
        from: &'static str,
        /// The short code.
        to: &'static str,
        /// The text.
        text: &'static str,
    },
    /// A phone dials; `CARD` stands for the code of a card that is new, `USED` for that of the last one that was dialled.
    Dial {
        /// The phone, in full.
        from: &'static str,
        /// The dialled text.
        text: &'static str,
    },
    /// A client of the API orders a top-up, under a key of its own.
    Order {
        /// The client's name, which its secret in the demo is too.
        client: &'static str,
        /// The number that is topped up.
        number: &'static str,
        /// Amount, in cents.
        cents: i64,
    },
    /// A switch of cash machines asks for a top-up over ISO 8583.
    Switch {
        /// The number that is topped up.
        number: &'static str,
        /// Amount, in cents.
        cents: u64,
    },
}

/// The expected ending of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// This number's balance is so many cents afterwards, and its validity this many days ahead.
    Credited { number: &'static str, balance_cents: i64, days: i64 },
    /// This account's balance is so many cents afterwards, and it runs for this many days.
    Paid { account: &'static str, balance_cents: i64, days: i64 },
    /// Nothing moves, because it is refused with these words.
    Told(&'static str),
    /// Nothing moves, because it was done before, as these words say.
    Again(&'static str),
    /// A request that moves no credit is carried out, and answered with these words.
    Done(&'static str),
}

/// A text and its ending.
const fn text(about: &'static str, from: &'static str, to: &'static str, text: &'static str, ending: Ending) -> Step {
    Step { about, act: Act::Text { from, to, text }, ending }
}

/// A number's credit and the days that it runs for.
const fn credited(number: &'static str, balance_cents: i64, days: i64) -> Ending {
    Ending::Credited { number, balance_cents, days }
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
