//! Hashes the code of a scratch card.

use uuid::Uuid;
use zeroize::Zeroize;

use super::parsed::Read;
use crate::domain::voucher::{Code, Keys, RedeemCommand};
use crate::domain::{Command, Fingerprint, InboundSms, Msisdn, Reason, Rejection, Target};
use crate::grammar::VoucherRequest;

/// Keeps only the hashes of a code; of a code with typing errors, not even those. Without a key there are no cards.
pub(super) fn redemption(
    keys: &Keys,
    mut voucher: VoucherRequest,
    message: &InboundSms,
    sender: Option<Msisdn>,
    order: Option<Fingerprint>,
) -> Read {
    let code = voucher.code.parse::<Code>();
    voucher.code.zeroize();
    match voucher.target {
        Target::Line(line) if keys.newest().is_some() => Read::command(Command::Redeem(Box::new(RedeemCommand {
            id: Uuid::now_v7(),
            bank: voucher.bank,
            form: voucher.form,
            hashes: code.map(|code| keys.hashes(code)).unwrap_or_default(),
            sender: sender.map_or_else(|| message.from.clone(), Msisdn::digits),
            line,
            received_at: message.received_at,
            order,
        }))),
        Target::Line(_) | Target::Registered(_) | Target::Username(_) | Target::Account(_) => {
            let rejection = Rejection::new(Reason::ServiceNotAvailable);
            let rejection = rejection.with(|details| details.service = Some("voucher".to_owned()));
            Read::failed(rejection, Some(voucher.bank), String::new())
        }
    }
}
