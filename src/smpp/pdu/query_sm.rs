//! `query_sm`: asks for the state of a message (section 4.8).

use bytes::{BufMut, BytesMut};

use crate::smpp::address::{Address, SOURCE, put_string};
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, integer, string};
use crate::smpp::status::CommandStatus;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuerySm {
    /// Identifier that the SMSC gave the message.
    pub message_id: Octets<65>,
    pub source: Address,
}

impl QuerySm {
    /// `query_sm = message_id source`
    pub(in crate::smpp) fn decode(input: &[u8]) -> Parsed<'_, Self> {
        let (input, message_id) = string("message_id", CommandStatus::INVALID_MESSAGE_ID)(input)?;
        let (input, source) = Address::decode(input, &SOURCE)?;
        Ok((input, Self { message_id, source }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.message_id, out);
        self.source.put(out);
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuerySmResp {
    pub message_id: Octets<65>,
    /// Time of the final state; empty if it is not reached.
    pub final_date: Octets<17>,
    /// 1 en route, 2 delivered, 3 expired, … (section 5.2.28).
    pub message_state: u8,
    /// Error code of the network, or 0.
    pub error_code: u8,
}

impl QuerySmResp {
    /// `query_sm_resp = message_id final_date message_state:u8 error_code:u8`
    pub(in crate::smpp) fn decode(input: &[u8]) -> Parsed<'_, Self> {
        let (input, message_id) = string("message_id", CommandStatus::INVALID_MESSAGE_ID)(input)?;
        let (input, final_date) = string("final_date", CommandStatus::QUERY_FAILED)(input)?;
        let (input, message_state) = integer("message_state")(input)?;
        let (input, error_code) = integer("error_code")(input)?;
        Ok((input, Self { message_id, final_date, message_state, error_code }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.message_id, out);
        put_string(&self.final_date, out);
        out.put_slice(&[self.message_state, self.error_code]);
    }
}
