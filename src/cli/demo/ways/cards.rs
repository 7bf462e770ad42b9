//! Scratch cards, dialled.

use super::{Act, Ending, Step, Way, credited};

const LIRI: &str = "38349101001";

pub(super) const SCRATCH_CARD: Way = Way {
    number: 1,
    name: "Scratch card",
    entry: "USSD `*123*CODE#`",
    steps: &[
        Step {
            about: "a card for the phone that dials",
            act: Act::Dial { from: LIRI, text: "*123*CARD#" },
            ending: credited("049101001", 500, 60),
        },
        Step {
            about: "a card for another phone",
            act: Act::Dial { from: LIRI, text: "*123*CARD*049101002#" },
            ending: credited("049101002", 500, 60),
        },
        Step {
            about: "the same card on another phone: it is used",
            act: Act::Dial { from: "38349101002", text: "*123*USED#" },
            ending: Ending::Told("eshte perdorur"),
        },
    ],
};
