//! The life of numbers: every change is recorded once and every warning sent once, on however many nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use mbush::config::Config;
use mbush::domain::validity::Life;
use mbush::domain::{Account, AccountState, Clock, Language, Needs, NumberingPlan, Stored};
use mbush::jobs::opening::Opening;
use mbush::jobs::staff::{Action, Order, StaffError, act};
use mbush::jobs::{LifeSweeper, SweepReport};
use mbush::store::{AccountEvent, Store, SweepLease, SweepTerms, Writes};
use mbush::text::segments::split;
use mbush::text::templates::Templates;
use rstest::rstest;
use testkit::wait::within;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};

/// Seconds after [`now`], which is a Sunday afternoon.
#[derive(Clone, Default)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    fn set_days(&self, days: i64) {
        self.0.store(days * 86_400, Ordering::Relaxed);
    }

    fn clock(&self) -> Clock {
        let time = self.0.clone();
        Clock::new(move || now() + TimeDelta::seconds(time.load(Ordering::Relaxed)))
    }
}

fn settings() -> Config {
    let mut config = Config::default();
    config.life.warn_link = Some("ipko".into());
    config.life.warn_sender = "50000".into();
    config.life.sweep_every_seconds = 60;
    config
}

fn sweeper(store: &Store, time: &Time, config: &Config) -> LifeSweeper {
    let plan = Arc::new(NumberingPlan::kosovo().unwrap());
    let templates = Arc::new(Templates::builtin().unwrap());
    LifeSweeper::new(store.clone(), config.life.clone(), config.rules.clone(), plan, templates, time.clock())
}

/// A sweep, whenever the last one was.
async fn sweep(store: &Store, time: &Time) -> SweepReport {
    let mut config = settings();
    config.life.sweep_every_seconds = 0;
    let report = sweeper(store, time, &config).sweep(&CancellationToken::new()).await.unwrap();
    report.expect("nobody else is at it")
}

/// Numbers without credit whose validity ends at this instant.
async fn open(store: &Store, numbers: std::ops::Range<u64>, end: DateTime<Utc>, language: Option<Language>) {
    let mut batch = store.begin().await.unwrap();
    let keys = numbers.map(number).collect::<Vec<_>>();
    batch.load(&Needs { accounts: keys.clone(), ..Needs::default() }).await.unwrap();
    let account = |key| Account {
        key,
        balance_minor: 0,
        held_minor: 0,
        state: AccountState::Active,
        valid_until: Some(end),
        language: language.map(Stored::Known),
        opened_at: end - TimeDelta::days(60),
    };
    let writes = Writes { accounts: keys.into_iter().map(account).collect(), ..Writes::default() };
    batch.write(&writes).await.unwrap();
    batch.commit().await.unwrap();
}

fn days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

async fn events(store: &Store, of: u64) -> Vec<String> {
    let mut events = store.account_events(&number(of), 100).await.unwrap();
    events.reverse();
    let show = |event: &AccountEvent| {
        let day = (event.at - now()).num_days();
        format!("{day}: {} > {}, {} by {}", event.from.as_str(), event.to.as_str(), event.why, event.by)
    };
    events.iter().map(show).collect()
}

