//! The requests of an ESME, and their answers.

use std::sync::Arc;

use bytes::Bytes;

use super::account::Account;
use super::shared::Shared;
use crate::domain::Report;
use crate::links::smpp::driver::Handle;
use crate::links::smpp::reports;
use crate::processor::Known;
use crate::smpp::address::Address;
use crate::smpp::message::Message;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::submit_multi::{Destination, Unsuccessful};
use crate::smpp::pdu::{Body, QuerySm, QuerySmResp, Sm, SubmitMulti, SubmitMultiResp};
use crate::smpp::receipt::MessageState;
use crate::smpp::session::Ticket;
use crate::smpp::{CommandStatus, Pdu};

/// Octets of one segment on the air.
const SEGMENT_OCTETS: usize = 140;
/// Serves a request of a bound session. It does not block.
pub(super) fn serve(shared: &Arc<Shared>, account: &Arc<Account>, ticket: Ticket, pdu: &Pdu, handle: &Handle) {
    let refuse = |status| handle.answer(ticket, status, None);
    match &pdu.body {
        Body::SubmitSm(sm) => match check(sm) {
            Ok(()) => take(account, ticket, pdu, handle),
            Err(status) => refuse(status),
        },
        Body::DataSm(data) => match data.check() {
            Ok(()) => take(account, ticket, pdu, handle),
            Err(status) => refuse(status),
        },
        Body::SubmitMulti(multi) => {
            let (multi, account, handle) = (multi.clone(), account.clone(), handle.clone());
            shared.tasks.spawn(async move { submit_multi(&account, ticket, multi, &handle).await });
        }
        Body::QuerySm(_) if !account.may_send(1) => refuse(CommandStatus::THROTTLED),
        Body::QuerySm(query) => {
            let (query, account, handle) = (query.clone(), account.clone(), handle.clone());
            let shared_too = shared.clone();
            shared.tasks.spawn(async move { query_sm(&shared_too, &account, ticket, query, &handle).await });
        }
        // A message is carried out as soon as it is taken, so that it cannot be cancelled or replaced.
        Body::CancelSm(_) => refuse(CommandStatus::CANCEL_FAILED),
        Body::ReplaceSm(_) => refuse(CommandStatus::REPLACE_FAILED),
        _ => refuse(CommandStatus::INVALID_COMMAND_ID),
    }
}

/// Refuses a schedule and a predefined message, which are not supported.
fn check(sm: &Sm) -> Result<(), CommandStatus> {
    offered(!sm.schedule_delivery_time.is_empty(), sm.sm_default_msg_id)
}

fn offered(is_scheduled: bool, default_message: u8) -> Result<(), CommandStatus> {
    match (is_scheduled, default_message) {
        // A request is carried out now or not at all.
        (true, _) => Err(CommandStatus::INVALID_SCHEDULE),
        (false, 0) => Ok(()),
        (false, _) => Err(CommandStatus::INVALID_DEFAULT_MESSAGE),
    }
}

fn take(account: &Arc<Account>, ticket: Ticket, pdu: &Pdu, handle: &Handle) {
    let octets = Message::of(&pdu.body).map_or(0, |message| message.octets.len());
    if account.may_send(segments(octets)) {
        account.inbound().serve(ticket, pdu, handle);
    } else {
        handle.answer(ticket, CommandStatus::THROTTLED, None);
    }
}

/// Returns the number of segments that a text of this length counts as in the rate limit.
fn segments(octets: usize) -> u32 {
    // A short_message of up to 160 unpacked septets is one segment.
    if octets <= 160 { 1 } else { u32::try_from(octets.div_ceil(SEGMENT_OCTETS)).unwrap_or(u32::MAX) }
}

/// Takes one message for each short code. All are answered together, with the identifier of the first that was taken.
async fn submit_multi(account: &Account, ticket: Ticket, multi: SubmitMulti, handle: &Handle) {
    if let Err(status) = offered(!multi.schedule_delivery_time.is_empty(), multi.sm_default_msg_id) {
        return handle.answer(ticket, status, None);
    }
    let all = multi.destinations.all();
    let each = segments(multi.short_message.octets().len());
    if !account.may_send(each.saturating_mul(u32::try_from(all.len()).unwrap_or(u32::MAX))) {
        return handle.answer(ticket, CommandStatus::THROTTLED, None);
    }
    let mut outcomes = Outcomes::default();
    let message = |destination| message(&multi, destination).ok_or(CommandStatus::SUBMIT_FAILED);
    // If the peer gave an identifier, it is that of the request. Each destination becomes a message of its own.
    let key = message(Address::default()).map(|message| account.inbound().key(&message)).unwrap_or_default();
    for destination in all {
        let (address, outcome) = match destination {
            Destination::Address(address) => (
                *address,
                match message(*address) {
                    Ok(_) if outcomes.is_away => Err(CommandStatus::SYSTEM_ERROR),
                    Ok(message) => account.inbound().take_alone(&key, message).await,
                    Err(status) => Err(status),
                },
            ),
            // Distribution lists are not supported. The answer has only an address field for the name of a list.
            Destination::List(name) => {
                let address = Address { value: *name, ..Default::default() };
                (address, Err(CommandStatus::INVALID_LIST_NAME))
            }
        };
        outcomes.add(address, outcome);
    }
    let (status, resp) = outcomes.answer();
    handle.answer(ticket, status, Some(Body::SubmitMultiResp(resp)));
}

