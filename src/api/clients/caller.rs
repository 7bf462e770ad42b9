//! The client that calls, and the language that it asks for.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::language;
use crate::api::bearer::Bearer;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::Language;
use crate::links::clients::Client;
use crate::processor::Answer;

/// The client that calls, and the language that it asks for.
pub(in crate::api) struct Caller {
    pub(super) client: Arc<Client>,
    language: Option<Language>,
}

impl Caller {
    /// Returns the text of a refusal in the language that is asked for. If none is, returns the text that was
    /// committed.
    pub(super) fn words(&self, server: &Server, answer: &Answer) -> Option<String> {
        match (self.language, answer.outcome.rejection()) {
            (Some(language), Some(rejection)) => Some(server.clients.words(&self.client, rejection, Some(language))),
            _ => answer.reply.clone(),
        }
    }
}

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let Bearer(client) = Bearer::from_request_parts(request, server).await?;
        Ok(Self { client, language: language::asked(&request.headers, &server.clients.languages()) })
    }
}
