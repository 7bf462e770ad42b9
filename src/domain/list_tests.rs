//! Decisions on lists: all items or none, and which item is to blame.

use super::super::limits::{Allowance, Limits, UsageLimits};
use super::super::recharge::tests::{command, now, rules};
use super::super::{
    Account, Amount, Command, Earlier, Fingerprint, Line, LineKind, Msisdn, Payer, Request, Service, Target, decide,
};
use super::*;

const FIRST: &str = "38349123456";
const SECOND: &str = "38344222333";
const THIRD: &str = "38345000111";

fn number(digits: &str) -> Msisdn {
    digits.parse().unwrap()
}

fn item(digits: &str, minor: i64) -> RechargeCommand {
    let target = Target::Line(Line { msisdn: number(digits), kind: LineKind::Mobile, operator: None });
    let one = command(minor);
    RechargeCommand { request: Request { target, ..one.request.clone() }, ..one }
}

fn list(items: &[(&str, i64)]) -> ListCommand {
    ListCommand::new(items.iter().map(|(digits, minor)| item(digits, *minor)).collect()).unwrap()
}

/// These numbers have accounts, and these requests were done a second ago.
fn loaded(numbers: &[&str], done: &[Fingerprint]) -> LoadedRows {
    let accounts = numbers.iter().map(|digits| Account::open(AccountKey::subscriber(number(digits)), now()));
    let earlier = Earlier { transfer: uuid::Uuid::from_u128(1), at: now() - chrono::TimeDelta::seconds(1) };
    LoadedRows {
        accounts: accounts.map(|account| (account.key.clone(), account)).collect(),
        earlier: done.iter().map(|print| (*print, earlier)).collect(),
        ..LoadedRows::default()
    }
}

fn run(loaded: &LoadedRows, list: &ListCommand, rules: &Rules) -> Decision {
    decide(loaded, &Command::List(Box::new(list.clone())), rules, now())
}

/// Reason and item of a refusal.
fn refused(decision: &Decision) -> (&'static str, String) {
    match decision {
        Decision::Refuse(rejection) => {
            let item = rejection.details.item.as_ref().map(ToString::to_string);
            (rejection.reason.as_str(), item.unwrap_or_default())
        }
        other => panic!("{other:?}"),
    }
}

fn of(digits: &str) -> String {
    format!("+{digits}")
}

#[test]
fn every_item_is_a_command_of_its_own() {
    let list = list(&[(FIRST, 500), (SECOND, 1_000), (THIRD, 200)]);
    let ids: Vec<u128> = list.items().map(|item| item.id.as_u128()).collect();
    assert_eq!(ids, [7, 71, 135]);
    let Decision::PostList(postings) = run(&loaded(&[FIRST, SECOND, THIRD], &[]), &list, &rules()) else { panic!() };
    for (item, posting) in list.items().zip(&postings) {
        assert_eq!(posting.requests, [item.fingerprint()]);
        assert_eq!(Some(posting.main.amount), item.request.amount);
    }
    assert_eq!(postings.len(), 3);
}

#[test]
fn a_list_has_two_to_ten_items_and_a_customer_or_a_machine_pays() {
    let of_items = |count: usize| ListCommand::new((0..count).map(|_| item(FIRST, 500)).collect()).is_some();
    assert_eq!([1, 2, 10, 11].map(of_items), [false, true, true, false]);
    let client = RechargeCommand { payer: Payer::Client("till".to_owned()), ..item(FIRST, 500) };
    assert_eq!(ListCommand::new(vec![item(SECOND, 500), client]), None);
}

#[test]
fn one_item_that_is_refused_refuses_the_list() {
    let list = list(&[(FIRST, 500), (SECOND, 1_000)]);
    let unknown = run(&loaded(&[FIRST], &[]), &list, &rules());
    assert_eq!(refused(&unknown), ("subscriber_unknown", of(SECOND)));
}

#[test]
fn an_item_is_decided_as_if_those_before_it_were_done() {
    let day = Allowance { amount_max: Amount::whole(12).ok(), count_max: None };
    let payer = UsageLimits { day, ..UsageLimits::default() };
    let rules = Rules { limits: Limits { payer, ..Limits::default() }, ..rules() };
    let known = loaded(&[FIRST, SECOND, THIRD], &[]);
    let allowed = list(&[(FIRST, 500), (SECOND, 700)]);
    assert!(matches!(run(&known, &allowed, &rules), Decision::PostList(_)));
    let over = list(&[(FIRST, 500), (SECOND, 700), (THIRD, 100)]);
    assert_eq!(refused(&run(&known, &over, &rules)), ("payer_day_amount", of(THIRD)));
}

#[test]
fn a_list_that_was_done_is_a_duplicate_and_one_that_was_partly_done_is_refused() {
    let list = list(&[(FIRST, 500), (SECOND, 1_000)]);
    let prints: Vec<Fingerprint> = list.items().map(RechargeCommand::fingerprint).collect();
    let known = |done: &[Fingerprint]| loaded(&[FIRST, SECOND], done);
    let all = run(&known(&prints), &list, &rules());
    assert!(matches!(all, Decision::Duplicate { amount, .. } if amount.minor() == 500), "{all:?}");
    assert_eq!(refused(&run(&known(&prints[1..]), &list, &rules())), ("list_partly_done", of(SECOND)));
    assert_eq!(refused(&run(&known(&prints[..1]), &list, &rules())), ("list_partly_done", of(FIRST)));
    // A fault of another item is told first.
    assert_eq!(refused(&run(&loaded(&[FIRST], &prints[..1]), &list, &rules())), ("subscriber_unknown", of(SECOND)));
}

#[test]
fn no_account_is_credited_twice() {
    let twice = list(&[(FIRST, 500), (SECOND, 1_000), (FIRST, 700)]);
    assert_eq!(refused(&run(&loaded(&[FIRST, SECOND], &[]), &twice, &rules())), ("list_names_twice", of(FIRST)));
    // A user name, and the phone that it is registered to.
    let product = |target: Target| {
        let one = command(500);
        RechargeCommand { request: Request { service: Service::DuoTv, target, ..one.request.clone() }, ..one }
    };
    let items = vec![product(Target::Username("arben".to_owned())), product(Target::Registered(number(FIRST)))];
    let list = ListCommand::new(items).unwrap();
    let mut known = LoadedRows::default();
    known.enrolments.insert((number(FIRST), Service::DuoTv), "arben".to_owned());
    assert_eq!(refused(&run(&known, &list, &rules())), ("list_names_twice", of(FIRST)));
}

#[test]
fn a_bank_that_is_closed_is_not_told_of_one_item() {
    let items = [FIRST, SECOND].map(|digits| {
        let one = item(digits, 500);
        RechargeCommand { request: Request { bank: "closed".into(), ..one.request.clone() }, ..one }
    });
    let list = ListCommand::new(items.to_vec()).unwrap();
    assert_eq!(refused(&run(&loaded(&[FIRST, SECOND], &[]), &list, &rules())), ("bank_unavailable", String::new()));
}
