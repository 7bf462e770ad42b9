//! Cash machines and web pages of banks, which have already debited their customers.

use super::{Act, Ending, Step, Way, credited};

pub(super) const BKT_ATM: Way = Way {
    number: 11,
    name: "ATM top-up with BKT",
    entry: "ISO 8583 from its switch",
    steps: &[
        Step {
            about: "the switch asks, and prints the answer",
            act: Act::Switch { number: "049111001", minor: 2_000 },
            ending: credited("049111001", 2_000, 360),
        },
        Step {
            about: "more than this client's limit for one top-up",
            act: Act::Switch { number: "049111001", minor: 5_001 },
            ending: Ending::Told("50.00"),
        },
    ],
};

pub(super) const BKT_EBANKING: Way = Way {
    number: 12,
    name: "E-banking top-up with BKT",
    entry: "`POST /v1/topups`",
    steps: &[
        Step {
            about: "with an idempotency key of the bank's, so that it may ask again",
            act: Act::Order { client: "bkt-ebanking", number: "049112001", minor: 1_050 },
            ending: credited("049112001", 1_050, 90),
        },
        Step {
            about: "a number in a range of no operator",
            act: Act::Order { client: "bkt-ebanking", number: "041112001", minor: 1_050 },
            ending: Ending::Told("number"),
        },
    ],
};

pub(super) const IPKOMAT: Way = Way {
    number: 13,
    name: "IPKOMat: ATM top-up with ProCredit",
    entry: "`POST /v1/topups`",
    steps: &[
        Step {
            about: "notes of five euros and more",
            act: Act::Order { client: "ipkomat", number: "049113001", minor: 500 },
            ending: credited("049113001", 500, 60),
        },
        Step {
            about: "less than the machine may take",
            act: Act::Order { client: "ipkomat", number: "049113001", minor: 100 },
            ending: Ending::Told("5.00"),
        },
    ],
};
