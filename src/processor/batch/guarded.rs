//! The PIN that protects a request, judged before the request is decided.

use super::state::BatchState;
use crate::domain::voucher::Lockout;
use crate::domain::{Decision, Guard, Outcome, Reason, Rejection, Rules};

impl BatchState {
    /// The refusal by the PIN; `None` if the request may be decided. The right PIN of an account ends its count of wrong
    /// ones.
    pub(super) fn guarded(&mut self, guard: &Guard, rules: &Rules) -> Option<Outcome> {
        let Some(refusal) = guard.refusal(&self.known, rules, self.now) else {
            self.forgive(guard.forgiven());
            return None;
        };
        Some(match refusal {
            Decision::Strike { rejection, sender, lockout } => self.strike(rejection, sender, lockout),
            Decision::Refuse(rejection) => Outcome::rejected(rejection),
            // A guard decides nothing else. If it did, the PIN would not be known to be right.
            Decision::Post(_)
            | Decision::PostList(_)
            | Decision::Keep(_)
            | Decision::Offer(_)
            | Decision::Duplicate { .. }
            | Decision::Forward(_)
            | Decision::ForwardedBefore(_)
            | Decision::Cancel(_) => Outcome::rejected(Rejection::new(Reason::PinNotVerified)),
        })
    }

    /// Counts a wrong code or PIN.
    pub(super) fn strike(&mut self, rejection: Rejection, sender: String, lockout: Lockout) -> Outcome {
        self.known.lockouts.insert(sender.clone(), lockout);
        self.lockout_changed(sender);
        Outcome::rejected(rejection)
    }

    fn forgive(&mut self, sender: Option<String>) {
        let Some(sender) = sender else { return };
        let Some(lockout) = self.known.lockouts.get_mut(&sender) else { return };
        if *lockout != Lockout::default() {
            *lockout = Lockout::default();
            self.lockout_changed(sender);
        }
    }
}
