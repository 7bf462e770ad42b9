//! Requests of a dealer's phone, and the commands that are made of them.

use uuid::Uuid;

use super::{Resolver, looked_up};
use crate::domain::{
    AccountKey, Channel, Command, InboundSms, Msisdn, Payer, Reason, ReasonCode, RechargeCommand, Rejection, Request,
    ReverseCommand, Seller, Service, StockCommand, StockReceiver, Target, TransferKind, Undo,
};
use crate::grammar::TransferRequest;
use crate::processor::answer::NotAccepted;
use crate::processor::parse::{Dealing, Read};
use crate::store::StatementLine;

/// Number of a wallet's latest entries that are searched for the sale to be reversed.
const ENTRIES_SEARCHED: u32 = 200;

impl Resolver {
    /// Finds the dealer of the phone, and makes a command of its request.
    pub(super) async fn deal(
        &self,
        phone: Msisdn,
        dealing: Dealing,
        mut request: TransferRequest,
        message: &InboundSms,
    ) -> Result<Read, NotAccepted> {
        let Some(dealer) = looked_up(self.store.dealer_of(phone).await)? else {
            return Ok(Read::refused(Reason::DealerUnknown, request.bank));
        };
        let check = self.check(&dealer.wallet(), request.pin.take()).await?;
        let seller = Seller { dealer, phone, check };
        match dealing {
            Dealing::Sale => Ok(sale(request, seller, message)),
            Dealing::Stock => self.stock(request, seller, message).await,
            Dealing::Undo => self.undo(request, seller, message).await,
        }
    }

    async fn stock(&self, request: TransferRequest, seller: Seller, message: &InboundSms) -> Result<Read, NotAccepted> {
        let phone = request.line.msisdn;
        let dealer = looked_up(self.store.dealer_of(phone).await)?;
        Ok(Read::command(Command::Stock(Box::new(StockCommand {
            id: Uuid::now_v7(),
            bank: request.bank,
            form: request.form,
            from: seller,
            to: StockReceiver { phone, dealer },
            amount: request.amount,
            repeat: request.repeat,
            language: request.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    /// Reverses the last sale to a number if it was of this amount. A reversed sale remains the last one, so that a
    /// redelivered request does not reverse an earlier sale.
    async fn undo(&self, request: TransferRequest, seller: Seller, message: &InboundSms) -> Result<Read, NotAccepted> {
        let credited = AccountKey::subscriber(request.line.msisdn);
        let entries = looked_up(self.store.statement(&seller.dealer.wallet(), ENTRIES_SEARCHED).await)?;
        let is_sale = |entry: &&StatementLine| {
            entry.kind.known() == Some(TransferKind::TopUp) && entry.other.known().as_ref() == Some(&credited)
        };
        let sale = entries.iter().find(is_sale);
        let sale = sale.filter(|entry| entry.amount == request.amount);
        let mut moved = match sale {
            Some(entry) => looked_up(self.store.command_of(entry.id).await)?,
            None => Vec::new(),
        };
        if moved.is_empty() {
            let unknown = Rejection::new(Reason::SaleUnknown);
            let unknown = unknown.with(|details| details.value = Some(request.line.msisdn.to_string()));
            return Ok(Read::failed(unknown, Some(request.bank), String::new()));
        }
        let main = moved.remove(0);
        Ok(Read::command(Command::Reverse(ReverseCommand {
            id: Uuid::now_v7(),
            main,
            further: moved,
            reason: ReasonCode::WrongNumber,
            payer: Some(Payer::Dealer(Box::new(seller.clone()))),
            undo: Some(Box::new(Undo { seller, received_at: message.received_at })),
        })))
    }
}

fn sale(request: TransferRequest, seller: Seller, message: &InboundSms) -> Read {
    Read::command(Command::Recharge(RechargeCommand {
        id: Uuid::now_v7(),
        request: Request {
            bank: request.bank,
            form: request.form,
            service: Service::Mobile,
            target: Target::Line(request.line),
            amount: Some(request.amount),
            repeat: request.repeat,
            reference: None,
            fields: request.fields,
            language: request.language,
        },
        payer: Payer::Dealer(Box::new(seller)),
        channel: Channel::Dealer,
        received_at: message.received_at,
        redelivery_doubt_since: message.redelivery_doubt_since,
    }))
}
