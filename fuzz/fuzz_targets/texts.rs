//! Any text to any bank: reading never panics, points into the text where it fails, and reads nothing that it cannot
//! write out and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mbush_fuzz::grammar::{Incoming, Reading};
use mbush_fuzz::grammars;

const SHORT_CODES: [&str; 6] = ["50005", "50333", "50606", "50707", "50808", "50909"];
const SENDERS: [&str; 4] = ["38349111222", "+38344123456", "RAIFFEISEN", "TEB"];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let to = SHORT_CODES[usize::from(choice) % SHORT_CODES.len()];
    let from = SENDERS[usize::from(choice) / SHORT_CODES.len() % SENDERS.len()];
    let message = Incoming { from, to, text: &text, link: None };
    match grammars().read(&message) {
        Ok(Reading::Recharge(request)) => {
            assert!(request.amount.is_none_or(|amount| (100..=5_000).contains(&amount.minor())), "{request:?}");
            if let Some(written) = grammars().canonical(&message, &request) {
                let again = grammars().read(&Incoming { text: &written, ..message });
                assert_eq!(again.ok(), Some(Reading::Recharge(request)), "{text:?} was written as {written:?}");
            }
        }
        Ok(_) => {}
        Err(failure) => {
            assert!(failure.position <= text.chars().count());
            assert!(!failure.picture().is_empty());
        }
    }
});
