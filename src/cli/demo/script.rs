//! What the demo plays: real texts, and how each has to end.

/// How a step has to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// This number's balance is so many cents afterwards, and its validity this many days ahead.
    Credited { number: &'static str, balance_cents: i64, days: i64 },
    /// This account's balance is so many cents afterwards, and it runs for this many days.
    Paid { account: &'static str, balance_cents: i64, days: i64 },
    /// Nothing moves, and the reply holds these words.
    Told(&'static str),
}

/// One text and its ending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// What it shows.
    pub(super) about: &'static str,
    /// The phone that texts.
    pub(super) from: &'static str,
    /// The short code.
    pub(super) to: &'static str,
    /// What is written.
    pub(super) text: &'static str,
    /// How it has to end.
    pub(super) ending: Ending,
}

const ARTA: &str = "38349111222";
const BESIM: &str = "38349333444";
const DRITA: &str = "38349555666";

/// In this order; later steps build on earlier ones.
pub(super) const STEPS: &[Step] = &[
    Step {
        about: "her own number: the amount is enough",
        from: ARTA,
        to: "50005",
        text: "10",
        ending: Ending::Credited { number: "049111222", balance_cents: 1_000, days: 90 },
    },
    Step {
        about: "another number",
        from: ARTA,
        to: "50005",
        text: "049123456 5",
        ending: Ending::Credited { number: "049123456", balance_cents: 500, days: 60 },
    },
    Step {
        about: "as people type it",
        from: BESIM,
        to: "50005",
        text: "+383 49 123-456  2,00 €",
        ending: Ending::Credited { number: "049123456", balance_cents: 700, days: 60 },
    },
    Step {
        about: "glued, as a published example has it: 9 digits and the amount",
        from: BESIM,
        to: "50333",
        text: "0491234565",
        ending: Ending::Credited { number: "049123456", balance_cents: 1_200, days: 60 },
    },
    Step {
        about: "a number of Vala",
        from: ARTA,
        to: "50005",
        text: "044123456 20",
        ending: Ending::Credited { number: "044123456", balance_cents: 2_000, days: 360 },
    },
    Step {
        about: "an amount that Vala does not have",
        from: ARTA,
        to: "50005",
        text: "044123456 4",
        ending: Ending::Told("1, 2, 3, 5, 10, 20, 40"),
    },
    Step {
        about: "the same again: done once, and it says when",
        from: ARTA,
        to: "50005",
        text: "049123456 5",
        ending: Ending::Told("prap"),
    },
    Step {
        about: "really again",
        from: ARTA,
        to: "50005",
        text: "049123456 5 prap",
        ending: Ending::Credited { number: "049123456", balance_cents: 1_700, days: 60 },
    },
    Step {
        about: "a bonus: a tenth, from 25 euros on",
        from: DRITA,
        to: "50005",
        text: "30",
        ending: Ending::Credited { number: "049555666", balance_cents: 3_300, days: 360 },
    },
    Step {
        about: "a limit: 50 euros a day for one payer; it says what is left and when it opens",
        from: DRITA,
        to: "50005",
        text: "049123456 25",
        ending: Ending::Told("20.00 EUR"),
    },
    Step {
        about: "television for a month: the price is the product's",
        from: DRITA,
        to: "50005",
        text: "tv drita.h",
        ending: Ending::Paid { account: "product:tv:drita.h", balance_cents: 999, days: 30 },
    },
    Step {
        about: "a word alone is for the account that is registered to the sender; none is",
        from: BESIM,
        to: "50333",
        text: "internet",
        ending: Ending::Told("Internet"),
    },
    Step {
        about: "a fixed line",
        from: DRITA,
        to: "50005",
        text: "fix 038712345 10",
        ending: Ending::Paid { account: "fixed_line:38338712345", balance_cents: 1_000, days: 90 },
    },
    Step { about: "no amount", from: BESIM, to: "50005", text: "049123456", ending: Ending::Told("049123456 5") },
    Step {
        about: "cents, where this bank takes whole euros",
        from: BESIM,
        to: "50005",
        text: "049123456 5.50",
        ending: Ending::Told("5.50"),
    },
    Step {
        about: "nonsense: kept for staff, answered with the right form",
        from: BESIM,
        to: "50005",
        text: "a je aty?",
        ending: Ending::Told("per shembull: 10"),
    },
];
