//! Sales that are taken back after their commission was spent: the customer's credit goes back, and each dealer owes what is
//! missing until something comes to its wallet.

use std::process::Command;

use futures_util::future::join_all;
use mbush::domain::{Outcome, Reason, ReasonCode, Receipt, TransferKind};
use mbush::jobs::staff;
use mbush::processor::{Answer, NotDone, Why};

use super::*;

const TOP: &str = "38349700004";
const OTHER_SHOP: &str = "38349700005";

const THREE_LEVELS: &str = "[dealers]\n\
    [[dealers.commission]]\nname = \"shop\"\nlevel = 0\npercent = 3\n\
    [[dealers.commission]]\nname = \"distributor\"\nlevel = 1\npercent = 2\n\
    [[dealers.commission]]\nname = \"top\"\nlevel = 2\npercent = 1\n";

fn why(reason: ReasonCode) -> Why {
    Why { by: "arta".into(), reason, note: String::new() }
}

/// A dealer's whole wallet is gone.
async fn spend(node: &Node, name: &str) {
    let left = balance(node, &format!("dealer:{name}")).await;
    if left > 0 {
        let staff = staff(node);
        let proposed = staff.propose(&wallet(&name_of(name)), -left, &why(ReasonCode::Correction)).await.unwrap();
        staff.approve(proposed.id, "besim").await.unwrap();
    }
}

async fn sell(node: &Node, number: &str, euros: u32) -> Answer {
    let sold = text(node, SHOP, &format!("{number} {euros} {PIN}")).await;
    assert!(matches!(sold.outcome, Outcome::Applied(_)), "{sold:?}");
    sold
}

fn receipt_of(answer: &Answer) -> Receipt {
    Receipt::of(answer.outcome.transfer().unwrap())
}

async fn owed(node: &Node, name: &str) -> i64 {
    node.store.owed_minor(&name_of(name)).await.unwrap()
}

