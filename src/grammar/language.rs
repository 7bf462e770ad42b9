//! The texts that a path reads, as an automaton.
//!
//! It accepts every text that the reader reads by the path, and some that it does not (an over-approximation): any
//! grouping of a number's digits, user names of any length, any day of the month. Where two such automata have no text
//! in common, the reader can therefore never read a text by both paths.

use super::automaton::{Automaton, Symbols, alphanumeric, any_of, anything, digit, letter, noise, symbol};
use super::fields::amount::AmountShape;
use super::fields::number::{Grouping, NumberShape};
use super::form::{Bank, Path, Separators, Step};
use super::pattern::GROUP_DIGITS;
use super::trees::{Digits, Tree, TreeNode};
use crate::domain::{LineKind, NumberingPlan};

/// What is the same for all paths: the numbers of the plan.
#[derive(Debug, Clone)]
pub(super) struct Languages {
    mobile: [Digits; 2],
    fixed: [Digits; 2],
    plan_operators: Vec<String>,
}

impl Languages {
    pub(super) fn new(plan: &NumberingPlan) -> Self {
        let both = |kind| {
            let written = plan.written_numbers(kind);
            [false, true].map(|plus| Digits::of(written.iter().filter(|numbers| numbers.plus == plus), None))
        };
        let operators =
            plan.operators().flat_map(|id| [id.to_owned(), plan.operator_name(id).unwrap_or(id).to_lowercase()]);
        Self { mobile: both(LineKind::Mobile), fixed: both(LineKind::Fixed), plan_operators: operators.collect() }
    }

    /// The texts that `path` reads.
    pub(super) fn of(&self, bank: &Bank, path: &Path, plan: &NumberingPlan) -> Automaton {
        let mut builder = Builder { automaton: Automaton::new(), languages: self, bank, plan };
        let mut at = Automaton::START;
        if path.steps.is_empty() {
            builder.automaton.accept(at);
            return builder.automaton;
        }
        for step in &path.steps {
            at = builder.step(at, step);
        }
        let request = bank.forms.get(path.form).is_some_and(|form| form.action.is_request());
        builder.end(at, request);
        builder.automaton
    }
}

struct Builder<'b> {
    automaton: Automaton,
    languages: &'b Languages,
    bank: &'b Bank,
    plan: &'b NumberingPlan,
}