/// The warnings to a number: days before the end, and the text.
async fn warnings(store: &Store, of: u64) -> Vec<(u16, String)> {
    let mut found = Vec::new();
    for warning in store.account_warnings(&number(of), 100).await.unwrap() {
        let key = format!("warning:{}:{}:{}", number(of).key, warning.valid_until.timestamp(), warning.days);
        let rows = store.outbox_of(&key).await.unwrap();
        assert_eq!(rows.len(), 1, "{key}: sent once");
        assert_eq!((rows[0].sms.id, rows[0].sms.to.as_str()), (warning.outbox, number(of).key.as_str()));
        assert_eq!((rows[0].sms.link.as_str(), rows[0].sms.from.as_str()), ("ipko", "50000"));
        found.push((warning.days, rows[0].sms.text.clone()));
    }
    found
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn each_change_in_the_life_of_a_number_is_recorded_when_it_was(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, time) = (database.open().await, Time::default());
    open(&store, 1..2, days(-3), None).await;
    open(&store, 2..3, days(20), None).await;
    // Nobody looked for weeks: two changes at once, each at its own instant.
    open(&store, 3..4, days(-20), None).await;
    let report = sweep(&store, &time).await;
    assert_eq!((report.numbers, report.changes, report.finished), (3, 3, true));
    assert_eq!(sweep(&store, &time).await.changes, 0, "each is recorded once");
    assert_eq!(events(&store, 1).await, ["-3: active > receive_only, validity_ended by mbush"]);
    assert!(events(&store, 2).await.is_empty());
    let both = [
        "-20: active > receive_only, validity_ended by mbush",
        "-6: receive_only > suspended, receive_only_ended by mbush",
    ];
    assert_eq!(events(&store, 3).await, both);

    // Topped up at `now`, for sixty days.
    apply(&store, &[TopUp::new("ipko:back", 1, 1)]).await;
    time.set_days(2);
    sweep(&store, &time).await;
    time.set_days(80);
    sweep(&store, &time).await;
    let all = [
        "-3: active > receive_only, validity_ended by mbush",
        "0: receive_only > active, topped_up by mbush",
        "60: active > receive_only, validity_ended by mbush",
        "74: receive_only > suspended, receive_only_ended by mbush",
    ];
    assert_eq!(events(&store, 1).await, all);
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn each_end_of_validity_is_warned_of_once_a_step_in_the_customers_language(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, time) = (database.open().await, Time::default());
    open(&store, 1..2, days(10), Some("sq".parse().unwrap())).await;
    open(&store, 2..3, days(10), Some("sr".parse().unwrap())).await;
    open(&store, 3..4, days(10), Some(Language::EN)).await;
    // Nobody looked while seven days were left: only the last warning is given.
    open(&store, 4..5, days(1), None).await;
    for (day, sent) in [(0, 1), (0, 0), (2, 0), (3, 3), (4, 0), (9, 3), (9, 0), (11, 0)] {
        time.set_days(day);
        assert_eq!(sweep(&store, &time).await.warnings, sent, "day {day}");
    }
    for (of, words) in [(1, "vlen deri me 02.12.2026"), (2, "vazi do 02.12.2026"), (3, "is valid until 02.12.2026")] {
        let sent = warnings(&store, of).await;
        assert_eq!(sent.iter().map(|(days, _)| *days).collect::<Vec<_>>(), [1, 7]);
        for (_, text) in sent {
            assert!(text.contains(words) && text.contains(&format!("04900000{of}")), "{text}");
            assert_eq!(split(&text).len(), 1, "one segment: {text}");
        }
    }
    assert_eq!(warnings(&store, 4).await.iter().map(|(days, _)| *days).collect::<Vec<_>>(), [1]);

    // The end is another now: it is warned of again.
    apply(&store, &[TopUp::new("ipko:on", 1, 1)]).await;
    time.set_days(53);
    assert_eq!(sweep(&store, &time).await.warnings, 1);
    assert_eq!(warnings(&store, 1).await.len(), 3);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn nobody_is_texted_at_night(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    // `now` is 17:20 in Prishtina; 22:20 is too late.
    let (store, time) = (database.open().await, Time::at(5 * 3_600));
    open(&store, 1..2, days(1), None).await;
    assert_eq!(sweep(&store, &time).await, SweepReport { numbers: 1, finished: true, ..SweepReport::default() });
    time.0.store(16 * 3_600, Ordering::Relaxed);
    assert_eq!(sweep(&store, &time).await.warnings, 1, "09:20 the next morning");

    // What did not go out by the evening waits for the morning; what somebody is sending is left alone.
    let mut config = settings();
    config.life.hours_until = NaiveTime::from_hms_opt(9, 10, 0).unwrap();
    let late = sweeper(&store, &time, &config);
    assert_eq!(late.keep_hours().await.unwrap(), 1);
    assert_eq!(late.keep_hours().await.unwrap(), 0);
    let due = store.next_outbox_due(&["ipko".to_owned()]).await.unwrap().unwrap();
    assert_eq!(due, now() + TimeDelta::seconds(16 * 3_600 + 60), "and is put off again before that");
    config.life.hours_until = NaiveTime::from_hms_opt(21, 0, 0).unwrap();
    assert_eq!(sweeper(&store, &time, &config).keep_hours().await.unwrap(), 0);
}

/// As the server does: what an aborted node's connection still holds is waited out. `None`: another node is at it.
async fn sweep_patiently(node: &LifeSweeper) -> Option<SweepReport> {
    for _ in 0..10 {
        match node.sweep(&CancellationToken::new()).await {
            Ok(report) => return report,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
    }
    panic!("the database was busy ten times");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sweeps_of_several_nodes_that_die_at_any_point_record_and_warn_once(#[case] kind: Kind) {
    const NUMBERS: u64 = 2_300;
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    open(&store, 1..1_200, days(-20), None).await;
    open(&store, 1_200..NUMBERS + 1, days(5), None).await;
    let time = Time::default();
    let config = settings();
    // Each node is dropped in the middle of what it does, and its lease runs out.
    for round in 0..40_u64 {
        let node = sweeper(if round % 2 == 0 { &store } else { &other }, &time, &config);
        let task = tokio::spawn(async move { node.sweep(&CancellationToken::new()).await });
        for _ in 0..round * round % 97 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(round % 7 * 4)).await;
        task.abort();
        drop(task.await);
        time.0.fetch_add(61, Ordering::Relaxed);
    }
    // Two that both live. A statement that a dead node left behind at the server may still take the lease from them, so
    // they look again when it has run out, as the server does.
    let (one, two) = (sweeper(&store, &time, &config), sweeper(&other, &time, &config));
    let mut rounds = 0;
    loop {
        let (one, two) = tokio::join!(sweep_patiently(&one), sweep_patiently(&two));
        time.0.fetch_add(61, Ordering::Relaxed);
        if [one, two].into_iter().flatten().any(|report| report.finished) {
            break;
        }
        rounds += 1;
        assert!(rounds < 10, "two living nodes do not come to the end");
    }
    let last = sweep_patiently(&one).await.expect("nobody else is at it");
    assert_eq!((last.numbers, last.changes, last.warnings, last.finished), (NUMBERS, 0, 0, true));
    for of in (1..=NUMBERS).step_by(97) {
        if of < 1_200 {
            assert_eq!(events(&store, of).await.len(), 2, "{of}");
        } else {
            assert_eq!(warnings(&store, of).await.len(), 1, "{of}");
        }
    }
    let replies = store.totals().await.unwrap().outbox_open;
    assert_eq!(replies, i64::try_from(NUMBERS - 1_199).unwrap(), "each warning once");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_sweep_is_one_nodes_until_it_is_silent_and_goes_on_where_it_was(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let lease = |holder| SweepLease { name: "life", holder };
    let terms = |seconds: i64| {
        let now = now() + TimeDelta::seconds(seconds);
        SweepTerms { now, until: now + TimeDelta::seconds(60), finished_before: now - TimeDelta::seconds(300) }
    };
    let (one, two) = (lease(Uuid::from_u128(1)), lease(Uuid::from_u128(2)));
    assert_eq!(store.take_sweep(one, terms(0)).await.unwrap(), Some(None));
    assert_eq!(store.take_sweep(two, terms(30)).await.unwrap(), None);
    let mark = |lease, seconds: i64, cursor: Option<&str>, finished: bool| mbush::store::SweepMark {
        lease,
        until: now() + TimeDelta::seconds(seconds + 60),
        cursor: cursor.map(str::to_owned),
        finished_at: finished.then(|| now() + TimeDelta::seconds(seconds)),
    };
    assert!(store.record_life(Some(&mark(one, 30, Some("subscriber:5"), false)), &[]).await.unwrap().held);
    assert_eq!(store.take_sweep(two, terms(80)).await.unwrap(), None);
    assert_eq!(store.take_sweep(two, terms(91)).await.unwrap(), Some(Some("subscriber:5".into())));
    let late = store.record_life(Some(&mark(one, 92, Some("subscriber:6"), false)), &[]).await.unwrap();
    assert!(!late.held, "who was silent for too long has lost it");
    assert!(store.record_life(Some(&mark(two, 93, None, true)), &[]).await.unwrap().held);
    assert_eq!(store.take_sweep(two, terms(200)).await.unwrap(), None, "it is not due yet");
    assert_eq!(store.take_sweep(one, terms(394)).await.unwrap(), Some(None));
    // Left by a clock that was a day ahead.
    assert!(store.record_life(Some(&mark(one, 86_400, None, true)), &[]).await.unwrap().held);
    assert_eq!(store.take_sweep(two, terms(500)).await.unwrap(), Some(None));
}

async fn order(store: &Store, of: u64, action: Action, at: DateTime<Utc>) -> Result<AccountEvent, StaffError> {
    let rules = settings().rules.validity;
    act(store, &rules, &number(of), Order { action, by: "Arta", reason: "lost phone", now: at }).await
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn the_first_top_up_of_a_number_that_staff_opened_is_recorded_when_it_was(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, time) = (database.open().await, Time::default());
    let opening = Opening { by: "Arta", reason: "list of May", now: now() };
    mbush::jobs::opening::open(&store, &[number(1), number(2)], opening).await.unwrap();
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    time.set_days(3);
    sweep(&store, &time).await;
    let of_staff = "0: new > new, list of May by Arta";
    assert_eq!(events(&store, 1).await, [of_staff, "0: new > active, topped_up by mbush"]);
    assert_eq!(events(&store, 2).await, [of_staff]);
    sweep(&store, &time).await;
    assert_eq!(events(&store, 1).await.len(), 2, "it is recorded once");
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_staff_do_is_recorded_with_who_and_why(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, time) = (database.open().await, Time::default());
    open(&store, 1..2, days(10), None).await;
    open(&store, 2..3, days(-20), None).await;
    let event = order(&store, 1, Action::Suspend, days(0)).await.unwrap();
    assert_eq!((event.from, event.to, event.valid_until), (Life::Active, Life::Suspended, Some(days(10))));
    assert!(matches!(order(&store, 1, Action::Suspend, days(0)).await, Err(StaffError::AlreadySo(Life::Suspended))));
    assert_eq!(sweep(&store, &time).await.warnings, 0);
    time.set_days(4);
    assert_eq!(sweep(&store, &time).await.warnings, 0, "who is suspended is not asked to top up");
    let back = order(&store, 1, Action::Reactivate { days: 0 }, days(5)).await.unwrap();
    assert_eq!((back.from, back.to, back.valid_until), (Life::Suspended, Life::Active, Some(days(10))));
    assert!(matches!(
        order(&store, 1, Action::Reactivate { days: 0 }, days(5)).await,
        Err(StaffError::AlreadySo(Life::Active))
    ));
    let own = ["0: active > suspended, lost phone by Arta", "5: suspended > active, lost phone by Arta"];
    assert_eq!(events(&store, 1).await, own);

    // Its validity is long over: it receives, and can be topped up, for as long as any other; or has days given.
    let receives = order(&store, 2, Action::Reactivate { days: 0 }, days(5)).await.unwrap();
    assert_eq!((receives.to, receives.valid_until), (Life::ReceiveOnly, Some(days(5))));
    time.set_days(30);
    sweep(&store, &time).await;
    let given = order(&store, 2, Action::Reactivate { days: 3 }, days(30)).await.unwrap();
    assert_eq!((given.to, given.valid_until), (Life::Active, Some(days(33))));
    let all = [
        "-20: active > receive_only, validity_ended by mbush",
        "-6: receive_only > suspended, receive_only_ended by mbush",
        "5: suspended > receive_only, lost phone by Arta",
        "19: receive_only > suspended, receive_only_ended by mbush",
        "30: suspended > active, lost phone by Arta",
    ];
    assert_eq!(events(&store, 2).await, all);
    assert!(matches!(order(&store, 9, Action::Suspend, days(0)).await, Err(StaffError::NoAccount)));
    let nameless = Order { action: Action::Suspend, by: " ", reason: "x", now: days(0) };
    let refused = act(&store, &settings().rules.validity, &number(1), nameless).await;
    assert!(matches!(refused, Err(StaffError::Name(_))), "{refused:?}");
    for (by, reason, part) in [
        ("a\u{1b}[2J", "x", "--by: there is a control character (U+001B)"),
        ("Arta", "x\ny", "--reason: there is a control character (U+000A)"),
        ("Arta", " ", "--reason: write 1 to 300 characters"),
        ("\u{1d00}rta", "x", "--by: there is a character (U+1D00)"),
        (&"x".repeat(61), "x", "--by: a name has 60 characters at most"),
    ] {
        let order = Order { action: Action::Suspend, by, reason, now: days(0) };
        let refused = act(&store, &settings().rules.validity, &number(1), order).await.unwrap_err().to_string();
        assert!(refused.starts_with(part), "{by:?} {reason:?}: {refused}");
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_sweeps_and_top_ups_at_once_leave_one_history_without_a_gap(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    open(&store, 1..2, days(-3), None).await;
    let sweeping = tokio::spawn({
        let (other, mut config) = (other.clone(), settings());
        config.life.sweep_every_seconds = 0;
        async move {
            let node = sweeper(&other, &Time::default(), &config);
            for _ in 0..25 {
                node.sweep(&CancellationToken::new()).await.unwrap();
            }
        }
    });
    let topping = tokio::spawn({
        let other = other.clone();
        async move {
            for round in 0..25 {
                apply(&other, &[TopUp::new(&format!("ipko:{round}"), 1, round)]).await;
            }
        }
    });
    for round in 0..20 {
        let action = if round % 2 == 0 { Action::Suspend } else { Action::Reactivate { days: 1 } };
        within("an order that is given until it is done", async {
            // The others end, so that it is not busy for ever.
            while let Err(refused) = order(&store, 1, action, days(0)).await {
                assert!(matches!(refused, StaffError::Busy), "{refused}");
            }
        })
        .await;
    }
    sweeping.await.unwrap();
    topping.await.unwrap();
    let mut history = store.account_events(&number(1), 1_000).await.unwrap();
    history.reverse();
    assert!(history.len() >= 20, "{history:?}");
    for (earlier, later) in history.iter().zip(history.iter().skip(1)) {
        assert_eq!(earlier.to, later.from, "{history:#?}");
    }
    assert_sound(&store).await;
}