/// Adds a level above the distributor, which it was not below when it was added.
async fn with_top(node: &Node) {
    let (now, top, mid, shop) = (Utc::now(), name_of("top"), name_of("mid"), name_of("malet"));
    for (name, above) in [(&top, None), (&mid, Some(&top)), (&shop, Some(&mid))] {
        assert_eq!(node.store.add_dealer(name, above, &[], "drita", now).await.unwrap(), DealerAdded::Done);
    }
    for (phone, name) in [(TOP, &top), (OTHER_SHOP, &shop)] {
        assert!(node.store.add_dealer_phone(phone_of(phone), name, "drita", now).await.unwrap());
        text(node, phone, &format!("pin 0000 {PIN}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_takes_its_sale_back_although_its_distributor_has_spent_the_commission() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 5_000).await;
        sell(&node, "049123456", 20).await;
        assert_eq!(balance(&node, "dealer:agron").await, 20);
        spend(&node, "agron").await;
        let undone = text(&node, SHOP, &format!("kthe 049123456 20 {PIN}")).await;
        let expected = "The sale of 20.00 EUR to 049123456 was taken back. Your stock: 50.00 EUR";
        assert!(reply(&undone).contains(expected), "{undone:?}");
        assert_eq!(balance(&node, "subscriber:38349123456").await, 0);
        assert_eq!((balance(&node, "dealer:shpija").await, balance(&node, "dealer:agron").await), (5_000, 0));
        assert_eq!((owed(&node, "agron").await, owed(&node, "shpija").await), (20, 0));
        sound(&node).await;

        // The next commission pays a part of it, and stock that is bought the rest.
        sell(&node, "049123457", 10).await;
        assert_eq!((balance(&node, "dealer:agron").await, owed(&node, "agron").await), (0, 10));
        stock(&node, "agron", 10_000).await;
        assert_eq!((balance(&node, "dealer:agron").await, owed(&node, "agron").await), (9_990, 0));
        sell(&node, "049123458", 10).await;
        assert_eq!((balance(&node, "dealer:agron").await, owed(&node, "agron").await), (10_000, 0));
        let lines = node.store.statement(&"receivable:agron".parse().unwrap(), 9).await.unwrap();
        let moved: Vec<_> = lines.iter().map(|line| (line.kind.known(), line.minor, line.balance_minor)).collect();
        let settled = Some(TransferKind::Settlement);
        assert_eq!(moved, [(settled, 10, 0), (settled, 10, -10), (Some(TransferKind::Receivable), -20, -20)]);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_take_a_sale_back_and_several_levels_owe() {
    on_both(THREE_LEVELS, async |node| {
        with_top(&node).await;
        stock(&node, "malet", 5_000).await;
        let sold = text(&node, OTHER_SHOP, &format!("049123456 10 {PIN}")).await;
        let again = text(&node, OTHER_SHOP, &format!("049123457 10 {PIN}")).await;
        spend(&node, "mid").await;
        spend(&node, "top").await;
        stock(&node, "top", 5).await;
        // Who is suspended owes, too; and what is held stays held.
        let order = staff::Order { action: staff::Action::Suspend, by: "drita", reason: "fraud", now: Utc::now() };
        let validity = Config::default().rules.validity;
        staff::act(&node.store, &validity, &wallet(&name_of("mid")), order).await.unwrap();
        let staff = staff_with(&node, THREE_LEVELS);
        for sale in [&sold, &again] {
            staff.reverse(&receipt_of(sale), &why(ReasonCode::WrongNumber)).await.unwrap();
        }
        assert_eq!((owed(&node, "mid").await, owed(&node, "top").await), (40, 15));
        assert_eq!((balance(&node, "dealer:mid").await, balance(&node, "dealer:top").await), (0, 0));
        assert_eq!(balance(&node, "dealer:malet").await, 5_000);
        let third = staff.reverse(&receipt_of(&sold), &why(ReasonCode::WrongNumber)).await;
        assert!(matches!(third, Err(NotDone::AlreadyReversed)), "{third:?}");
        // A debt may be paid otherwise, and no more than it.
        let debt = "receivable:mid".parse().unwrap();
        let more = staff.propose(&debt, 41, &why(ReasonCode::Correction)).await;
        assert!(matches!(&more, Err(NotDone::OutOfLimits { max }) if max == "0.40"), "{more:?}");
        let proposed = staff.propose(&debt, 40, &why(ReasonCode::Correction)).await.unwrap();
        staff.approve(proposed.id, "besim").await.unwrap();
        assert_eq!(owed(&node, "mid").await, 0);
        sound(&node).await;
    })
    .await;
}

/// What the customer has spent is another matter: then nothing goes back, and nobody owes.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_has_spent_the_credit_keeps_the_sale() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 5_000).await;
        let sold = sell(&node, "049123456", 20).await;
        spend(&node, "agron").await;
        let staff = staff(&node);
        let proposed = staff.propose(&wallet_of("38349123456"), -1, &why(ReasonCode::Correction)).await.unwrap();
        staff.approve(proposed.id, "besim").await.unwrap();
        let undone = text(&node, SHOP, &format!("kthe 049123456 20 {PIN}")).await;
        assert_eq!(reason(&undone), Some(Reason::SaleUsed), "{undone:?}");
        let reversed = staff.reverse(&receipt_of(&sold), &why(ReasonCode::WrongNumber)).await;
        assert!(matches!(reversed, Err(NotDone::Insufficient { .. })), "{reversed:?}");
        assert_eq!(owed(&node, "agron").await, 0);
        sound(&node).await;
    })
    .await;
}

/// Sales, what settles of debts by them, and reversals all at once: what all have together is what came in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn debts_and_sales_at_once_lose_nothing() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 100_000).await;
        let mut sold = Vec::new();
        for number in 0..20 {
            sold.push(sell(&node, &format!("0492000{number:02}"), 10).await);
        }
        spend(&node, "agron").await;
        let (staff, node) = (&staff(&node), &node);
        let reversals = join_all(sold.iter().map(|sale| async move {
            let mut tries = 0;
            loop {
                match staff.reverse(&receipt_of(sale), &why(ReasonCode::WrongNumber)).await {
                    Err(NotDone::Store(failure)) if failure.is_transient() && tries < 50 => tries += 1,
                    done => return done.map(drop),
                }
            }
        }));
        let sales = join_all((20..40).map(|number| async move { sell(node, &format!("0492000{number}"), 10).await }));
        let (reversed, _) = tokio::join!(reversals, sales);
        for done in reversed {
            done.unwrap();
        }
        let (stock, debt) = (balance(node, "dealer:agron").await, owed(node, "agron").await);
        // Twenty sales that stand earned 2.00, and twenty that went back earned nothing: 2.00 of it were spent.
        assert_eq!(stock - debt, 200 - 200, "{stock} and {debt}");
        sound(node).await;
    })
    .await;
}

/// Commands of staff on a copy of a node's database.
struct Office(tempfile::TempDir);