impl Builder<'_> {
    fn step(&mut self, at: usize, step: &Step) -> usize {
        match step {
            Step::Word(word) => self.words(at, word.spellings.iter().map(String::as_str)),
            Step::Separator { required, set } => self.separator(at, *required, *set),
            Step::Amount(shape) => self.amount(at, *shape),
            Step::Number(shape) => self.number(at, *shape),
            Step::Username => self.username(at),
            Step::Service => self.words(at, self.bank.services.iter().map(|(word, _)| word.as_str())),
            Step::Digits { width, grouped: true, .. } => self.groups(at, width.0),
            Step::Digits { width, .. } => self.automaton.run(at, digit(), width.0, width.1),
            Step::Reference { width, .. } => self.automaton.run(at, alphanumeric() | any_of("-_"), width.0, width.1),
            Step::Currency => self.words(at, self.bank.currency.own.iter().map(String::as_str)),
            Step::Operator => self.words(at, self.languages.plan_operators.iter().map(String::as_str)),
            Step::Date => self.date(at),
            Step::Integer { range } => {
                let most = u32::try_from(range.1.to_string().len()).unwrap_or(u32::MAX);
                self.automaton.run(at, digit(), 1, most)
            }
            Step::Text => {
                let one = self.automaton.one(at, anything());
                self.automaton.many(one, anything())
            }
        }
    }

    /// `31.12.2026`, `2026-12-31`, `31122026`: days to 39 and months to 19 of this century.
    fn date(&mut self, at: usize) -> usize {
        let end = self.automaton.state();
        let (day, month, year) =
            ([any_of("0123"), digit()], [any_of("01"), digit()], [symbol('2'), symbol('0'), digit(), digit()]);
        for (parts, sign) in [
            ([&day[..], &month, &year], any_of("./-")),
            ([&year[..], &month, &day], any_of("./-")),
            ([&day[..], &month, &year], 0),
        ] {
            let mut place = at;
            for (number, part) in parts.into_iter().enumerate() {
                if number > 0 && sign != 0 {
                    place = self.automaton.one(place, sign);
                }
                place = part.iter().fold(place, |place, symbols| self.automaton.one(place, *symbols));
            }
            self.automaton.free(place, end);
        }
        end
    }

    /// So many digits, with any white space or dashes between two groups of four.
    fn groups(&mut self, at: usize, width: u32) -> usize {
        let mut at = self.automaton.run(at, digit(), GROUP_DIGITS, GROUP_DIGITS);
        for _ in 1..width / GROUP_DIGITS {
            let behind = self.automaton.many(at, any_of(" \n-"));
            at = self.automaton.run(behind, digit(), GROUP_DIGITS, GROUP_DIGITS);
        }
        at
    }

    fn words<'w>(&mut self, at: usize, words: impl Iterator<Item = &'w str>) -> usize {
        let end = self.automaton.state();
        for word in words {
            let behind = self.automaton.text(at, word);
            self.automaton.free(behind, end);
        }
        end
    }

    /// White space, or one sign with white space around it.
    fn separator(&mut self, at: usize, required: bool, set: Separators) -> usize {
        let end = self.automaton.state();
        if !required {
            self.automaton.free(at, end);
        }
        let white = any_of(" \n");
        let allowed = if set.newline { white } else { symbol(' ') };
        if set.space || set.newline {
            let one = self.automaton.one(at, allowed);
            let many = self.automaton.many(one, allowed);
            self.automaton.free(many, end);
        }
        let signs: Symbols =
            super::form::SIGNS.iter().filter(|(sign, _)| set.has(*sign)).fold(0, |all, (sign, _)| all | symbol(*sign));
        if signs != 0 {
            let before = self.automaton.many(at, white);
            let sign = self.automaton.one(before, signs);
            let behind = self.automaton.many(sign, white);
            self.automaton.free(behind, end);
        }
        end
    }

    fn amount(&mut self, at: usize, shape: AmountShape) -> usize {
        if let Some(width) = shape.width {
            return self.automaton.run(at, digit(), width, width);
        }
        let currency = self.bank.currency.own.clone();
        let start = self.automaton.state();
        self.automaton.free(at, start);
        if shape.currency {
            let prefix = self.words(at, currency.iter().map(String::as_str));
            self.automaton.free(prefix, start);
            let gap = self.automaton.one(prefix, any_of(" \n"));
            self.automaton.free(gap, start);
        }
        let most = u32::try_from(self.bank.currency.digits_max()).unwrap_or(u32::MAX);
        let whole = self.automaton.run(start, digit(), 1, most);
        let end = self.automaton.state();
        self.automaton.free(whole, end);
        if !shape.cents {
            let signs =
                if shape.decimals.comma { symbol(',') } else { 0 } | if shape.decimals.stop { symbol('.') } else { 0 };
            let sign = self.automaton.one(whole, signs);
            let fraction = self.automaton.run(sign, digit(), 1, 2);
            self.automaton.free(fraction, end);
            if shape.currency {
                let gap = self.automaton.many(end, any_of(" \n"));
                let suffix = self.words(gap, currency.iter().map(String::as_str));
                let behind = self.automaton.state();
                self.automaton.free(end, behind);
                self.automaton.free(suffix, behind);
                return behind;
            }
        }
        end
    }

    fn number(&mut self, at: usize, shape: NumberShape) -> usize {
        let end = self.automaton.state();
        let languages = self.languages;
        let by_plus = if shape.kind == LineKind::Mobile { &languages.mobile } else { &languages.fixed };
        if let Some(width) = shape.width {
            let written = self.plan.written_numbers(shape.kind);
            let digits = Digits::of(written.iter().filter(|numbers| !numbers.plus), Some(width as usize));
            self.digits(at, end, &digits, 0);
            return end;
        }
        let gap = gap_symbols(shape.grouping);
        for (digits, plus) in by_plus.iter().zip([false, true]) {
            let open = self.automaton.run(at, symbol('('), 0, 1);
            let start = if plus {
                let plus = self.automaton.one(open, symbol('+'));
                self.automaton.many(plus, any_of(" ("))
            } else {
                open
            };
            self.digits(start, end, digits, gap);
        }
        self.automaton.run(end, symbol(')'), 0, 1)
    }

    /// The digits of numbers, with any of the `gap` symbols between two of them.
    fn digits(&mut self, at: usize, end: usize, digits: &Digits, gap: Symbols) {
        let places: Vec<(usize, usize)> =
            digits.nodes.iter().map(|_| (self.automaton.state(), self.automaton.state())).collect();
        for ((next, done), &(before, behind)) in digits.nodes.iter().zip(&places) {
            self.automaton.free(behind, before);
            if gap != 0 {
                self.automaton.edge(before, gap, before);
            }
            for (digit, node) in next {
                if let Some(&(_, to)) = places.get(*node) {
                    self.automaton.edge(before, symbol(*digit), to);
                }
            }
            if *done {
                self.automaton.free(behind, end);
            }
        }
        // The first digit has nothing before it: the root is entered without its gap.
        let root = self.automaton.state();
        self.automaton.free(at, root);
        if let Some((next, _)) = digits.nodes.get(digits.root) {
            for (digit, node) in next {
                if let Some(&(_, to)) = places.get(*node) {
                    self.automaton.edge(root, symbol(*digit), to);
                }
            }
        }
    }

    /// Any user name with a letter in it that is no word of the bank's forms: a reserved word is followed along its
    /// tree, and only leaving the tree, or stopping short of a word's end, is a name.
    fn username(&mut self, at: usize) -> usize {
        let end = self.automaton.state();
        let others = digit() | any_of("._-@");
        let (without, with) = (self.automaton.state(), self.automaton.state());
        self.automaton.edge(without, others, without);
        self.automaton.edge(without, letter(), with);
        self.automaton.edge(with, letter() | others, with);
        self.automaton.free(with, end);
        let tree = Tree::of(&self.bank.reserved);
        let places = self.places(&tree);
        for (node, &from) in tree.nodes.iter().zip(&places) {
            let known = self.branches(node, from, &places, anything());
            self.automaton.edge(from, letter() & !known, with);
            self.automaton.edge(from, others & !known, if node.has_letter { with } else { without });
            if !node.reserved && node.has_letter {
                self.automaton.free(from, end);
            }
        }
        self.automaton.free(at, *places.first().unwrap_or(&end));
        end
    }

    fn places(&mut self, tree: &Tree) -> Vec<usize> {
        tree.nodes.iter().map(|_| self.automaton.state()).collect()
    }

    /// The edges to the node's next nodes, as far as `allowed`; the symbols that they have taken.
    fn branches(&mut self, node: &TreeNode, from: usize, places: &[usize], allowed: Symbols) -> Symbols {
        let mut taken = 0;
        for (c, next) in &node.next {
            taken |= symbol(*c);
            if let Some(&to) = places.get(*next) {
                self.automaton.edge(from, symbol(*c) & allowed, to);
            }
        }
        taken
    }

    /// What may stand behind a form: once more, noise, and a signature without digits and without words of forms.
    fn end(&mut self, at: usize, recharge: bool) {
        let tail = self.automaton.state();
        self.automaton.free(at, tail);
        if recharge {
            let one = self.automaton.one(at, any_of(" \n"));
            let gap = self.automaton.many(one, any_of(" \n"));
            let repeat = self.bank.repeat.clone();
            let said = self.words(gap, repeat.iter().map(String::as_str));
            self.automaton.free(said, tail);
        }
        self.automaton.edge(tail, noise() | any_of(" \n"), tail);
        for face in crate::text::noise::EMOTICONS {
            let behind = self.automaton.text(tail, face);
            self.automaton.free(behind, tail);
        }
        self.automaton.accept(tail);
        let line = self.automaton.one(tail, symbol('\n'));
        let empty = self.automaton.one(line, symbol('\n'));
        self.signature(empty);
    }

    /// Words without digits, none of them a word of the bank's forms.
    fn signature(&mut self, at: usize) {
        let tree = Tree::of(&self.bank.reserved);
        let places = self.places(&tree);
        let between_words = *places.first().unwrap_or(&at);
        let word = self.automaton.state();
        let between = anything() & !alphanumeric();
        self.automaton.free(at, between_words);
        self.automaton.accept(word);
        self.automaton.edge(word, letter(), word);
        self.automaton.edge(word, between, between_words);
        for (node, &from) in tree.nodes.iter().zip(&places) {
            let known = self.branches(node, from, &places, letter());
            self.automaton.edge(from, letter() & !known, word);
            if !node.reserved {
                self.automaton.edge(from, between, between_words);
                self.automaton.accept(from);
            }
        }
    }
}

fn gap_symbols(grouping: Grouping) -> Symbols {
    let mut symbols = any_of("()");
    for (allowed, sign) in [(grouping.space, ' '), (grouping.dash, '-'), (grouping.slash, '/')] {
        if allowed {
            // A dash or slash may have spaces around it.
            symbols |= symbol(sign) | symbol(' ');
        }
    }
    symbols
}
