//! The trait of the kinds of values. A kind is one file of this folder and one row of the table in `mod.rs`.

use std::collections::HashSet;

use super::miss::Miss;
use super::money::{self, Money};
use super::number::{self, Numbers};
use crate::domain::{NumberingPlan, Reason, Service};
use crate::grammar::action::Action;
use crate::grammar::automaton::Automaton;
use crate::grammar::separators::Separators;
use crate::text::normalise::Normalised;

/// A kind of value.
pub(in crate::grammar) trait Kind {
    const FACTS: Facts;

    /// The value is captured. Of others it only counts that they are there.
    const KEPT: bool = false;

    /// The spelling of the value in one form.
    type Shape: std::fmt::Debug + Clone + Copy + PartialEq + Eq;

    /// The facts that are known of a value once it was read, beside its place in the text.
    type Read: std::fmt::Debug + Clone + PartialEq + Eq;

    /// Tells whether a form may give the value this width. Only asked if there is one.
    fn fits(_width: Width) -> bool {
        false
    }

    fn shape(width: Width, around: Around) -> Self::Shape;

    /// Reads the value at byte `at` of the folded text: what is known of it, and the byte behind it. Nothing is allocated
    /// on the way to a miss, because most forms miss most texts.
    fn read(shape: Self::Shape, at: usize, input: &mut Input<'_, '_>) -> Result<(Self::Read, usize), Miss>;

    /// Adds every text that [`Kind::read`] reads behind the state `at`, and possibly more; the state behind them.
    fn texts(shape: Self::Shape, at: usize, builder: &mut Builder<'_>) -> usize;

    /// The value as a customer writes it, or one made up where `written` is `None` and the form needs no certain one.
    fn print(shape: Self::Shape, written: Option<&str>, printing: Printing<'_>) -> Option<String>;

    /// The value that a sample text has at its place, as a first grammar would write it; `None` where this kind cannot
    /// be told from the text alone. What no kind takes becomes a word of the form.
    fn guess(sample: &Sample<'_>) -> Option<Guessed>;
}

/// The fixed facts of a kind of value: those of [`Facts::of`], and the ones that differ.
#[derive(Debug)]
pub(in crate::grammar) struct Facts {
    /// As a form names it.
    pub(in crate::grammar) name: &'static str,
    /// As it is named to people who expect it.
    pub(in crate::grammar) described: &'static str,
    /// The texts that it matches, as `docs/grammar.md` describes them.
    pub(in crate::grammar) reads: &'static str,
    /// The value that a form is shown with where nobody has given one, if it is always the same.
    pub(in crate::grammar) shown: Option<&'static str>,
    /// The meaning of a width.
    pub(in crate::grammar) width: Widths,
    /// It names the account to top up.
    pub(in crate::grammar) names_target: bool,
    /// It takes all that is left of the text.
    pub(in crate::grammar) takes_the_rest: bool,
    /// Digits that are neither a number nor an amount, and might be taken for one.
    pub(in crate::grammar) is_other_digits: bool,
    /// The sort of thing that it is in a text that no form reads; `None` where it cannot be recognised there.
    pub(in crate::grammar) sort: Option<Sort>,
    /// The reason that is told where a text is right up to this value and does not have it.
    pub(in crate::grammar) absent: Option<Reason>,
    /// Tells whether forms of this action have a use for it.
    pub(in crate::grammar) serves: fn(Action) -> bool,
}

impl Facts {
    /// A value that only has to be there, in a form of any action.
    pub(super) const fn of(name: &'static str, described: &'static str, reads: &'static str) -> Self {
        Self {
            name,
            described,
            reads,
            shown: None,
            width: Widths::None,
            names_target: false,
            takes_the_rest: false,
            is_other_digits: false,
            sort: None,
            absent: None,
            serves: |_| true,
        }
    }
}

/// The meaning of a width of a kind of value, with the correction of one that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) enum Widths {
    /// There is none.
    None,
    /// So many characters: it says where the value ends, so that another may follow at once.
    Size(&'static str),
    /// Lowest and highest value.
    Range(&'static str),
}

/// Sorts of things that are recognised in a text that no form reads, so that their order can be compared with a form's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::grammar) enum Sort {
    Keyword,
    Number,
    Amount,
    Name,
    Card,
    Pin,
    Operator,
    Service,
}

/// The part behind the colon of a field: a width of digits (`{msisdn:9}`), a range (`{number:1-31}`), minor units
/// (`{amount:8 minor}`) or groups (`{voucher:16 grouped}`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::grammar) struct Width {
    /// The one number, or the first.
    pub(in crate::grammar) low: Option<u32>,
    /// The second number.
    pub(in crate::grammar) high: Option<u32>,
    /// The amount is written in minor units, without a decimal sign.
    pub(in crate::grammar) minor: bool,
    /// The digits may stand in groups of four, as cards print them.
    pub(in crate::grammar) grouped: bool,
}

impl Width {
    /// One count without a word behind it.
    pub(in crate::grammar) fn one(self) -> Option<u32> {
        self.low.filter(|_| self.high.is_none() && !self.has_word())
    }

    /// A count of at least one, or a range of them, up to `most`, without a word behind it.
    pub(in crate::grammar) fn counts_to(self, most: u32) -> bool {
        let Some(low) = self.low else { return false };
        low >= 1 && (low..=most).contains(&self.high.unwrap_or(low)) && !self.has_word()
    }

    pub(in crate::grammar) fn has_word(self) -> bool {
        self.minor || self.grouped
    }

    /// Lowest and highest of the two numbers, or these where there are none. One number stands for both.
    pub(in crate::grammar) fn span(self, low: u32, high: u32) -> (u32, u32) {
        (self.low.unwrap_or(low), self.high.or(self.low).unwrap_or(high))
    }
}

/// The surroundings of a value in its form.
#[derive(Debug, Clone, Copy)]
pub(in crate::grammar) struct Around {
    /// Another value follows at once.
    pub(in crate::grammar) glued: bool,
    /// This character follows at once.
    pub(in crate::grammar) sign: Option<char>,
    pub(in crate::grammar) set: Separators,
    /// The form has a field for the currency.
    pub(in crate::grammar) with_currency: bool,
}

impl Around {
    /// Tells whether a sign separates values here, so that it cannot be within one.
    pub(in crate::grammar) fn separates(self, sign: char) -> bool {
        self.set.has(sign) || self.sign == Some(sign)
    }
}

/// The words of a bank, folded.
#[derive(Debug, Clone)]
pub(in crate::grammar) struct Words {
    pub(in crate::grammar) money: Money,
    /// Words for `{service}`.
    pub(in crate::grammar) services: Vec<(String, Service)>,
    /// Words behind a form that say "once more"; the first is printed.
    pub(in crate::grammar) repeat: Vec<String>,
    /// Every word of every form: none of them is anybody's user name.
    pub(in crate::grammar) reserved: HashSet<String>,
    /// Those of all banks that share a short code with this one: a signature with one of them may be a request.
    pub(in crate::grammar) unsigned: HashSet<String>,
}

/// A text with what its values are read against. What several forms read at the same place one after the other, a number
/// or an amount, is read once for all of them.
pub(in crate::grammar) struct Input<'r, 't> {
    pub(in crate::grammar) text: &'r Normalised<'t>,
    pub(in crate::grammar) words: &'r Words,
    pub(in crate::grammar) plan: &'r NumberingPlan,
    pub(in crate::grammar) last_number: Option<number::Last>,
    pub(in crate::grammar) last_amount: Option<money::Last>,
}

/// An automaton of the texts of a form while it is built.
pub(in crate::grammar) struct Builder<'b> {
    pub(in crate::grammar) automaton: Automaton,
    pub(in crate::grammar) numbers: &'b Numbers,
    pub(in crate::grammar) words: &'b Words,
    pub(in crate::grammar) plan: &'b NumberingPlan,
}

impl Builder<'_> {
    /// Any of these words; the state behind them.
    pub(in crate::grammar) fn any_word<'w>(&mut self, at: usize, words: impl IntoIterator<Item = &'w str>) -> usize {
        let end = self.automaton.state();
        for word in words {
            let behind = self.automaton.text(at, word);
            self.automaton.free(behind, end);
        }
        end
    }
}

