//! The recorded states of a number: due changes of state, and due warnings. Pure.

use chrono::{DateTime, Utc};

use super::calendar::days_before;
use super::validity::{Life, Validity};
use super::{Account, AccountKind, AccountState};

/// Reason for a change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    ValidityEnded,
    /// The days after the end of validity, in which the number could receive, have passed.
    ReceiveOnlyEnded,
    ToppedUp,
    /// The rules changed, for example the days after the end of validity.
    RulesChanged,
}

impl Why {
    /// Name in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidityEnded => "validity_ended",
            Self::ReceiveOnlyEnded => "receive_only_ended",
            Self::ToppedUp => "topped_up",
            Self::RulesChanged => "rules_changed",
        }
    }
}

/// The last record of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    pub life: Life,
    /// End of validity at that time.
    pub valid_until: Option<DateTime<Utc>>,
}

/// The present data of a number.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub state: AccountState,
    pub valid_until: Option<DateTime<Utc>>,
    /// Instant of the last top-up, if known.
    pub topped_up_at: Option<DateTime<Utc>>,
    /// True if the number is assigned to another customer some time after its validity has ended, as mobile numbers are.
    /// Any other number can always be topped up again.
    pub is_recycled: bool,
}

impl Standing {
    /// The data of an account.
    pub const fn of(account: &Account) -> Self {
        let is_recycled = matches!(account.key.kind, AccountKind::Subscriber);
        Self { state: account.state, valid_until: account.valid_until, topped_up_at: None, is_recycled }
    }

    /// State of the number at `now`. A state set by staff takes precedence over the end of validity.
    pub fn life(&self, rules: &Validity, now: DateTime<Utc>) -> Life {
        match self.state {
            AccountState::Suspended => Life::Suspended,
            AccountState::Active => match rules.life(self.valid_until, now) {
                Life::Suspended if !self.is_recycled => Life::ReceiveOnly,
                life => life,
            },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Instant of the change, which may be before its detection.
    pub at: DateTime<Utc>,
    pub from: Life,
    pub to: Life,
    pub why: Why,
}

/// Returns the changes between the last record (`None` if there is none) and the state at `now`, in order. The result
/// is deterministic, so several nodes may compute it and one records it.
pub fn changes(
    recorded: Option<Recorded>,
    standing: Standing,
    rules: &Validity,
    now: DateTime<Utc>,
) -> impl Iterator<Item = Change> {
    let reached = standing.life(rules, now);
    // The first record of a number is its first change; before that it was active since its first top-up. A number that
    // staff opened is recorded as new until its first top-up.
    let begun = recorded.map_or(Life::Active, |recorded| recorded.life);
    let known_end = recorded.and_then(|recorded| recorded.valid_until);
    let mut found: [Option<Change>; 3] = [None; 3];
    let mut before = begun;
    if reached != Life::New {
        let end = standing.valid_until.unwrap_or(now);
        let extended = recorded.is_some() && standing.valid_until > known_end;
        if matches!(before, Life::ReceiveOnly | Life::New) && extended {
            let at = standing.topped_up_at.unwrap_or(now).min(end);
            found[0] = Some(Change { at, from: before, to: Life::Active, why: Why::ToppedUp });
            before = Life::Active;
        }
        if before == Life::Active && reached != Life::Active && standing.state == AccountState::Active {
            let next = if standing.is_recycled && rules.receive_only_days() == 0 {
                Life::Suspended
            } else {
                Life::ReceiveOnly
            };
            found[1] = Some(Change { at: end, from: before, to: next, why: Why::ValidityEnded });
            before = next;
        }
        if before != reached {
            let over = (before, reached, standing.state) == (Life::ReceiveOnly, Life::Suspended, AccountState::Active);
            let (at, why) =
                if over { (rules.suspended_at(end), Why::ReceiveOnlyEnded) } else { (now, Why::RulesChanged) };
            found[2] = Some(Change { at, from: before, to: reached, why });
        }
    }
    found.into_iter().flatten()
}

/// Returns the changes that a top-up at `now` causes for a number that can only receive: earlier changes that no sweep
/// recorded, and its return. Empty for other states: the number is active already, or refuses credit.
pub fn revival(recorded: Option<Recorded>, before: Standing, rules: &Validity, now: DateTime<Utc>) -> Vec<Change> {
    if before.life(rules, now) != Life::ReceiveOnly {
        return Vec::new();
    }
    let back = Change { at: now, from: Life::ReceiveOnly, to: Life::Active, why: Why::ToppedUp };
    changes(recorded, before, rules, now).chain(std::iter::once(back)).collect()
}

/// Returns the warning that is due at `now` before this end of validity: the lowest of these days that is not less than
/// the remaining days. Earlier warnings that were missed are not sent later.
pub fn warning_step(valid_until: DateTime<Utc>, days: &[u16], now: DateTime<Utc>) -> Option<u16> {
    if now >= valid_until {
        return None;
    }
    days.iter().copied().filter(|&days| now >= days_before(valid_until, days)).min()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::validity::Extend;
    use super::*;

    fn rules(receive_only_days: u16) -> Validity {
        Validity::new(Validity::published_tiers(), Extend::Max, receive_only_days).unwrap()
    }

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_420 + day)
    }

