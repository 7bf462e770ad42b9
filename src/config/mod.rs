//! The configuration: one file, overrides by the environment, one struct for each section, validated at load.
//!
//! - [`Config::load`] reads `mbush.toml` and the variables `MBUSH_<SECTION>__<KEY>`; [`Config::examine`] continues
//!   after errors, so that all are reported at once
//! - [`section`]: the sections `[store]`, `[grammars]`, `[subscribers]`, `[validity]`, `[limits]`, `[redelivery]`,
//!   `[accounts.*]`, `[processor]`, `[dispatch]`, `[quarantine]`, `[log]`
//! - [`bank`]: `[banks.*]`, banks, and where they verify PINs
//! - [`http`]: `[http]`, the HTTP server
//! - [`link`]: a link to an SMSC over SMPP; [`gateway`]: a gateway over HTTP; both are `[links.*]`, as is an ESME of
//!   [`smpp_server`]
//! - [`client`]: `[clients.*]`, clients that order top-ups under idempotency keys; [`iso8583`]: `[iso8583]`, the server
//!   for those that are switches
//! - [`forward`]: `[forward.*]`, systems that requests are handed to
//! - [`jobs`]: `[life]` and `[audit]`, periodic tasks
//! - [`limits`], [`products`], [`bonus`]: rules of top-ups as data; `rules` builds the rules for decisions from all
//!   sections
//! - [`voucher`]: scratch cards
//! - [`dealers`]: commissions and limits of dealers
//! - [`credit_transfer`]: credit that subscribers send to each other, and their PINs
//! - [`replies`]: `[replies]`, limits on replies
//! - [`staff`]: `[staff]`, orders of staff
//! - [`tls`]: certificates of SMPP sessions
//! - [`secret`]: values from the file, the environment or a file of their own, which are never printed; `secrets`
//!   checks all of them together
//! - [`key_file`]: files of keys, which only their owner may be able to read
//! - [`money`]: sums of money, which are texts; `renamed`: keys that had another name in earlier versions
//! - `word`: words of closed sets, with errors that list all of them; `values`: addresses, senders and other values of
//!   several sections; [`Named`]: the names in a file, even in parts that cannot be read

pub mod bank;
pub mod bonus;
pub mod client;
mod country;
pub mod credit_transfer;
pub mod dealers;
mod environment;
mod examined;
pub mod forward;
pub mod gateway;
pub mod http;
pub mod iso8583;
pub mod jobs;
pub mod key_file;
pub mod limits;
pub mod link;
mod load;
pub mod money;
mod named;
mod problem;
pub mod products;
mod read_link;
mod renamed;
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
mod values;
pub mod voucher;
mod word;

use std::collections::BTreeMap;

pub use examined::Examined;
pub use named::Named;
pub use problem::ConfigError;
use word::{some_word, word, words};

use crate::domain::Rules;

/// The whole configuration, valid by construction.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[country]`, with the facts of its folder.
    pub country: country::Country,
    pub store: section::Store,
    pub http: http::Http,
    pub grammars: section::Grammars,
    pub gateways: gateway::Formats,
    pub numbering: section::Numbering,
    /// The rules for decisions, built from `[subscribers]`, `[validity]`, `[limits]`, `[banks.*]` and other sections.
    pub rules: Rules,
    pub processor: section::Processor,
    pub dispatch: section::Dispatch,
    pub quarantine: section::Quarantine,
    pub life: jobs::Life,
    pub audit: jobs::Audit,
    pub vouchers: voucher::Vouchers,
    pub pins: credit_transfer::Pins,
    /// By bank, where it verifies PINs.
    pub pin_checks: BTreeMap<String, bank::PinCheck>,
    pub dealers: dealers::Dealers,
    pub staff: staff::Staff,
    pub log: section::Log,
    /// The SMPP server for ESMEs.
    pub smpp_server: smpp_server::SmppServer,
    /// The server for switches of cash machines.
    pub iso8583: iso8583::Iso8583,
    pub clients: BTreeMap<String, client::Client>,
    /// Systems that requests are handed to, by the names of the requests.
    pub forward: BTreeMap<String, forward::Forward>,
    pub links: BTreeMap<String, Link>,
}

/// One `[links.NAME]`; its kind depends on `kind`.
#[derive(Debug, Clone)]
pub enum Link {
    /// `kind = "smsc"`: this program binds to an SMSC.
    Smsc(link::Smsc),
    /// `kind = "esme"`: a bank or an aggregator binds to this program.
    Esme(smpp_server::Esme),
    /// `kind = "http"`: a gateway posts messages to this program, which posts replies to it.
    Http(gateway::HttpGateway),
}
