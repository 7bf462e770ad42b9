//! Every route of the server, in one table.

use std::sync::Arc;

use axum::middleware::{from_extractor_with_state, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::backoff::{self, Backoff};
use super::bearer::Bearer;
use super::clients::{lookup, top_ups, vouchers};
use super::front::{Effect, Front, Limits, OF_SERVER};
use super::gateway_roster::Gateway;
use super::gateways::{formats, sms, ussd};
use super::staff::Staff;
use super::state::Server;
use super::{health, metrics, sessions};
use crate::config::http::Http;
use crate::links::clients::Client;
use Access::{OfClient, OfGateway, OfLink, OfStaff, Public};
use Effect::{Reads, Writes};
use Method::{Get, Post};

/// One route.
#[derive(Debug)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path; `{key}` stands for a segment.
    pub path: &'static str,
    /// The credential that opens it.
    pub access: Access,
    /// Effect of a request. After a lost answer, one that writes is sent again under the same key.
    pub effect: Effect,
    /// Limits of one request.
    limits: Limits,
    /// Name in `mbush_http_requests_total`.
    pub name: &'static str,
    /// Description for `docs/http.md`.
    pub about: &'static str,
    /// Page and heading that describe it, relative to `docs/`.
    pub page: &'static str,
    handler: fn(MethodFilter) -> MethodRouter<Arc<Server>>,
}

/// The method of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`, and `HEAD`.
    Get,
    /// `POST`.
    Post,
}

/// The credential that opens a route: the bearer secret of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// None.
    Public,
    /// `secret` of a `[links.NAME]` with `kind = "http"`.
    OfGateway,
    /// `secret` of the `[links.NAME]` that the path names, or a signature that is made with it, as the format of its
    /// gateway says.
    OfLink,
    /// `secret` of a `[clients.NAME]`.
    OfClient,
    /// `http.admin_secret`.
    OfStaff,
}

