//! The kinds of values that a form can hold: one file each, which the table below names.
//!
//! - `kind`: the trait, and what its functions are given
//! - `miss`: why a value is not where it was looked for
//! - `money`, `number` (with `scan`), `token`: readers that several kinds share
//! - `own`: fields that a bank's file names
//! - `secret`: the places of PINs and other secrets in a text
//!
//! A new kind is a file with a [`kind::Kind`] and a row of the table. The compiler asks for everything else, and
//! `MBUSH_WRITE_DOCS=1 cargo test --test cli pages` writes its row of `docs/grammar.md`.

mod amount;
mod currency;
pub(super) mod date;
pub(super) mod integer;
pub(super) mod kind;
mod line;
pub(super) mod miss;
pub(super) mod money;
pub(super) mod number;
mod operator;
pub(super) mod own;
pub(super) mod pin;
pub(super) mod reference;
mod rest;
mod scan;
pub(super) mod secret;
mod service;
mod sums;
pub(super) mod token;
pub(super) mod username;
pub(super) mod voucher;

use std::ops::Range;

use kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Width};
use miss::{Miss, Problem};
use own::OwnCapture;
use secret::SecretCapture;

use crate::domain::Line;

/// The table: `Variant(name of the value among those of a text): its kind`, in the order in which fields are listed.
macro_rules! fields {
    ($($variant:ident($name:ident): $kind:ty,)+) => {
        /// The values that a form can hold: a closed set, checked when a grammar is loaded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $(
                #[doc = concat!("`{", stringify!($name), "}`")]
                $variant,
            )+
        }

        impl Field {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub(super) const fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$variant => &<$kind as Kind>::FACTS,)+
                }
            }

            /// Tells whether a form may give it this width.
            pub(super) fn fits(self, width: Width) -> bool {
                match self {
                    $(Self::$variant => <$kind as Kind>::fits(width),)+
                }
            }

            /// The value of this kind that a sample text has at its place.
            pub(super) fn guess(self, sample: &Sample<'_>) -> Option<Guessed> {
                match self {
                    $(Self::$variant => <$kind as Kind>::guess(sample),)+
                }
            }
        }

        /// A value that a form wants to see, with how it is written there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Value {
            $($variant(<$kind as Kind>::Shape),)+
        }

        impl Value {
            pub(super) fn new(field: Field, width: Width, around: Around) -> Self {
                match field {
                    $(Field::$variant => Self::$variant(<$kind as Kind>::shape(width, around)),)+
                }
            }

            pub(super) const fn field(self) -> Field {
                match self {
                    $(Self::$variant(_) => Field::$variant,)+
                }
            }

            /// Reads the value at byte `at`, and captures it where it is kept; the byte behind it.
            pub(super) fn read(self, at: usize, input: &mut Input<'_, '_>, captures: &mut Captures) -> Result<usize, Miss> {
                match self {
                    $(Self::$variant(shape) => {
                        let (read, end) = <$kind as Kind>::read(shape, at, input)?;
                        if <$kind as Kind>::KEPT {
                            let text = input.text.folded();
                            captures.$name = Some(repeated(captures.$name.take(), (read, at..end), text)?);
                        }
                        Ok(end)
                    })+
                }
            }

            /// Adds the texts of the value behind the state `at`; the state behind them.
            pub(super) fn texts(self, at: usize, builder: &mut Builder<'_>) -> usize {
                match self {
                    $(Self::$variant(shape) => <$kind as Kind>::texts(shape, at, builder),)+
                }
            }

            /// The value of `values` as it is written in this form; `None` where it needs one that is not there.
            pub(super) fn print(self, values: &Values, printing: Printing<'_>) -> Option<String> {
                match self {
                    $(Self::$variant(shape) => <$kind as Kind>::print(shape, values.$name.as_deref(), printing),)+
                }
            }
        }

        /// The values that a form found in a text; ranges are bytes of the folded text.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct Captures {
            $(pub(super) $name: Option<(<$kind as Kind>::Read, Range<usize>)>,)+
            /// Of the bank's own fields.
            pub(super) own: Vec<OwnCapture>,
            /// Its secrets, each at all its places.
            pub(super) secrets: Vec<SecretCapture>,
            /// A word beside the form says "once more".
            pub(super) repeat: bool,
            /// Of a list. Boxed, because most texts have none.
            pub(super) list: Option<Box<Listed>>,
        }

        impl Captures {
            /// Forgets all values. The places for lists stay allocated.
            pub(super) fn clear(&mut self) {
                $(self.$name = None;)+
                self.own.clear();
                self.secrets.clear();
                self.repeat = false;
                self.list = None;
            }

            /// The first item of a list begins here.
            pub(super) fn begin_items(&mut self, at: usize) {
                self.list = Some(Box::new(Listed { items: Vec::new(), from: at }));
            }

            /// An item ends here: its values are no more those of the whole text.
            pub(super) fn end_item(&mut self, at: usize) {
                let Some(mut list) = self.list.take() else { return };
                let from = list.from;
                let mut item = Self::default();
                $(if self.$name.as_ref().is_some_and(|(_, range)| range.start >= from) {
                    item.$name = self.$name.take();
                })+
                item.own = self.own.extract_if(.., |own| own.range.start >= from).collect();
                list.items.push(item);
                list.from = at;
                self.list = Some(list);
            }

            /// The values of an item, and those of the whole text beside it.
            pub(super) fn with(&self, item: &Self) -> Self {
                Self {
                    $($name: item.$name.clone().or_else(|| self.$name.clone()),)+
                    own: self.own.iter().chain(&item.own).cloned().collect(),
                    // A secret beside the list may be repeated in an item, where it has to be concealed too.
                    secrets: self.secrets.clone(),
                    repeat: self.repeat,
                    list: None,
                }
            }
        }

        /// Values to write a form with, each as a customer writes it.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct Values {
            $(pub(super) $name: Option<String>,)+
            /// Of the bank's own fields, by name.
            pub(super) own: Vec<(String, String)>,
            /// The account that a field of the bank's own names.
            pub(super) account: Option<crate::domain::OtherAccount>,
            /// "Once more" is said behind the form.
            pub(super) repeat: bool,
        }

        impl Values {
            /// Those that a form is shown with where nobody has given any.
            pub(super) fn shown() -> Self {
                Self { $($name: <$kind as Kind>::FACTS.shown.map(str::to_owned),)+ own: Vec::new(), account: None, repeat: false }
            }

            /// These, and the others where these have none.
            pub(super) fn or(self, other: &Self) -> Self {
                Self { $($name: self.$name.or_else(|| other.$name.clone()),)+ own: self.own, account: self.account, repeat: self.repeat }
            }
        }
    };
}

