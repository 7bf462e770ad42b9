//! The form that was meant, written out right: with the sender's own values where they are, with others for show.

use super::action::FormTarget;
use super::allowed::{check, written};
use super::assemble::sender_line;
use super::diagnosis::Diagnosis;
use super::fields::miss::ends;
use super::fields::{Field, Values, username};
use super::form::Form;
use super::hint::Hints;
use super::path::Path;
use super::print::{amount_for_show, for_show, print};
use super::reader::Reader;
use super::sense::{Item, Kind};
use crate::domain::{Amount, Line, LineKind, Service, Target};

impl<'d> Hints<'_, 'd, '_> {
    /// The paths that this sender may mean: those with the keyword of the text if it asks for something that moves no
    /// money, else those of the forms that move money.
    pub(super) fn meant(&self) -> impl Iterator<Item = (&'d Path, &'d Form)> {
        let diagnosis = self.diagnosis;
        let bank = diagnosis.addressed.bank;
        let question = self.question();
        bank.paths.iter().filter_map(move |path| {
            let form = bank.forms.get(path.form)?;
            let is_meant = match &question {
                Some(keyword) => path.keyword().as_ref() == Some(keyword),
                None => form.action.is_request(),
            };
            (is_meant && form.applies(diagnosis.addressed, diagnosis.message)).then_some((path, form))
        })
    }

    /// The keyword of the text, if none of its keywords is of a form that moves money.
    fn question(&self) -> Option<String> {
        let bank = self.diagnosis.addressed.bank;
        let is_request = |path: &Path| bank.forms.get(path.form).is_some_and(|form| form.action.is_request());
        let keywords = self.of(|kind| matches!(kind, Kind::Keyword(_))).filter_map(|item| match item.kind {
            Kind::Keyword(path) => bank.paths.get(path),
            _ => None,
        });
        let mut keywords = keywords.peekable();
        let first = *keywords.peek()?;
        let is_question = !keywords.any(is_request) && first.opens();
        first.keyword().filter(|_| is_question)
    }

    /// The path that a text with such a number is meant as: one with the same keyword, else one without any.
    pub(super) fn path_for(
        &self,
        kind: Option<LineKind>,
        keyword: Option<&Path>,
    ) -> Option<(usize, &'d Path, &'d Form)> {
        let bank = self.diagnosis.addressed.bank;
        let wanted = keyword.and_then(Path::keyword);
        let with_number = self.number_item().is_some();
        let with_amount = self.amount().is_some();
        let mut best: Option<(u8, &'d Path, &'d Form)> = None;
        for (path, form) in self.meant() {
            if !path.fits(kind) || (with_number && !path.takes_number()) || path.is_for_machines() {
                continue;
            }
            let own = path.keyword();
            if with_amount && own.is_none() && !path.has(Field::Amount) {
                continue;
            }
            let cost = match &own {
                own if *own == wanted => 0,
                None => 1,
                Some(_) => 2,
            };
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, path, form));
            }
        }
        let (_, path, form) = best?;
        let index = bank.paths.iter().position(|known| std::ptr::eq(known, path))?;
        Some((index, path, form))
    }

    /// The form that was meant, right.
    pub(super) fn right_form(&self, path: Option<&Path>) -> Option<String> {
        let path = match path {
            Some(path) => path,
            None => self.path_for(self.kind_meant(), self.keyword())?.1,
        };
        self.shown(path, &self.values())
    }

    /// The sender's own values.
    pub(super) fn values(&self) -> Values {
        let amount =
            self.amount().filter(|_| !self.too_many_amounts()).and_then(|minor| Amount::from_minor(minor).ok());
        let text = self.diagnosis.text;
        let reserved = &self.diagnosis.addressed.bank.words.reserved;
        let is_name = |item: &&Item| {
            username::read(text, item.range.start) == Ok(item.range.end)
                && text.folded().get(item.range.clone()).is_some_and(|word| !reserved.contains(word))
        };
        let word = self.of(|kind| *kind == Kind::Word).find(is_name);
        let service = self.of(|kind| *kind == Kind::Told(Field::Service)).next();
        let service = service.and_then(|item| self.diagnosis.service(item.range.start));
        Values {
            service: service.map(|service| service.as_str().to_owned()),
            amount: amount.map(written),
            username: word.map(|item| self.diagnosis.quoted(item.range.clone())),
            ..Values::default()
        }
    }

    /// The path with these values, and with the number of the text where the form would take it.
    pub(super) fn shown(&self, path: &Path, values: &Values) -> Option<String> {
        let minor = if values.amount.is_some() { self.amount() } else { None };
        let diagnosis = self.diagnosis;
        let mut reader = Reader::new(diagnosis.text, diagnosis.addressed.bank, &diagnosis.set.plan);
        let own = reader.own_values(path).into_iter().map(|(name, range)| (name, diagnosis.quoted(range)));
        diagnosis.right(path, self.line(), minor, &Values { own: own.collect(), ..values.clone() })
    }
}

impl Diagnosis<'_, '_> {
    /// The service that a word of the text names.
    fn service(&self, at: usize) -> Option<Service> {
        let rest = self.text.folded().get(at..)?;
        let words = self.addressed.bank.words.services.iter();
        let named = words.filter(|(word, _)| rest.strip_prefix(word.as_str()).is_some_and(ends));
        named.max_by_key(|(word, _)| word.len()).map(|(_, service)| *service)
    }

    /// The path with this number and this amount, each only where the form would take it; `values` has the others.
    pub(super) fn right(
        &self,
        path: &Path,
        line: Option<&Line>,
        minor: Option<i64>,
        values: &Values,
    ) -> Option<String> {
        let (bank, plan) = (self.addressed.bank, &self.set.plan);
        let form = bank.forms.get(path.form)?;
        let mut values = values.clone();
        let fallback = for_show(bank, form, plan);
        let shown =
            fallback.msisdn.as_deref().filter(|_| path.has(Field::Msisdn)).and_then(|n| plan.read(n, false).ok());
        let own = line.filter(|line| check(&form.limits, &Target::Line((*line).clone()), None, (0, 0)).is_ok());
        if let Some(line) = own {
            values.set_number(line, plan);
        }
        let sender = sender_line(self.message.from, plan).ok().filter(|_| form.target == FormTarget::Own);
        let target = own.cloned().or(shown).or(sender).map_or(Target::Username(String::new()), Target::Line);
        let amount = check(&form.limits, &target, minor, (0, 0)).ok().flatten();
        values.amount = amount.or_else(|| amount_for_show(form, Some(&target))).map(written);
        print(bank, path, &values.or(&fallback), plan)
    }
}