/// The things that a value is written with.
#[derive(Clone, Copy)]
pub(in crate::grammar) struct Printing<'p> {
    pub(in crate::grammar) words: &'p Words,
    pub(in crate::grammar) plan: &'p NumberingPlan,
    /// The mobile number of the same text, if it has one.
    pub(in crate::grammar) mobile: Option<&'p str>,
}

/// A place in a sample text, and what was taken from the text before it.
pub(in crate::grammar) struct Sample<'s> {
    /// The whole text, folded.
    pub(in crate::grammar) text: &'s str,
    /// Byte of the text.
    pub(in crate::grammar) at: usize,
    pub(in crate::grammar) plan: &'s NumberingPlan,
    pub(in crate::grammar) money: &'s Money,
    /// The form that the text before the place was taken for.
    pub(in crate::grammar) form: &'s str,
    /// Names of the fields in it.
    pub(in crate::grammar) fields: &'s [&'static str],
    /// One of them is a number.
    pub(in crate::grammar) has_number: bool,
    /// A word of it names a service.
    pub(in crate::grammar) is_service: bool,
}

impl<'s> Sample<'s> {
    pub(in crate::grammar) fn has<K: Kind>(&self) -> bool {
        self.fields.contains(&K::FACTS.name)
    }

    /// The text from the place on.
    pub(in crate::grammar) fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The count of the digits at the place.
    pub(in crate::grammar) fn digits(&self) -> usize {
        self.rest().bytes().take_while(u8::is_ascii_digit).count()
    }
}

/// A value that a sample text has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct Guessed {
    /// The part behind the colon of its field; empty for none.
    pub(in crate::grammar) width: String,
    /// Byte behind it.
    pub(in crate::grammar) end: usize,
}

impl Guessed {
    /// Without a width.
    pub(in crate::grammar) fn to(end: usize) -> Self {
        Self { width: String::new(), end }
    }
}