fields! {
    Amount(amount): amount::Amount,
    Msisdn(msisdn): line::Msisdn,
    Landline(landline): line::Landline,
    Username(username): username::Username,
    Service(service): service::Service,
    Pin(pin): pin::Pin,
    NewPin(new_pin): pin::NewPin,
    Reference(reference): reference::Reference,
    Voucher(voucher): voucher::Voucher,
    Currency(currency): currency::Currency,
    Operator(operator): operator::Operator,
    Date(date): date::Date,
    Number(number): integer::Integer,
    Text(text): rest::Rest,
}

/// The items of a list, each with its own values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) items: Vec<Captures>,
    /// Byte at which the next item begins.
    from: usize,
}

impl Field {
    /// As a form names it.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// The texts that it matches, as `docs/grammar.md` describes them.
    pub const fn reads(self) -> &'static str {
        self.facts().reads
    }
}

/// A value that stands twice in a form must be the same at both places, however it is spelt. The first place is kept.
fn repeated<R: PartialEq>(
    first: Option<(R, Range<usize>)>,
    second: (R, Range<usize>),
    text: &str,
) -> Result<(R, Range<usize>), Miss> {
    let Some(first) = first else { return Ok(second) };
    // Of some kinds nothing is known but what is written.
    let is_same =
        first.0 == second.0 && (size_of::<R>() > 0 || text.get(first.1.clone()) == text.get(second.1.clone()));
    let Range { start: at, end } = second.1;
    if is_same { Ok(first) } else { Err(Miss { at, end, problem: Problem::Unequal }) }
}

impl Captures {
    /// Keeps a value of the bank's own, which must be the same if it stands twice.
    pub(super) fn add(&mut self, capture: OwnCapture, text: &str) -> Result<(), Miss> {
        let Some(first) = self.own.iter().find(|known| known.field.name == capture.field.name) else {
            self.own.push(capture);
            return Ok(());
        };
        let Range { start: at, end } = capture.range;
        if first.is_same_value(&capture, text) { Ok(()) } else { Err(Miss { at, end, problem: Problem::Unequal }) }
    }

    /// The same values, and a remark that the other way through the form does without: there, all of it is a repetition,
    /// a signature or noise.
    pub(super) fn is_with_remark(&self, other: &Self) -> bool {
        let without = || Self { text: None, repeat: other.repeat, ..self.clone() };
        self.text.is_some() && other.text.is_none() && without() == *other
    }

    /// The account that a field of the bank's own names.
    pub(super) fn account(&self, folded: &str) -> Option<crate::domain::OtherAccount> {
        self.own.iter().find_map(|capture| capture.account(folded))
    }

    /// The service that the text names, by `{service}` or by a word of a table.
    pub(super) fn service(&self) -> Option<crate::domain::Service> {
        let named = self.service.as_ref().map(|(service, _)| *service);
        named.or_else(|| self.rows().find_map(|(row, _)| row.service))
    }

    /// The price of a word of a table.
    pub(super) fn price(&self) -> Option<crate::domain::Amount> {
        self.rows().find_map(|(row, _)| row.price)
    }

    /// The operators that the text names, by `{operator}` or by words of tables, each with its place.
    pub(super) fn operators(&self) -> impl Iterator<Item = (&str, usize)> {
        let named = self.operator.as_ref().map(|(operator, range)| (operator.as_str(), range.start));
        named.into_iter().chain(self.rows().filter_map(|(row, at)| Some((row.operator.as_ref()?.value.as_str(), at))))
    }

    /// The lines of tables whose words the text has, each with its place.
    fn rows(&self) -> impl Iterator<Item = (&own::Row, usize)> {
        self.own.iter().filter_map(|capture| Some((capture.row()?, capture.range.start)))
    }

    /// The number that was read, of a mobile or of a fixed line.
    pub(super) fn line(&self) -> Option<&(Line, Range<usize>)> {
        self.msisdn.as_ref().or(self.landline.as_ref())
    }
}
