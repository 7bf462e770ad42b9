//! Any text as a grammar file: it is a grammar that reads messages, or it has diagnostics that can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mbush_fuzz::grammar::{GrammarSet, Incoming};
use mbush_fuzz::plan;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    match GrammarSet::load([("fuzz.toml", &*text)], plan()) {
        Ok(set) => {
            let codes: Vec<String> = set.banks().flat_map(|bank| bank.short_codes.to_vec()).map(|code| code.to_string()).collect();
            for code in &codes {
                for text in ["", "5", "049123456 5", "tv arben1"] {
                    let _ = set.read(&Incoming { from: "38349111222", to: code, text, link: None });
                }
            }
        }
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty());
            for diagnostic in diagnostics {
                assert!(!diagnostic.to_string().is_empty());
            }
        }
    }
});