/// The outcomes for the destinations of one request.
#[derive(Default)]
struct Outcomes {
    /// Identifier of the first message that was taken.
    taken: Option<String>,
    refused: Vec<(Address, CommandStatus)>,
    /// The database did not answer for one destination. The rest do not wait for it.
    is_away: bool,
}

impl Outcomes {
    fn add(&mut self, address: Address, outcome: Result<String, CommandStatus>) {
        match outcome {
            Ok(id) => _ = self.taken.get_or_insert(id),
            Err(status) => {
                self.is_away |= status == CommandStatus::SYSTEM_ERROR;
                self.refused.push((address, status));
            }
        }
    }

    fn answer(self) -> (CommandStatus, SubmitMultiResp) {
        let status = match (&self.taken, self.refused.first()) {
            (None, Some((_, status))) => *status,
            _ => CommandStatus::OK,
        };
        let message_id = self.taken.map_or_else(Bytes::new, Bytes::from);
        // There are no more than destinations, so that they fit.
        let unsuccessful = Unsuccessful::new(self.refused).unwrap_or_default();
        (status, SubmitMultiResp { message_id, unsuccessful, ..SubmitMultiResp::default() })
    }
}

fn message(multi: &SubmitMulti, destination: Address) -> Option<Message> {
    let sm = Sm {
        service_type: multi.service_type,
        source: multi.source,
        destination,
        esm_class: multi.esm_class,
        registered_delivery: multi.registered_delivery,
        data_coding: multi.data_coding,
        short_message: multi.short_message.clone(),
        tlvs: multi.tlvs.clone(),
        ..Sm::default()
    };
    Message::of(&Body::SubmitSm(sm))
}

async fn query_sm(shared: &Shared, account: &Account, ticket: Ticket, query: QuerySm, handle: &Handle) {
    let id = query.message_id.to_string();
    let known = if id.is_empty() {
        Ok(Known::Unknown)
    } else {
        shared.application.find(account.name(), format!("{}:{id}", account.name())).await
    };
    let resp = QuerySmResp { message_id: query.message_id, ..QuerySmResp::default() };
    let (status, resp) = match known {
        Ok(Known::Ended(report)) => (CommandStatus::OK, ended(&report, query.message_id)),
        Ok(Known::Waiting) => (CommandStatus::OK, QuerySmResp { message_state: MessageState::EnRoute.code(), ..resp }),
        Ok(Known::Unknown) => (CommandStatus::QUERY_FAILED, resp),
        Err(_) => (CommandStatus::SYSTEM_ERROR, resp),
    };
    handle.answer(ticket, status, Some(Body::QuerySmResp(resp)));
}

fn ended(report: &Report, message_id: Octets<65>) -> QuerySmResp {
    // `YYMMDDhhmmsstnnp` (section 7.1.1).
    let final_date = report.done_at.format("%y%m%d%H%M%S000+").to_string();
    QuerySmResp {
        final_date: Octets::from_text(&final_date).unwrap_or_default(),
        message_state: reports::state(report.ending).code(),
        error_code: report.error_code,
        message_id,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::Ending;

    #[test]
    fn a_long_text_counts_as_its_segments() {
        assert_eq!([0, 1, 160, 161, 281, 1_000].map(segments), [1, 1, 1, 2, 3, 8]);
    }

    #[test]
    fn a_query_is_answered_with_the_ending() {
        let at = DateTime::from_timestamp(1_718_360_049, 0).unwrap();
        for (ending, state) in [
            (Ending::Applied, 2),
            (Ending::Informed, 6),
            (Ending::Duplicate, 8),
            (Ending::Refused, 8),
            (Ending::Quarantined, 5),
        ] {
            let resp = ended(
                &Report { ending, error_code: 17, submitted_at: at, done_at: at, numbering: None },
                Octets::default(),
            );
            assert_eq!((resp.message_state, resp.error_code), (state, 17), "{ending:?}");
            assert_eq!(resp.final_date.to_string(), "240614101409000+");
        }
    }
}
