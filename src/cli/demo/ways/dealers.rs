//! Sales of dealers from their wallets. Before the first sale, the initial PIN has to be changed.

use super::super::stage::{DISTRIBUTOR, SHOP};
use super::{Act, Ending, Step, Way, credited, text};

pub(super) const ELECTRONIC: Way = Way {
    number: 2,
    name: "Electronic top-up",
    entry: "a shop's SMS to 124",
    steps: &[
        text("a shop chooses its PIN", SHOP, "124", "pin 0000 4711", Ending::Done("PIN")),
        text("any amount in cents, from its stock", SHOP, "124", "049102001 7.35 4711", credited("049102001", 735, 60)),
        text("another PIN: two tries are left", SHOP, "124", "049102001 7.35 4712", Ending::Told("2")),
        text("less than a top-up may be", SHOP, "124", "049102001 0.50 4711", Ending::Told("1.00")),
        text("a mistake, reversed within minutes", SHOP, "124", "kthe 049102001 7.35 4711", Ending::Done("u kthye")),
    ],
};

pub(super) const MOBILE: Way = Way {
    number: 3,
    name: "Mobile top-up by distributors",
    entry: "USSD `*124*NUMBER*AMOUNT*PIN#`",
    steps: &[
        text("a distributor chooses its PIN", DISTRIBUTOR, "124", "pin 0000 2580", Ending::Done("PIN")),
        Step {
            about: "dialled on its own phone, from its own stock",
            act: Act::Dial { from: DISTRIBUTOR, text: "*124*049103001*10*2580#" },
            ending: credited("049103001", 1_000, 90),
        },
        text("stock for the shop below it", DISTRIBUTOR, "124", "stok 049700001 50 2580", Ending::Done("50.00")),
        Step {
            about: "a phone that is not a dealer's",
            act: Act::Dial { from: "38349103009", text: "*124*049103001*10*2580#" },
            ending: Ending::Told("nuk eshte i regjistruar si shites"),
        },
    ],
};