/// All routes. The router and the table of `docs/http.md` are generated from it.
pub static ROUTES: &[Route] = &[
    Route {
        method: Post,
        path: "/v1/sms",
        access: OfGateway,
        effect: Writes,
        limits: OF_SERVER,
        name: "sms",
        about: "Receives an SMS that a customer sent to a short code",
        page: "api.md#messages-of-gateways",
        handler: |method| on(method, sms::receive),
    },
    Route {
        method: Post,
        path: "/v1/ussd",
        access: OfGateway,
        effect: Writes,
        limits: OF_SERVER,
        name: "ussd",
        about: "Receives one step of a USSD dialogue",
        page: "ussd.md#over-http",
        handler: |method| on(method, ussd::receive),
    },
    Route {
        method: Get,
        path: "/v1/gateways/{link}/messages",
        access: OfLink,
        effect: Writes,
        limits: OF_SERVER,
        name: "gateway_messages_by_get",
        about: "Receives messages of customers in the format of a gateway",
        page: "gateways.md#messages",
        handler: |method| on(method, formats::messages),
    },
    Route {
        method: Post,
        path: "/v1/gateways/{link}/messages",
        access: OfLink,
        effect: Writes,
        limits: OF_SERVER,
        name: "gateway_messages",
        about: "Receives messages of customers in the format of a gateway",
        page: "gateways.md#messages",
        handler: |method| on(method, formats::messages),
    },
    Route {
        method: Get,
        path: "/v1/gateways/{link}/receipts",
        access: OfLink,
        effect: Writes,
        limits: OF_SERVER,
        name: "gateway_receipts_by_get",
        about: "Receives delivery receipts in the format of a gateway",
        page: "gateways.md#receipts",
        handler: |method| on(method, formats::receipts),
    },
    Route {
        method: Post,
        path: "/v1/gateways/{link}/receipts",
        access: OfLink,
        effect: Writes,
        limits: OF_SERVER,
        name: "gateway_receipts",
        about: "Receives delivery receipts in the format of a gateway",
        page: "gateways.md#receipts",
        handler: |method| on(method, formats::receipts),
    },
    Route {
        method: Post,
        path: "/v1/lookup",
        access: OfClient,
        effect: Reads,
        limits: OF_SERVER,
        name: "lookup",
        about: "Returns whether a top-up would be done now",
        page: "api.md#a-lookup",
        handler: |method| on(method, lookup::lookup),
    },
    Route {
        method: Post,
        path: "/v1/topups",
        access: OfClient,
        effect: Writes,
        limits: OF_SERVER,
        name: "top_up",
        about: "Tops up a number",
        page: "api.md#a-top-up",
        handler: |method| on(method, top_ups::make),
    },
    Route {
        method: Get,
        path: "/v1/topups/{key}",
        access: OfClient,
        effect: Reads,
        limits: OF_SERVER,
        name: "order_state",
        about: "Returns the state of a top-up or a voucher redemption",
        page: "api.md#keys",
        handler: |method| on(method, top_ups::show),
    },
    Route {
        method: Post,
        path: "/v1/topups/{key}/reversal",
        access: OfClient,
        effect: Writes,
        limits: OF_SERVER,
        name: "reversal",
        about: "Reverses a top-up, or prevents it",
        page: "api.md#a-reversal",
        handler: |method| on(method, top_ups::reverse),
    },
    Route {
        method: Post,
        path: "/v1/vouchers/redeem",
        access: OfClient,
        effect: Writes,
        limits: OF_SERVER,
        name: "voucher",
        about: "Redeems a scratch card for a number",
        page: "api.md#a-scratch-card",
        handler: |method| on(method, vouchers::redeem),
    },
    Route {
        method: Get,
        path: "/v1/smpp/sessions",
        access: OfStaff,
        effect: Reads,
        limits: OF_SERVER,
        name: "smpp_sessions",
        about: "Lists the bound SMPP sessions",
        page: "api.md#sessions",
        handler: |method| on(method, sessions::list),
    },
    Route {
        method: Get,
        path: "/health",
        access: Public,
        effect: Reads,
        limits: OF_SERVER,
        name: "health",
        about: "Returns readiness, with the state of each link",
        page: "operations.md#health",
        handler: |method| on(method, health::ready),
    },
    Route {
        method: Get,
        path: "/health/ready",
        access: Public,
        effect: Reads,
        limits: OF_SERVER,
        name: "health_ready",
        about: "The same as `GET /health`",
        page: "operations.md#health",
        handler: |method| on(method, health::ready),
    },
    Route {
        method: Get,
        path: "/health/store",
        access: Public,
        effect: Reads,
        limits: OF_SERVER,
        name: "health_store",
        about: "Returns whether the database takes writes",
        page: "operations.md#health",
        handler: |method| on(method, health::store),
    },
    Route {
        method: Get,
        path: "/health/live",
        access: Public,
        effect: Reads,
        limits: OF_SERVER,
        name: "health_live",
        about: "Returns 200 while the program runs",
        page: "operations.md#health",
        handler: |method| on(method, health::live),
    },
    Route {
        method: Get,
        path: "/metrics",
        access: Public,
        effect: Reads,
        limits: OF_SERVER,
        name: "metrics",
        about: "Returns all metrics in the text format of Prometheus",
        page: "metrics.md",
        handler: |method| on(method, metrics::metrics),
    },
];

impl Route {
    /// Returns the handler behind the checks of its row: a request without the credential does not reach it.
    pub(super) fn service(
        &self,
        settings: &Http,
        server: &Arc<Server>,
        backoff: &Arc<Backoff>,
    ) -> MethodRouter<Arc<Server>> {
        let front = Front::new(self.name, self.effect, self.limits, settings);
        let (methods, server) = ((self.handler)(self.method.filter()), server.clone());
        let opened = match self.access {
            Public => return front.before(methods),
            // The handler checks the credential, which may depend on the body.
            OfLink => methods,
            OfGateway => methods.route_layer(from_extractor_with_state::<Bearer<Gateway>, _>(server)),
            OfClient => methods.route_layer(from_extractor_with_state::<Bearer<Client>, _>(server)),
            OfStaff => methods.route_layer(from_extractor_with_state::<Bearer<Staff>, _>(server)),
        };
        front.before(opened.layer(from_fn_with_state(backoff.clone(), backoff::watch)))
    }
}

impl Method {
    /// The word in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Get => "GET",
            Post => "POST",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Get => MethodFilter::GET,
            Post => MethodFilter::POST,
        }
    }
}
