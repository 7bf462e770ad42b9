//! Who writes for a dealer, and what that comes to as a command: looked up before the batch, as PINs are compared there.

use uuid::Uuid;

use super::NotAccepted;
use super::intake::{Job, Read, failed};
use super::pins::{PinDesk, Pins};
use super::plan::BatchPlan;
use crate::domain::{
    AccountKey, Channel, Command, Msisdn, OutboundSms, Payer, Posting, Reason, ReasonCode, RechargeCommand, Rejection,
    Request, ReverseCommand, Seller, Service, StockCommand, Target, Transfer, TransferKind, Undo,
};
use crate::grammar::{Giving, TransferRequest};
use crate::store::StoreError;

/// So many of a wallet's latest entries are searched for the sale that is to be taken back.
const ENTRIES_SEARCHED: u32 = 200;

impl PinDesk {
    /// Makes a command of what a dealer's phone asks for. Until here it is refused, because the phone is no dealer's.
    pub(super) async fn deal(&self, mut job: Job, request: TransferRequest, pins: Pins) -> Result<Job, NotAccepted> {
        let Some(phone) = job.sender else { return Ok(job) };
        let Some(dealer) = self.store.dealer_of(phone).await.map_err(|error| NotAccepted::failed(&error))? else {
            return Ok(job);
        };
        let check = match pins.now {
            Some(pin) => Some(self.check(&dealer.wallet(), pin).await?),
            None => None,
        };
        let seller = Seller { dealer, phone, check };
        job.read = match request.giving {
            Giving::Sale => command(Command::Recharge(sale(request, seller, &job))),
            Giving::Stock => {
                let to =
                    self.store.dealer_of(request.line.msisdn).await.map_err(|error| NotAccepted::failed(&error))?;
                command(Command::Stock(Box::new(StockCommand {
                    id: Uuid::now_v7(),
                    bank: request.bank,
                    form: request.form,
                    from: seller,
                    to: (to, request.line.msisdn),
                    amount: request.amount,
                    repeat: request.repeat,
                    language: request.language,
                    received_at: job.message.received_at,
                    redelivery_doubt_since: job.message.redelivery_doubt_since,
                })))
            }
            Giving::Undo => self.undo(request, seller, &job).await.map_err(|error| NotAccepted::failed(&error))?,
            Giving::Credit => return Ok(job),
        };
        Ok(job)
    }

    /// The last sale to a number goes back, where it was this one. What has gone back stays the last one, so that the
    /// network's second delivery of the wish takes nothing else back.
    async fn undo(&self, request: TransferRequest, seller: Seller, job: &Job) -> Result<Read, StoreError> {
        let credited = AccountKey::subscriber(request.line.msisdn);
        let entries = self.store.statement(&seller.dealer.wallet(), ENTRIES_SEARCHED).await?;
        let sale = entries.iter().find(|entry| entry.kind == TransferKind::TopUp && entry.other == credited);
        let sale = sale.filter(|entry| entry.amount == request.amount);
        let mut moved = match sale {
            Some(entry) => self.store.command_of(entry.id).await?,
            None => Vec::new(),
        };
        if moved.is_empty() {
            let unknown = Rejection::new(Reason::SaleUnknown);
            let unknown = unknown.with(|details| details.value = Some(request.line.msisdn.to_string()));
            return Ok(failed(unknown, Some(request.bank), String::new()));
        }
        let main = moved.remove(0);
        Ok(command(Command::Reverse(ReverseCommand {
            id: Uuid::now_v7(),
            main,
            further: moved,
            reason: ReasonCode::WrongNumber,
            payer: Some(Payer::Dealer(Box::new(seller.clone()))),
            undo: Some(Box::new(Undo { seller, received_at: job.message.received_at })),
        })))
    }
}

fn command(command: Command) -> Read {
    Read::Command(Box::new(command))
}

fn sale(request: TransferRequest, seller: Seller, job: &Job) -> RechargeCommand {
    RechargeCommand {
        id: Uuid::now_v7(),
        request: Request {
            bank: request.bank,
            form: request.form,
            service: Service::Mobile,
            target: Target::Line(request.line),
            amount: Some(request.amount),
            repeat: request.repeat,
            reference: None,
            language: request.language,
        },
        payer: Payer::Dealer(Box::new(seller)),
        channel: Channel::Dealer,
        received_at: job.message.received_at,
        redelivery_doubt_since: job.message.redelivery_doubt_since,
    }
}

impl BatchPlan<'_> {
    /// Tells the other side of what a dealer did: who was sold to, or got stock; and the dealer, when stock runs low.
    pub(super) fn tell_of_dealing(&mut self, command: &Command, posting: &Posting, job: &Job) {
        let main = &posting.main;
        let mut texts: Vec<(Msisdn, String)> = Vec::new();
        match command {
            Command::Recharge(recharge) => {
                let (Some(seller), Target::Line(line)) = (recharge.seller(), &recharge.request.target) else { return };
                let account = self.sheet.known.accounts.get(&main.credit);
                if line.msisdn != seller.phone
                    && let Some(account) = account
                {
                    let language = account.language.unwrap_or(self.rules.language);
                    texts.push((
                        line.msisdn,
                        self.wording.topped_up((recharge.id, line.msisdn), posting, account, language),
                    ));
                }
                let stock = self.sheet.known.accounts.get(&main.debit).map_or(0, |wallet| wallet.balance_cents);
                let low = self.rules.dealers.low_stock_cents;
                let moved =
                    std::iter::once(main).chain(&posting.further).map(|movement| movement.cents_to(&main.debit));
                let before = stock - moved.sum::<i64>();
                // Once, by the sale that takes it below.
                if stock < low && before >= low {
                    texts.push((seller.phone, self.wording.low_stock(stock, self.language_of(seller.phone))));
                }
            }
            Command::Stock(stock) => {
                if let Some(wallet) = self.sheet.known.accounts.get(&main.credit) {
                    let language = self.language_of(stock.to.1);
                    texts.push((stock.to.1, self.wording.stock_received(stock, wallet, language)));
                }
            }
            Command::Reverse(reverse) if reverse.undo.is_some() => {
                let phone = main.debit.key.parse::<Msisdn>().ok();
                if let (Some(phone), Some(account)) = (phone, self.sheet.known.accounts.get(&main.debit)) {
                    let language = account.language.unwrap_or(self.rules.language);
                    texts.push((phone, self.wording.taken_back((reverse.id, phone), main.amount, account, language)));
                }
            }
            _ => return,
        }
        for ((to, text), place) in texts.into_iter().zip(1..) {
            self.sheet.writes.outbox.push(OutboundSms {
                // Beside the reply's own identifier, and as stable: the batch may be run again.
                id: Transfer::id_at(job.reply_id, place),
                message_key: job.message.key.clone(),
                link: job.message.link.clone(),
                from: job.message.to.clone(),
                to: to.digits(),
                to_source: None,
                text,
                created_at: self.sheet.now,
            });
        }
    }

    /// The language of who has this phone, as far as its account was looked at.
    fn language_of(&self, phone: Msisdn) -> crate::domain::Language {
        let account = self.sheet.known.accounts.get(&AccountKey::subscriber(phone));
        account.and_then(|account| account.language).unwrap_or(self.rules.language)
    }
}
