//! The groups of digits of a telephone number, and the signs and spaces between them.

use crate::domain::NumberingPlan;

/// More digits than any number has, international prefix and trunk prefix included.
pub(super) const DIGITS_MAX: usize = 20;

/// Most national digits of one group that another may follow behind a space.
const GROUP_MAX: usize = 6;

/// Digits of an international prefix or country code that the first group may hold beside them.
const COUNTRY_MAX: usize = 5;

/// The signs beside the space that hold the groups of a number together; those that separate the fields of a form do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::grammar) struct Grouping {
    pub(in crate::grammar) dash: bool,
    pub(in crate::grammar) slash: bool,
    /// Nothing follows the number behind a space, so that all groups belong to it.
    pub(in crate::grammar) tight: bool,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { dash: true, slash: true, tight: false }
    }
}

/// The digits of a number that is being read.
pub(super) struct Scan<'t> {
    text: &'t str,
    /// Behind what was taken so far.
    pub(super) at: usize,
    digits: [u8; DIGITS_MAX],
    pub(super) length: usize,
    pub(super) plus: bool,
    /// A bracket is open.
    pub(super) open: bool,
    /// A bracket was closed behind the last group.
    pub(super) closed: bool,
    groups: usize,
    /// Spaces between two groups that are neither country code nor in brackets.
    pub(super) spaces: usize,
}

/// The things between two groups of digits.
#[derive(Clone, Copy)]
pub(super) enum Joint {
    /// The next group begins at this byte, and belongs to the number whatever it is.
    Tight(usize),
    /// The next group begins at this byte, behind a space.
    Loose(usize),
    None,
}

impl<'t> Scan<'t> {
    pub(super) fn begin(text: &'t str, at: usize) -> Option<Self> {
        let digits = [0; DIGITS_MAX];
        let mut scan =
            Self { text, at, digits, length: 0, plus: false, open: false, closed: false, groups: 0, spaces: 0 };
        scan.open = scan.skip(b'(');
        scan.plus = scan.skip(b'+');
        if scan.plus && !scan.skip(b' ') && !scan.open {
            scan.open = scan.skip(b'(');
        }
        scan.byte(0).filter(u8::is_ascii_digit).map(|_| scan)
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.byte(0) == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Takes the digits that stand here; how many.
    pub(super) fn group(&mut self) -> Option<usize> {
        let mut count = 0;
        while let Some(digit) = self.byte(0).filter(u8::is_ascii_digit) {
            if let Some(place) = self.digits.get_mut(self.length) {
                *place = digit;
            }
            self.length += 1;
            self.at += 1;
            count += 1;
        }
        self.groups += 1;
        (count > 0).then_some(count)
    }

    /// The joint between this group and the next. A closing bracket is taken.
    pub(super) fn joint(&mut self, grouping: Grouping) -> Joint {
        let closed = self.open && self.skip(b')');
        self.open &= !closed;
        self.closed = closed;
        let space = usize::from(self.byte(0) == Some(b' '));
        let is_digit = |ahead: usize| self.byte(ahead).is_some_and(|b| b.is_ascii_digit());
        match self.byte(space) {
            Some(b'-') if grouping.dash => self.behind_sign(space + 1),
            Some(b'/') if grouping.slash => self.behind_sign(space + 1),
            Some(b'(') if !self.open && is_digit(space + 1) => Joint::Tight(self.at + space),
            Some(b'0'..=b'9') if closed && space == 0 => Joint::Tight(self.at),
            Some(b'0'..=b'9') if space == 1 && grouping.tight => Joint::Tight(self.at + space),
            Some(b'0'..=b'9') if space == 1 => Joint::Loose(self.at + space),
            _ => Joint::None,
        }
    }

    fn behind_sign(&self, ahead: usize) -> Joint {
        let ahead = ahead + usize::from(self.byte(ahead) == Some(b' '));
        match self.byte(ahead) {
            Some(b'0'..=b'9') => Joint::Tight(self.at + ahead),
            _ => Joint::None,
        }
    }

    pub(super) fn go_on(&mut self, next: usize) {
        self.at = next;
        if !self.open {
            self.open = self.skip(b'(');
        }
    }

    /// The end of a longer number, where the groups behind this one belong to it.
    pub(super) fn longer(mut self, joint: Joint, grouping: Grouping, plan: &NumberingPlan) -> Option<usize> {
        let mut joint = joint;
        while let Joint::Tight(next) | Joint::Loose(next) = joint {
            self.go_on(next);
            self.group()?;
            joint = self.joint(grouping);
            if self.length > DIGITS_MAX || !self.may_end() {
                return None;
            }
            let is_whole = !matches!(joint, Joint::Tight(_)) && !self.open;
            if is_whole && plan.read(self.digits(), self.plus).is_ok() {
                return Some(self.at);
            }
        }
        None
    }

    /// Tells whether no letter, minor units or sign of a currency follows the digits.
    fn may_end(&self) -> bool {
        match self.byte(0) {
            Some(b'.' | b',') => !self.byte(1).is_some_and(|b| b.is_ascii_digit()),
            Some(b'$' | 0x80..) => false,
            Some(byte) => !byte.is_ascii_alphanumeric(),
            None => true,
        }
    }

    /// Tells whether all groups so far are an international prefix and a country code.
    pub(super) fn is_country_code(&self) -> bool {
        self.groups == 1 && (self.plus || self.digits.starts_with(b"00"))
    }

    /// Tells whether the group at `next` may belong to a number that is none so far.
    pub(super) fn may_go_on(&self, group: usize, next: usize) -> bool {
        let rest = self.text.as_bytes().get(next..).unwrap_or_default();
        let following = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let international = self.plus || self.digits.starts_with(b"00");
        let most = if international && self.groups == 1 { GROUP_MAX + COUNTRY_MAX } else { GROUP_MAX };
        // A trunk prefix behind the country code may stand alone.
        let trunk_next = international && self.groups == 1 && rest.starts_with(b"0");
        let trunk_here = international && self.groups == 2 && self.digits().ends_with('0');
        let following = if trunk_next { following.max(2) } else { following };
        let country_code = self.groups == 1 && self.plus;
        let least = if self.closed || country_code || trunk_here { 1 } else { 2 };
        (least..=most).contains(&group) && following >= 2
    }

    pub(super) fn digits(&self) -> &str {
        self.digits.get(..self.length).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}