impl Office {
    async fn of(node: &Node) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("mbush.db");
        node.store.backup(&copy).await.unwrap();
        let config = format!("[store]\nurl = \"sqlite://{}\"\n{RULES}", copy.display());
        std::fs::write(folder.path().join("mbush.toml"), config).unwrap();
        Self(folder)
    }

    fn told(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mbush"));
        let output = command.args(arguments).arg("--config").arg(self.0.path().join("mbush.toml")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn moved(done: &mbush::processor::Done) -> Vec<(TransferKind, String, String, i64)> {
    let of = |transfer: &mbush::domain::Transfer| {
        let movement = &transfer.movement;
        (movement.kind, movement.debit.to_string(), movement.credit.to_string(), movement.amount.minor())
    };
    done.moved.iter().map(of).collect()
}

/// What is shown before a reversal is what it writes: a debt that arises, and none that was paid before and stays paid.
#[tokio::test(flavor = "multi_thread")]
async fn a_reversal_is_foretold_as_it_is_written() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 5_000).await;
        let first = receipt_of(&sell(&node, "049123456", 20).await);
        spend(&node, "agron").await;
        let (staff, why) = (staff(&node), why(ReasonCode::WrongNumber));
        let foretold = moved(&staff.trial().reverse(&first, &why).await.unwrap());
        assert_eq!(owed(&node, "agron").await, 0, "nothing was done");
        let owes = (TransferKind::Receivable, "receivable:agron".to_owned(), "dealer:agron".to_owned(), 20);
        assert!(foretold.contains(&owes), "{foretold:?}");
        assert_eq!(moved(&staff.reverse(&first, &why).await.unwrap()), foretold);
        // The commission of the second sale pays a half of the debt, and stock the rest.
        let second = receipt_of(&sell(&node, "049123457", 10).await);
        stock(&node, "agron", 5_000).await;
        let foretold = moved(&staff.trial().reverse(&second, &why).await.unwrap());
        let settles = |(kind, ..): &(TransferKind, String, String, i64)| *kind == TransferKind::Settlement;
        assert!(!foretold.iter().any(settles), "what was paid stays paid: {foretold:?}");
        assert_eq!(moved(&staff.reverse(&second, &why).await.unwrap()), foretold);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_shown_who_would_owe_and_who_would_pay() {
    let node = node(RULES, None).await;
    stock(&node, "shpija", 5_000).await;
    let first = receipt_of(&sell(&node, "049123456", 20).await).to_string();
    spend(&node, "agron").await;
    let office = Office::of(&node).await;
    let reverse =
        |receipt: &str, how: &str| office.told(&["reverse", receipt, "--reason", "wrong_number", "--by", "arta", how]);
    let shown = reverse(&first, "--dry-run");
    for part in [
        "top_up    20.00 EUR from subscriber:38349123456 back to dealer:shpija",
        "commission 0.20 EUR from dealer:agron back to",
        "receivable 0.20 EUR from receivable:agron to dealer:agron: agron owes it",
    ] {
        assert!(shown.contains(part), "`{part}` is not in {shown}");
    }
    reverse(&first, "--yes");
    let propose = ["adjust", "propose", "dealer:agron", "50", "--reason", "stock_sold", "--by", "arta"];
    let proposed = office.told(&propose);
    let id = proposed.split_whitespace().next().unwrap();
    let shown = office.told(&["adjust", "approve", id, "--by", "besim", "--dry-run"]);
    for part in [
        "adjustment 50.00 EUR from suspense:stock_sold to dealer:agron",
        "settlement 0.20 EUR from dealer:agron to receivable:agron: agron pays what it owes",
        "49.80 EUR after it",
    ] {
        assert!(shown.contains(part), "`{part}` is not in {shown}");
    }
}

/// Staff see it where they look at dealers.
#[tokio::test(flavor = "multi_thread")]
async fn staff_see_what_a_dealer_owes() {
    let node = node(RULES, None).await;
    stock(&node, "shpija", 5_000).await;
    sell(&node, "049123456", 20).await;
    spend(&node, "agron").await;
    text(&node, SHOP, &format!("kthe 049123456 20 {PIN}")).await;
    let office = Office::of(&node).await;
    let told = |arguments: &[&str]| office.told(arguments);
    let listed = told(&["dealer", "list"]);
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("agron").contains("owes 0.20 EUR") && !line("shpija").contains("owes"), "{listed}");
    let summary = told(&["dealer", "summary", "agron"]);
    assert!(summary.contains("agron owes 0.20 EUR"), "{summary}");
    assert!(!told(&["dealer", "summary", "shpija"]).contains("owes"));
    let statement = told(&["statement", "receivable:agron"]);
    assert!(statement.contains("0.20") && statement.contains("dealer:agron"), "{statement}");
}
