//! Credit that one subscriber sends to another.

use super::{Act, Ending, Step, Way, credited, text};

const LULE: &str = "38349104001";

pub(super) const TRANSFER: Way = Way {
    number: 4,
    name: "Credit transfer between subscribers",
    entry: "USSD `*121*NUMBER*AMOUNT*PIN#`",
    steps: &[
        text("she has credit", LULE, "50005", "10", credited("049104001", 1_000, 90)),
        text("her friend has a number in use", LULE, "50005", "049104002 1", credited("049104002", 100, 10)),
        text("and so has her brother", LULE, "50005", "049104003 1", credited("049104003", 100, 10)),
        text("she chooses her PIN", LULE, "123", "pin 0000 4711", Ending::Done("PIN")),
        Step {
            about: "five euros, and a fee of 0.08",
            act: Act::Dial { from: LULE, text: "*121*049104002*5*4711#" },
            ending: Ending::Credited { number: "049104002", balance_minor: 600, days: 30 },
        },
        Step {
            about: "more than she has left",
            act: Act::Dial { from: LULE, text: "*121*049104003*5*4711#" },
            ending: Ending::Told("5.08"),
        },
    ],
};
