//! Texts to the short codes of banks. The grammar files say which formats are published and which are assumed.

use super::super::stage::SWITCHED_OFF;
use super::{Ending, Step, Way, credited, text};

const ARTA: &str = "38349111222";
const BESIM: &str = "38349333444";
const DRITA: &str = "38349555666";
const LIRI: &str = "38349109001";

pub(super) const EKONOMIKE: Way =
    Way { number: 5, name: "SMS top-up with Banka Ekonomike", entry: "SMS to 50005", steps: EKONOMIKE_STEPS };

const EKONOMIKE_STEPS: &[Step] = &[
    text("her own number: the amount is enough", ARTA, "50005", "10", credited("049111222", 1_000, 90)),
    text("another number", ARTA, "50005", "049123456 5", credited("049123456", 500, 60)),
    text(
        "with punctuation, as people type it",
        BESIM,
        "50005",
        "+383 49 123-456  2,00 €",
        credited("049123456", 700, 60),
    ),
    text("a number of Vala", ARTA, "50005", "044123456 20", credited("044123456", 2_000, 360)),
    text("an amount that Vala does not sell", ARTA, "50005", "044123456 4", Ending::Told("1, 2, 3, 5, 10, 20, 40")),
    text(
        "the same text again: a duplicate; the reply says when it was carried out",
        ARTA,
        "50005",
        "049123456 5",
        Ending::Again("prap"),
    ),
    text("a repetition on purpose", ARTA, "50005", "049123456 5 prap", credited("049123456", 1_200, 60)),
    text("a bonus: a tenth, from 25 euros on", DRITA, "50005", "30", credited("049555666", 3_300, 360)),
    text(
        "a limit of 50 euros a day for one payer; the reply says what is left, and when the next day begins",
        DRITA,
        "50005",
        "049123456 25",
        Ending::Told("20.00 EUR"),
    ),
    text(
        "television for a month: the price is the product's",
        DRITA,
        "50005",
        "tv drita.h",
        Ending::Paid { account: "product:tv:drita.h", balance_minor: 999, days: 30 },
    ),
    text(
        "a fixed line",
        DRITA,
        "50005",
        "fix 038712345 10",
        Ending::Paid { account: "fixed_line:38338712345", balance_minor: 1_000, days: 90 },
    ),
    text("no amount", BESIM, "50005", "049123456", Ending::Told("049123456 5")),
    text("cents, where this bank takes whole euros", BESIM, "50005", "049123456 5.50", Ending::Told("5.50")),
    text(
        "nonsense: kept for staff, answered with the right form",
        BESIM,
        "50005",
        "a je aty?",
        Ending::Told("per shembull: 10"),
    ),
];

pub(super) const BPB: Way = Way {
    number: 6,
    name: "SMS top-up with Banka për Biznes",
    entry: "SMS to 50606",
    steps: &[
        text("the keyword first", "38349106001", "50606", "Mbush 049106002 5", credited("049106002", 500, 60)),
        text("no keyword", "38349106001", "50606", "049106002 5", Ending::Told("mbush 049106002 5")),
    ],
};

pub(super) const NLB: Way = Way {
    number: 7,
    name: "SMS top-up with NLB Prishtina",
    entry: "SMS to 50707",
    steps: &[
        text("the amount first", "38349107001", "50707", "3 049107002", credited("049107002", 300, 30)),
        text(
            "in another order than the bank's format",
            "38349107001",
            "50707",
            "049107002 3",
            Ending::Told("3 049107002"),
        ),
    ],
};

pub(super) const PROCREDIT: Way = Way {
    number: 8,
    name: "SMS top-up with ProCredit Bank",
    entry: "SMS to 50333",
    steps: &[
        text(
            "without a space, as in a published example: 9 digits, then the amount",
            "38349108001",
            "50333",
            "0491080025",
            credited("049108002", 500, 60),
        ),
        text(
            "a word alone tops up the account that is registered to the sender; none is registered",
            "38349108001",
            "50333",
            "internet",
            Ending::Told("Internet"),
        ),
    ],
};

pub(super) const RAIFFEISEN: Way = Way {
    number: 9,
    name: "SMS top-up with Raiffeisen Bank",
    entry: "SMS to 50808",
    steps: &[
        text("a customer with credit", LIRI, "50005", "5", credited("049109001", 500, 60)),
        text("she chooses her PIN", LIRI, "123", "pin 0000 4711", Ending::Done("PIN")),
        text("a wrong PIN: two tries are left", LIRI, "50808", "rb 049109002 20 4712", Ending::Told("2")),
        text("the right PIN", LIRI, "50808", "rb 049109002 20 4711", credited("049109002", 2_000, 360)),
        text("more than a top-up may be", LIRI, "50808", "rb 049109002 75 4711", Ending::Told("50.00 EUR")),
    ],
};

pub(super) const TEB: Way = Way {
    number: 10,
    name: "SMS top-up with TEB",
    entry: "SMS to 50909",
    steps: &[
        text("as a sentence", "38349110001", "50909", "dergo 1 ne 049110002", credited("049110002", 100, 10)),
        text(
            "with a reference, under which a second request is another one's",
            "38349110001",
            "50909",
            "049110002 5 ref TRX20451",
            credited("049110002", 600, 60),
        ),
        text(
            "a phone that is switched off: it is topped up, and its SMS does not arrive",
            SWITCHED_OFF,
            "50909",
            "1",
            credited("049110009", 100, 10),
        ),
        text("an invalid number", "38349110001", "50909", "049110 5", Ending::Told("049110")),
    ],
};
