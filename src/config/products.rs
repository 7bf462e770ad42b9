//! `[products]`: monthly products and their prices.

use garde::Validate;
use serde::Deserialize;

use super::money::Money;
use crate::domain::products;
use crate::domain::{InvalidAmount, Service, UnknownSubscriber};

/// `[products]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Products {
    /// Treatment of a payment for a user name without an account.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub unknown: UnknownSubscriber,
    #[garde(dive)]
    pub internet: Option<Product>,
    #[garde(dive)]
    pub tv: Option<Product>,
    /// Television and internet.
    #[garde(dive)]
    pub duotv: Option<Product>,
    /// Fixed line and internet.
    #[garde(dive)]
    pub duofix: Option<Product>,
}

/// `[products.NAME]`. A product without this section is not sold.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Product {
    #[garde(range(min = Money::LEAST, max = Money::MAX))]
    pub price: Money,
    /// Days by the local calendar that the price pays for.
    #[garde(range(min = 1, max = 366))]
    #[serde(default = "month")]
    pub days: u16,
}

const fn month() -> u16 {
    30
}

impl Products {
    /// Builds the rules for decisions.
    pub(super) fn build(&self) -> Result<products::Products, InvalidAmount> {
        let sections = [
            (Service::Internet, self.internet),
            (Service::Tv, self.tv),
            (Service::DuoTv, self.duotv),
            (Service::DuoFix, self.duofix),
        ];
        let sold = sections.into_iter().filter_map(|(service, section)| Some((service, section?)));
        let built = sold.map(|(service, section)| {
            Ok((service, products::Product { price: section.price.amount()?, days: section.days }))
        });
        Ok(products::Products { unknown: self.unknown, sold: built.collect::<Result<_, InvalidAmount>>()? })
    }
}
