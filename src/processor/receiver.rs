//! Who gets credit from another hears of it too, by SMS and in the own language.

use super::intake::{Job, Told};
use super::plan::BatchPlan;
use crate::domain::{Applied, OutboundSms, Posting, Transfer};

impl BatchPlan<'_> {
    /// Puts the words on their way, from the short code that the credit was sent by: by the link of
    /// their route, or the one that the message came by.
    pub(super) fn tell_receiver(&mut self, posting: &Posting, applied: &Applied, job: &Job) {
        let (Some(number), Some(sender)) = (applied.beneficiary.number(), job.sender) else { return };
        let Some(account) = self.sheet.known.accounts.get(&posting.main.credit) else { return };
        let text = self.wording.received(applied, sender, account, account.language.unwrap_or(self.rules.language));
        let (link, from) = match &job.confirm {
            Told::Phone(confirm) => (&confirm.link, &confirm.from),
            Told::Writer | Told::Machine => (&job.message.link, &job.message.to),
        };
        let routed = self.rules.routes.link(from, &number.digits());
        self.sheet.writes.outbox.push(OutboundSms {
            // Beside the reply's own identifier, and as stable: the batch may be run again.
            id: Transfer::id_at(job.reply_id, 1),
            message_key: job.message.key.clone(),
            link: routed.unwrap_or(link).to_owned(),
            from: from.clone(),
            to: number.digits(),
            to_source: None,
            text,
            created_at: self.sheet.now,
        });
    }
}
