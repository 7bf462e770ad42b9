//! Why a message was not taken, as a problem with its place.

use axum::http::StatusCode;

use crate::api::problem::Problem;
use crate::processor::NotAccepted;

pub(super) fn not_accepted(refusal: &NotAccepted, place: &'static str) -> Problem {
    match refusal {
        NotAccepted::Conflict | NotAccepted::Contradiction(_) => {
            Problem::new(StatusCode::CONFLICT, place, refusal.to_string())
        }
        NotAccepted::QueueFull | NotAccepted::Stopping | NotAccepted::Store | NotAccepted::Unknown => {
            Problem::unavailable(refusal.to_string())
        }
        NotAccepted::Throttled { seconds } => Problem::throttled(place, refusal.to_string(), *seconds),
    }
}
