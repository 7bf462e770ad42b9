//! Monthly products: price and duration.

use chrono::{DateTime, Utc};

use super::calendar::days_after;
use super::{Amount, Service, UnknownSubscriber};

/// Products on sale, and the treatment of unknown user names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Products {
    /// Treatment of a user name without an account.
    pub unknown: UnknownSubscriber,
    /// Price and duration by service. A service that is missing is not sold.
    pub sold: Vec<(Service, Product)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    pub price: Amount,
    /// Days by the local calendar that the price pays for.
    pub days: u16,
}

impl Products {
    /// The product of a service, if it is sold.
    pub fn of(&self, service: Service) -> Option<Product> {
        self.sold.iter().find(|(sold, _)| *sold == service).map(|(_, product)| *product)
    }
}

impl Product {
    /// End of the product after a payment at `now`. The rest of an earlier payment is kept.
    pub fn runs_until(self, current: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
        days_after(current.map_or(now, |current| current.max(now)), self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_added_to_what_is_left() {
        let product = Product { price: Amount::from_minor(999).unwrap(), days: 30 };
        let now = utc("2026-10-10T10:00:00Z");
        // Clocks go back on 25 October: the same local time is an hour later.
        assert_eq!(product.runs_until(None, now), utc("2026-11-09T11:00:00Z"));
        assert_eq!(product.runs_until(Some(utc("2026-09-01T00:00:00Z")), now), utc("2026-11-09T11:00:00Z"));
        assert_eq!(product.runs_until(Some(utc("2026-10-20T10:00:00Z")), now), utc("2026-11-19T11:00:00Z"));
    }

    #[test]
    fn what_has_no_price_is_not_sold() {
        let product = Product { price: Amount::from_minor(999).unwrap(), days: 30 };
        let products = Products { sold: vec![(Service::Tv, product)], ..Products::default() };
        assert_eq!((products.of(Service::Tv), products.of(Service::Internet)), (Some(product), None));
    }
}
