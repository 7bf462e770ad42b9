//! Problem answers for orders that were not taken.

use axum::http::StatusCode;

use crate::api::problem::Problem;
use crate::domain::{Reason, Rejection};
use crate::links::clients::NotTaken;
use crate::processor::NotAccepted;

/// [`NotTaken::Refused`] has its cause in the number, or in the configuration of this client.
pub(super) fn not_taken(refusal: &NotTaken) -> Problem {
    match refusal {
        NotTaken::Refused(rejection) => rejected(rejection),
        NotTaken::NotAccepted(refusal) => not_accepted(refusal),
    }
}

fn rejected(rejection: &Rejection) -> Problem {
    let reason = rejection.reason;
    let place = if reason == Reason::DealerUnknown { "header Authorization" } else { "body /number" };
    let detail = match reason {
        Reason::DealerUnknown => {
            "there is no dealer of the name in this client's configuration; correct its `dealer`, or add the dealer"
        }
        Reason::ServiceNotAvailable => {
            "this client is not configured to top up numbers of this kind; `services` of its configuration says which"
        }
        Reason::NumberWrongLength => "the number has too few or too many digits; check it",
        Reason::NumberAmbiguous => "the number can be read in two ways; write it without spaces",
        Reason::ForbiddenCharacter => {
            "it has a character that hides or changes what is read; write it as it is dialled in the country, or with + and the country code"
        }
        Reason::NumberUnknown | Reason::NumberWrongKind => {
            "this is not a number of the numbering plan; write it as it is dialled in the country, or with + and the country code"
        }
        _ => reason.meaning(),
    };
    Problem::bad(place, detail).because(reason)
}

/// For a request that changes nothing. It has no key and may simply be repeated.
pub(super) fn not_answered(refusal: &NotAccepted) -> Problem {
    match refusal {
        NotAccepted::Store | NotAccepted::Unknown => Problem::unavailable("the database does not answer; ask again"),
        NotAccepted::QueueFull | NotAccepted::Stopping => {
            Problem::unavailable("the server is too busy, or about to stop; ask again")
        }
        NotAccepted::Conflict | NotAccepted::Contradiction(_) | NotAccepted::Throttled { .. } => not_accepted(refusal),
    }
}

pub(super) fn not_accepted(refusal: &NotAccepted) -> Problem {
    match refusal {
        NotAccepted::Conflict | NotAccepted::Contradiction(_) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "header Idempotency-Key",
            "the key was used for another request; give each request a key of its own",
        ),
        NotAccepted::QueueFull | NotAccepted::Stopping | NotAccepted::Store | NotAccepted::Unknown => {
            Problem::unavailable(format!("{refusal}; send the same request under the same key again"))
        }
        NotAccepted::Throttled { seconds } => {
            Problem::throttled("body /code", format!("{refusal}, under the same key"), *seconds)
        }
    }
}
