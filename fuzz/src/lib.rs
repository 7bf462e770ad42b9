//! The pure rooms, for fuzzing.

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/grammar/mod.rs"]
pub mod grammar;
#[path = "../../src/iso8583/mod.rs"]
pub mod iso8583;
#[path = "../../src/smpp/session/script_tests.rs"]
mod script_tests;
#[path = "../../src/smpp/mod.rs"]
pub mod smpp;
#[path = "../../src/text/mod.rs"]
pub mod text;
#[path = "../../src/smpp/session/witness_tests.rs"]
mod witness_tests;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use domain::NumberingPlan;
use grammar::GrammarSet;

/// Plays a session's script; panics at what must never be.
pub fn play(script: &[u8]) -> String {
    script_tests::play(script)
}

/// The numbering plan that is built in.
pub fn plan() -> Arc<NumberingPlan> {
    static PLAN: OnceLock<Arc<NumberingPlan>> = OnceLock::new();
    PLAN.get_or_init(|| Arc::new(NumberingPlan::kosovo().expect("a test loads the same text"))).clone()
}

/// The grammars of this checkout.
pub fn grammars() -> &'static GrammarSet {
    static GRAMMARS: OnceLock<GrammarSet> = OnceLock::new();
    GRAMMARS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grammars");
        let mut paths: Vec<_> = std::fs::read_dir(folder).expect("grammars/").flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        let files = paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a file")));
        GrammarSet::load(files, plan()).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
    })
}
