//! A mistake in a grammar file: the file, the place in it, and the alternatives that are allowed there.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One error in a grammar file. [`fmt::Display`] draws it as rustc draws its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the file.
    pub file: String,
    /// Line of the place, from 1.
    pub line: usize,
    /// Column of the place, in characters from 1.
    pub column: usize,
    /// The mistake.
    pub message: String,
    /// The same at the place itself, shorter; may be empty.
    pub label: String,
    /// The correction, where there is one.
    pub help: Option<String>,
    /// A second place that takes part in the error: in the same file or in another.
    pub other: Option<OtherPlace>,
    source: String,
    span: Range<usize>,
}

/// The second place of a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPlace {
    /// Name of its file.
    pub file: String,
    /// Its part in the error.
    pub label: String,
    source: String,
    span: Range<usize>,
}

impl Diagnostic {
    /// An error at `span` (bytes) of `source`, the text of `file`.
    pub(super) fn new(file: &str, source: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let span = on_boundaries(source, span);
        let before = &source[..span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: source[line_start..span.start].chars().count() + 1,
            message: message.into(),
            label: String::new(),
            help: None,
            other: None,
            source: source.to_owned(),
            span,
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn other(mut self, file: &str, source: &str, span: Range<usize>, label: impl Into<String>) -> Self {
        self.other = Some(OtherPlace {
            file: file.to_owned(),
            label: label.into(),
            source: source.to_owned(),
            span: on_boundaries(source, span),
        });
        self
    }
}

/// A span that can be cut out of `source`, whatever made it.
fn on_boundaries(source: &str, span: Range<usize>) -> Range<usize> {
    let start = source.floor_char_boundary(span.start);
    start..source.ceil_char_boundary(span.end.max(start)).max(start)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = AnnotationKind::Primary.span(self.span.clone()).label(self.label.as_str());
        let mut group = Group::with_title(Level::ERROR.primary_title(self.message.as_str()))
            .element(Snippet::source(self.source.as_str()).path(self.file.as_str()).annotation(place));
        if let Some(other) = &self.other {
            let place = AnnotationKind::Context.span(other.span.clone()).label(other.label.as_str());
            group = group.element(Snippet::source(other.source.as_str()).path(other.file.as_str()).annotation(place));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        f.write_str(&Renderer::plain().render(&[group]))
    }
}