    fn standing(end: i64) -> Standing {
        Standing { state: AccountState::Active, valid_until: Some(at(end)), topped_up_at: None, is_recycled: true }
    }

    fn found(recorded: Option<Recorded>, standing: Standing, receive_only_days: u16, now: i64) -> Vec<String> {
        let show = |change: Change| {
            let day = (change.at - at(0)).num_days();
            format!("{day}: {} to {}, {}", change.from.as_str(), change.to.as_str(), change.why.as_str())
        };
        changes(recorded, standing, &rules(receive_only_days), at(now)).map(show).collect()
    }

    #[test]
    fn a_number_that_nobody_tops_up_goes_through_its_states() {
        assert!(found(None, standing(10), 14, 9).is_empty());
        assert_eq!(found(None, standing(10), 14, 11), ["10: active to receive_only, validity_ended"]);
        let receives = Recorded { life: Life::ReceiveOnly, valid_until: Some(at(10)) };
        assert!(found(Some(receives), standing(10), 14, 23).is_empty());
        assert_eq!(found(Some(receives), standing(10), 14, 30), ["24: receive_only to suspended, receive_only_ended"]);
        // No sweep ran for a month: both changes are recorded with their own instants.
        let both = ["10: active to receive_only, validity_ended", "24: receive_only to suspended, receive_only_ended"];
        assert_eq!(found(None, standing(10), 14, 40), both);
        assert_eq!(found(None, standing(10), 0, 40), ["10: active to suspended, validity_ended"]);
        let suspended = Recorded { life: Life::Suspended, valid_until: Some(at(10)) };
        assert!(found(Some(suspended), standing(10), 14, 90).is_empty());
    }

    #[test]
    fn a_top_up_brings_a_number_back() {
        let receives = Recorded { life: Life::ReceiveOnly, valid_until: Some(at(10)) };
        let back = Standing { topped_up_at: Some(at(15)), ..standing(45) };
        assert_eq!(found(Some(receives), back, 14, 16), ["15: receive_only to active, topped_up"]);
        let ended_again = ["15: receive_only to active, topped_up", "45: active to receive_only, validity_ended"];
        assert_eq!(found(Some(receives), back, 14, 50), ended_again);
        let active = Recorded { life: Life::Active, valid_until: Some(at(45)) };
        assert!(found(Some(active), back, 14, 16).is_empty());
    }

    #[test]
    fn a_number_that_staff_opened_is_new_until_it_is_topped_up() {
        let opened = Recorded { life: Life::New, valid_until: None };
        assert!(found(Some(opened), Standing { valid_until: None, ..standing(0) }, 14, 5).is_empty());
        let topped_up = Standing { topped_up_at: Some(at(3)), ..standing(10) };
        assert_eq!(found(Some(opened), topped_up, 14, 5), ["3: new to active, topped_up"]);
        let ended = ["3: new to active, topped_up", "10: active to receive_only, validity_ended"];
        assert_eq!(found(Some(opened), topped_up, 14, 11), ended);
        // A top-up that reactivates the number has no time of the first change; it was at the end of validity at the
        // latest.
        let back: Vec<_> =
            revival(Some(opened), standing(10), &rules(14), at(12)).iter().map(|change| change.at).collect();
        assert_eq!(back, [at(10), at(10), at(12)]);
    }

    #[test]
    fn a_top_up_records_what_no_sweep_has_seen_before_it() {
        let revived = |recorded, standing, now| {
            let found = revival(recorded, standing, &rules(14), at(now)).into_iter();
            found.map(|change| (change.from.as_str(), change.to.as_str(), (change.at - at(0)).num_days())).collect()
        };
        let unseen: Vec<_> = revived(None, standing(10), 15);
        assert_eq!(unseen, [("active", "receive_only", 10), ("receive_only", "active", 15)]);
        let receives = Recorded { life: Life::ReceiveOnly, valid_until: Some(at(10)) };
        let seen: Vec<_> = revived(Some(receives), standing(10), 15);
        assert_eq!(seen, [("receive_only", "active", 15)]);
        for not_revived in [standing(20), standing(0), Standing { valid_until: None, ..standing(0) }] {
            assert!(revived(None, not_revived, 15).is_empty(), "{not_revived:?}");
        }
    }

    #[test]
    fn other_rules_and_what_staff_set_are_followed() {
        let suspended = Recorded { life: Life::Suspended, valid_until: Some(at(10)) };
        assert_eq!(found(Some(suspended), standing(10), 30, 30), ["30: suspended to receive_only, rules_changed"]);
        let by_staff = Standing { state: AccountState::Suspended, ..standing(10) };
        assert_eq!(found(None, by_staff, 14, 5), ["5: active to suspended, rules_changed"]);
        let new = Standing { valid_until: None, ..standing(0) };
        assert!(found(None, new, 14, 5).is_empty());
    }

    #[test]
    fn of_the_warnings_that_are_due_the_last_one_is_given() {
        let step = |now| warning_step(at(30), &[7, 1], now);
        assert_eq!(step(at(22)), None);
        assert_eq!(step(at(23)), Some(7));
        assert_eq!(step(at(29) - TimeDelta::seconds(1)), Some(7));
        assert_eq!(step(at(29)), Some(1));
        assert_eq!(step(at(30)), None);
        assert_eq!(warning_step(at(30), &[], at(29)), None);
    }
}
