//! The configuration: one file, environment overrides, one struct a section, validated once.
//!
//! - [`Config::load`] reads `mbush.toml` and the variables `MBUSH_<SECTION>__<KEY>`; [`Config::examine`] goes on where
//!   something is wrong, so that all of it is told at once
//! - [`section`]: the sections `[store]`, `[grammars]`, `[subscribers]`, `[validity]`, `[limits]`, `[redelivery]`, `[banks.*]`,
//!   `[processor]`, `[dispatch]`, `[quarantine]`, `[log]`
//! - [`http`]: `[http]`, the HTTP server
//! - [`link`]: a link to an SMSC over SMPP; [`gateway`]: a gateway over HTTP; both are `[links.*]`, and so is an ESME
//!   of [`smpp_server`]
//! - [`client`]: `[clients.*]`, who orders top-ups under keys; [`iso8583`]: `[iso8583]`, the door of those that are switches
//! - [`upkeep`]: `[life]` and `[audit]`, what the server does by the clock
//! - [`limits`], [`products`], [`bonus`]: rules of top-ups as data; `rules` puts together all that a decision obeys
//! - [`voucher`]: scratch cards
//! - [`dealers`]: what dealers earn, and what they may do
//! - [`credit_transfer`]: credit that subscribers send to each other, and their PINs
//! - [`replies`]: `[replies]`, which replies are withheld
//! - [`staff`]: `[staff]`, what staff order
//! - [`tls`]: certificates of SMPP sessions
//! - [`secret`]: values that come from the file, the environment or a file of their own, and are never printed; `secrets`
//!   looks at all of them together
//! - [`key_file`]: keys, which their owner alone may read
//! - `word`: words of closed sets, whose errors name all of them; `values`: addresses, senders and other values of several
//!   sections; [`Named`]: what a file names, also where it cannot be read

pub mod bonus;
pub mod client;
pub mod credit_transfer;
pub mod dealers;
mod environment;
mod examined;
pub mod gateway;
pub mod http;
pub mod iso8583;
pub mod key_file;
pub mod limits;
pub mod link;
mod load;
mod named;
pub mod products;
mod read_link;
pub mod replies;
pub mod routes;
mod rules;
pub mod secret;
mod secrets;
pub mod section;
mod sections;
pub mod smpp_server;
pub mod staff;
pub mod tls;
pub mod upkeep;
mod values;
pub mod voucher;
mod word;

use std::collections::BTreeMap;

pub use examined::Examined;
pub use load::ConfigError;
pub use named::Named;
use word::{word, words};

use crate::domain::Rules;

/// The whole configuration, valid by construction.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where accounts and messages are kept.
    pub store: section::Store,
    /// The HTTP server.
    pub http: http::Http,
    /// The grammar files.
    pub grammars: section::Grammars,
    /// The numbering plan.
    pub numbering: section::Numbering,
    /// What a decision obeys, put together from `[subscribers]`, `[validity]`, `[limits]` and `[banks.*]`.
    pub rules: Rules,
    /// The batches.
    pub processor: section::Processor,
    /// The way of replies.
    pub dispatch: section::Dispatch,
    /// Messages that nobody could read.
    pub quarantine: section::Quarantine,
    /// The sweep over numbers, and warnings.
    pub life: upkeep::Life,
    /// Heads of days.
    pub audit: upkeep::Audit,
    /// Scratch cards.
    pub vouchers: voucher::Vouchers,
    /// What PINs are compared by.
    pub pins: credit_transfer::Pins,
    /// Dealers.
    pub dealers: dealers::Dealers,
    /// What staff order.
    pub staff: staff::Staff,
    /// Logs.
    pub log: section::Log,
    /// The SMPP server that banks bind to.
    pub smpp_server: smpp_server::SmppServer,
    /// The door for switches of cash machines.
    pub iso8583: iso8583::Iso8583,
    /// Who orders top-ups under keys, by name.
    pub clients: BTreeMap<String, client::Client>,
    /// Links by name.
    pub links: BTreeMap<String, Link>,
}

/// One `[links.NAME]`, told apart by its `kind`.
#[derive(Debug, Clone)]
pub enum Link {
    /// `kind = "smsc"`: we bind to an SMSC.
    Smsc(link::Smsc),
    /// `kind = "esme"`: a bank or an aggregator binds to us.
    Esme(smpp_server::Esme),
    /// `kind = "http"`: a gateway posts messages to us, and we post replies to it.
    Http(gateway::HttpGateway),
}

impl Config {
    /// Defaults with a database in this file and no links: what tests begin with.
    pub fn for_testing(database: &std::path::Path) -> Self {
        let mut config = Self::defaults();
        config.store.url = format!("sqlite://{}", database.display());
        config.http.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        config
    }
}
