//! National language single shift tables (3GPP TS 23.038 annex A.2): additions to the default extension table.

use super::Runs;

/// Shared by the tables of the Indic languages and Urdu.
pub(super) const INDIC: Runs =
    &[(0x00, "@£$¥¿\"¤%&'"), (0x0b, "*+"), (0x0e, "-/<=>¡^¡_#*"), (0x41, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")];

pub(super) const TURKISH: Runs =
    &[(0x47, "Ğ"), (0x49, "İ"), (0x53, "Ş"), (0x63, "ç"), (0x67, "ğ"), (0x69, "ı"), (0x73, "ş")];

pub(super) const SPANISH: Runs = &[
    (0x09, "ç"),
    (0x41, "Á"),
    (0x49, "Í"),
    (0x4f, "Ó"),
    (0x55, "Ú"),
    (0x61, "á"),
    (0x69, "í"),
    (0x6f, "ó"),
    (0x75, "ú"),
];

pub(super) const PORTUGUESE: Runs = &[
    (0x05, "ê"),
    (0x09, "ç"),
    (0x0b, "Ôô"),
    (0x0e, "Áá"),
    (0x12, "ΦΓ"),
    (0x15, "ΩΠΨΣΘ"),
    (0x1f, "Ê"),
    (0x41, "À"),
    (0x49, "Í"),
    (0x4f, "Ó"),
    (0x55, "Ú"),
    (0x5b, "ÃÕ"),
    (0x61, "Â"),
    (0x69, "í"),
    (0x6f, "ó"),
    (0x75, "ú"),
    (0x7b, "ãõ"),
    (0x7f, "â"),
];

pub(super) const BENGALI: Runs = &[
    (0x19, "\u{9e6}\u{9e7}"),
    (0x1c, "\u{9e8}\u{9e9}\u{9ea}\u{9eb}\u{9ec}\u{9ed}\u{9ee}\u{9ef}\u{9df}\u{9e0}\u{9e1}\u{9e2}"),
    (0x2a, "\u{9e3}\u{9f2}\u{9f3}\u{9f4}\u{9f5}"),
    (0x30, "\u{9f6}\u{9f7}\u{9f8}\u{9f9}\u{9fa}"),
];

pub(super) const GUJARATI: Runs =
    &[(0x19, "\u{964}\u{965}"), (0x1c, "\u{ae6}\u{ae7}\u{ae8}\u{ae9}\u{aea}\u{aeb}\u{aec}\u{aed}\u{aee}\u{aef}")];

pub(super) const HINDI: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{966}\u{967}\u{968}\u{969}\u{96a}\u{96b}\u{96c}\u{96d}\u{96e}\u{96f}\u{951}\u{952}"),
    (0x2a, "\u{953}\u{954}\u{958}\u{959}\u{95a}"),
    (0x30, "\u{95b}\u{95c}\u{95d}\u{95e}\u{95f}\u{960}\u{961}\u{962}\u{963}\u{970}\u{971}"),
];

pub(super) const KANNADA: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{ce6}\u{ce7}\u{ce8}\u{ce9}\u{cea}\u{ceb}\u{cec}\u{ced}\u{cee}\u{cef}\u{cde}\u{cf1}"),
    (0x2a, "\u{cf2}"),
];

pub(super) const MALAYALAM: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{d66}\u{d67}\u{d68}\u{d69}\u{d6a}\u{d6b}\u{d6c}\u{d6d}\u{d6e}\u{d6f}\u{d70}\u{d71}"),
    (0x2a, "\u{d72}\u{d73}\u{d74}\u{d75}\u{d7a}"),
    (0x30, "\u{d7b}\u{d7c}\u{d7d}\u{d7e}\u{d7f}"),
];

pub(super) const ORIYA: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{b66}\u{b67}\u{b68}\u{b69}\u{b6a}\u{b6b}\u{b6c}\u{b6d}\u{b6e}\u{b6f}\u{b5c}\u{b5d}"),
    (0x2a, "\u{b5f}\u{b70}\u{b71}"),
];

pub(super) const PUNJABI: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{a66}\u{a67}\u{a68}\u{a69}\u{a6a}\u{a6b}\u{a6c}\u{a6d}\u{a6e}\u{a6f}\u{a59}\u{a5a}"),
    (0x2a, "\u{a5b}\u{a5c}\u{a5e}\u{a75}"),
];

pub(super) const TAMIL: Runs = &[
    (0x19, "\u{964}\u{965}"),
    (0x1c, "\u{be6}\u{be7}\u{be8}\u{be9}\u{bea}\u{beb}\u{bec}\u{bed}\u{bee}\u{bef}\u{bf3}\u{bf4}"),
    (0x2a, "\u{bf5}\u{bf6}\u{bf7}\u{bf8}\u{bfa}"),
];

pub(super) const TELUGU: Runs = &[
    (0x1c, "\u{c66}\u{c67}\u{c68}\u{c69}\u{c6a}\u{c6b}\u{c6c}\u{c6d}\u{c6e}\u{c6f}\u{c58}\u{c59}"),
    (0x2a, "\u{c78}\u{c79}\u{c7a}\u{c7b}\u{c7c}"),
    (0x30, "\u{c7d}\u{c7e}\u{c7f}"),
];

pub(super) const URDU: Runs = &[
    (0x19, "\u{600}\u{601}"),
    (0x1c, "\u{6f0}\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}\u{6f7}\u{6f8}\u{6f9}\u{60c}\u{60d}"),
    (0x2a, "\u{60e}\u{60f}\u{610}\u{611}\u{612}"),
    (0x30, "\u{613}\u{614}\u{61b}\u{61f}\u{640}\u{652}\u{658}\u{66b}\u{66c}\u{672}\u{673}\u{6cd}"),
    (0x3f, "\u{6d4}"),
];
