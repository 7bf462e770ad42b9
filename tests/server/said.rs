//! What simulated peers are made to say that they do not say by themselves.

use mbush::iso8583::Mti;
use mbush::simulator::esme::message;
use mbush::simulator::{Atm, NotDelivered, Smsc, Text};
use mbush::smpp::CommandStatus;

/// Octets that need be no text, as from this text's phone.
pub(crate) async fn deliver_octets(
    smsc: &Smsc,
    text: &Text,
    octets: Vec<u8>,
    data_coding: u8,
    esm_class: u8,
) -> Result<CommandStatus, NotDelivered> {
    smsc.deliver_sm(message(text, octets, data_coding, esm_class).unwrap()).await
}

/// A switch asks whether the other side is there; the response code.
pub(crate) async fn echo(atm: &Atm) -> Option<String> {
    let answer = atm.ask(&atm.message(Mti::NETWORK).with(70, "301")).await;
    answer.and_then(|answer| answer.get(39).map(str::to_owned))
}
