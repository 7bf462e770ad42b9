//! Digits of numbers and letters of words as trees, from which automata are built.

use std::collections::{BTreeMap, HashSet};

use super::automaton::{Automaton, Symbols, symbol};
use crate::domain::WrittenNumbers;

/// The digits of one kind of number, as a tree whose equal branches are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Digits {
    /// For each node: the next node by digit, and whether a number may end there.
    pub(super) nodes: Vec<(BTreeMap<char, usize>, bool)>,
    pub(super) root: usize,
}

impl Digits {
    /// Of all these numbers, or of those that have exactly `width` digits.
    pub(super) fn of<'n>(all: impl Iterator<Item = &'n WrittenNumbers>, width: Option<usize>) -> Self {
        let mut strings: Vec<(Vec<char>, usize)> = all
            .filter(|numbers| width.is_none_or(|width| numbers.beginning.len() + numbers.free == width))
            .map(|numbers| (numbers.beginning.chars().collect(), numbers.free))
            .collect();
        strings.sort();
        let mut digits = Self::default();
        let mut known = BTreeMap::new();
        digits.root = digits.node(&strings, &mut known);
        digits
    }

    /// The node for these ends of numbers; equal ends have one node.
    fn node(&mut self, ends: &[(Vec<char>, usize)], known: &mut BTreeMap<Vec<(Vec<char>, usize)>, usize>) -> usize {
        if let Some(&node) = known.get(ends) {
            return node;
        }
        let done = ends.iter().any(|(fixed, free)| fixed.is_empty() && *free == 0);
        let mut next = BTreeMap::new();
        for digit in '0'..='9' {
            let mut behind: Vec<(Vec<char>, usize)> = Vec::new();
            for (fixed, free) in ends {
                match fixed.split_first() {
                    Some((first, rest)) if *first == digit => behind.push((rest.to_vec(), *free)),
                    None if *free > 0 => behind.push((Vec::new(), free - 1)),
                    _ => {}
                }
            }
            behind.sort();
            behind.dedup();
            if !behind.is_empty() {
                next.insert(digit, self.node(&behind, known));
            }
        }
        self.nodes.push((next, done));
        known.insert(ends.to_vec(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }
}

/// Words by their letters.
pub(super) struct Tree {
    pub(super) nodes: Vec<TreeNode>,
}

#[derive(Default)]
pub(super) struct TreeNode {
    pub(super) next: BTreeMap<char, usize>,
    pub(super) reserved: bool,
    pub(super) has_letter: bool,
}

impl Tree {
    pub(super) fn of(words: &HashSet<String>) -> Self {
        let mut tree = Self { nodes: vec![TreeNode::default()] };
        for word in words.iter().filter(|word| word.is_ascii()) {
            let end = word.chars().fold(0, |at, c| tree.child(at, c));
            if let Some(node) = tree.nodes.get_mut(end) {
                node.reserved = true;
            }
        }
        tree
    }

    fn child(&mut self, at: usize, c: char) -> usize {
        let new = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        if let Some(&next) = node.next.get(&c) {
            return next;
        }
        node.next.insert(c, new);
        let has_letter = node.has_letter || c.is_alphabetic();
        self.nodes.push(TreeNode { has_letter, ..TreeNode::default() });
        new
    }
}

impl Automaton {
    /// The digits of numbers, with any of the `gap` symbols between two of them.
    pub(super) fn digits(&mut self, at: usize, end: usize, digits: &Digits, gap: Symbols) {
        let places: Vec<(usize, usize)> = digits.nodes.iter().map(|_| (self.state(), self.state())).collect();
        for ((next, done), &(before, behind)) in digits.nodes.iter().zip(&places) {
            self.free(behind, before);
            if gap != 0 {
                self.edge(before, gap, before);
            }
            for (digit, node) in next {
                if let Some(&(_, to)) = places.get(*node) {
                    self.edge(before, symbol(*digit), to);
                }
            }
            if *done {
                self.free(behind, end);
            }
        }
        // The first digit has nothing before it: the root is entered without its gap.
        let root = self.state();
        self.free(at, root);
        if let Some((next, _)) = digits.nodes.get(digits.root) {
            for (digit, node) in next {
                if let Some(&(_, to)) = places.get(*node) {
                    self.edge(root, symbol(*digit), to);
                }
            }
        }
    }

    /// A state for each node.
    pub(super) fn places(&mut self, tree: &Tree) -> Vec<usize> {
        tree.nodes.iter().map(|_| self.state()).collect()
    }

    /// The edges to the node's next nodes, as far as `allowed`; the symbols that they have taken.
    pub(super) fn branches(&mut self, node: &TreeNode, from: usize, places: &[usize], allowed: Symbols) -> Symbols {
        let mut taken = 0;
        for (c, next) in &node.next {
            taken |= symbol(*c);
            if let Some(&to) = places.get(*next) {
                self.edge(from, symbol(*c) & allowed, to);
            }
        }
        taken
    }
}
