//! Typed texts and their folded forms.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn folded(text: &str) -> String {
    normalise(text).unwrap_or_else(|error| panic!("{text:?}: {error}")).folded().to_owned()
}

#[rstest]
#[case::plain("049123456 5", "049123456 5")]
#[case::case("DuoTV Filan", "duotv filan")]
#[case::trimmed("  10 \r\n", "10")]
#[case::tab("fix\t038712345\t20", "fix 038712345 20")]
#[case::no_break_space("049123456\u{a0}5", "049123456 5")]
#[case::ideographic_space("049123456\u{3000}\u{2003}5", "049123456 5")]
#[case::line_break("049123456\r\n5", "049123456\n5")]
#[case::line_separator("049123456 \u{2028} 5", "049123456\n5")]
#[case::empty_line("10\r\n\r\nAgim", "10\n\nagim")]
#[case::blank_line("10\n \t\n\n\nAgim", "10\n\nagim")]
#[case::double_space("049123456  5", "049123456 5")]
#[case::phone_made_stop("049123456. 5", "049123456 5")]
#[case::stop_before_a_line_break("049123456. \n5", "049123456\n5")]
#[case::closing_stop("10.", "10.")]
#[case::closing_stop_and_space("10. \u{a0}", "10.")]
#[case::ellipsis_stays("10... po", "10... po")]
#[case::decimal_stays("5.50 eur", "5.50 eur")]
#[case::byte_order_mark("\u{feff}10", "10")]
#[case::zero_width("049\u{200b}123\u{200d}456\u{200e} 5\u{200f}", "049123456 5")]
#[case::pasted_from_contacts("\u{202d}+38349123456\u{202c} 5", "+38349123456 5")]
#[case::isolates("\u{2066}tv\u{2069} \u{2068}arben1\u{2069}", "tv arben1")]
#[case::albanian("Mbushë ÇKA", "mbushe cka")]
#[case::serbian("Čekaj ćUPRIJA šŠ žŽ đĐ", "cekaj cuprija ss zz djdj")]
#[case::cyrillic("ТВ ДУО фикс џеп Љиљана", "tv duo fiks dzep ljiljana")]
#[case::accents_as_marks("shfrytee\u{308}zuesi", "shfryteezuesi")]
#[case::gsm_substitute("mbushé", "mbushe")]
#[case::full_width("０４９１２３４５６　５．５０", "049123456 5.50")]
#[case::full_width_letters("ＤｕｏＴＶ", "duotv")]
#[case::arabic_indic("٠٤٩١٢٣٤٥٦ ٥٫٥٠", "049123456 5,50")]
#[case::extended_arabic_indic("۰۴۹۱۲۳۴۵۶ ۵", "049123456 5")]
#[case::another_script_per_token("049123456 ٥", "049123456 5")]
#[case::dashes("049–123‑456 5", "049-123-456 5")]
#[case::picture_to_come("5 \u{1faff}", "5 \u{1faff}")]
#[case::euro_and_emoji_stay("5€ 🙏", "5€ 🙏")]
#[case::turkish("İNT ınt", "int int")]
#[case::nothing("", "")]
#[case::only_space(" \u{a0}\n", "")]
fn text_folds(#[case] typed: &str, #[case] expected: &str) {
    assert_eq!(folded(typed), expected);
}

#[rstest]
#[case::mixed_arabic("04٩", NormaliseError::MixedDigits { at: 2 })]
#[case::two_arabics("٠۴", NormaliseError::MixedDigits { at: 2 })]
#[case::mixed_behind_a_sign("049/１２３", NormaliseError::MixedDigits { at: 4 })]
#[case::superscript("5²", NormaliseError::LookalikeDigit { at: 1, found: '²' })]
#[case::circled("⑤", NormaliseError::LookalikeDigit { at: 0, found: '⑤' })]
#[case::dingbat("❺", NormaliseError::LookalikeDigit { at: 0, found: '❺' })]
#[case::fraction("5½", NormaliseError::LookalikeDigit { at: 1, found: '½' })]
#[case::square_metre("5㎡", NormaliseError::LookalikeDigit { at: 1, found: '㎡' })]
#[case::mathematical("𝟓", NormaliseError::LookalikeDigit { at: 0, found: '𝟓' })]
#[case::roman("Ⅴ", NormaliseError::LookalikeDigit { at: 0, found: 'Ⅴ' })]
#[case::tamil_ten("௰", NormaliseError::LookalikeDigit { at: 0, found: '௰' })]
#[case::devanagari_and_bengali("०১", NormaliseError::MixedDigits { at: 3 })]
#[case::myanmar_and_shan("၅႕", NormaliseError::MixedDigits { at: 3 })]
#[case::keycap("5\u{fe0f}\u{20e3}", NormaliseError::LookalikeDigit { at: 4, found: '\u{20e3}' })]
#[case::keycap_ten("🔟", NormaliseError::LookalikeDigit { at: 0, found: '🔟' })]
#[case::overridden("10 \u{202e}05", NormaliseError::RightToLeftOverride { at: 3 })]
#[case::isolated("\u{2067}10 05", NormaliseError::RightToLeftOverride { at: 0 })]
#[case::replacement("1\u{fffd}0", NormaliseError::Undecodable { at: 1 })]
#[case::escape("10\u{1b}", NormaliseError::Unseen { at: 2, found: '\u{1b}' })]
#[case::zero("\0", NormaliseError::Unseen { at: 0, found: '\0' })]
#[case::c1("10\u{9c}", NormaliseError::Unseen { at: 2, found: '\u{9c}' })]
#[case::filler("5\u{3164}", NormaliseError::Unseen { at: 1, found: '\u{3164}' })]
#[case::blank_within_a_number("049\u{2800}123456 5", NormaliseError::Unseen { at: 3, found: '\u{2800}' })]
#[case::deprecated_control("5\u{206a}", NormaliseError::Unseen { at: 1, found: '\u{206a}' })]
#[case::selector_of_another_script("5\u{180b}", NormaliseError::Unseen { at: 1, found: '\u{180b}' })]
#[case::private_use("5 \u{e000}", NormaliseError::Unseen { at: 2, found: '\u{e000}' })]
#[case::noncharacter("5\u{ffff}", NormaliseError::Unseen { at: 1, found: '\u{ffff}' })]
#[case::unassigned("5 \u{378}", NormaliseError::Unseen { at: 2, found: '\u{378}' })]
fn text_is_refused(#[case] typed: &str, #[case] expected: NormaliseError) {
    assert_eq!(normalise(typed), Err(expected));
    assert!(typed.is_char_boundary(expected.at()));
}

#[rstest]
#[case::bengali("০১৭১২৩৪৫৬৭৮", "01712345678")]
#[case::devanagari("९८१२३४५६७८ १९९", "9812345678 199")]
#[case::gujarati("૦૧૨૩૪૫૬૭૮૯", "0123456789")]
#[case::tamil("௦௧௨௩௪௫௬௭௮௯", "0123456789")]
#[case::thai("๐๑๒๓๔๕๖๗๘๙", "0123456789")]
#[case::lao("໐໑໒໓໔໕໖໗໘໙", "0123456789")]
#[case::khmer("០១២៣៤៥៦៧៨៩", "0123456789")]
#[case::myanmar("၀၁၂၃၄၅၆၇၈၉", "0123456789")]
#[case::adlam("𞥐𞥑𞥒", "012")]
#[case::each_token_of_a_script_of_its_own("১২ 34 ५६", "12 34 56")]
fn digits_of_every_script_are_digits(#[case] typed: &str, #[case] expected: &str) {
    assert_eq!(folded(typed), expected);
}

#[test]
fn a_text_of_a_named_limit_is_read_and_a_longer_one_is_not() {
    let longest = "é".repeat(TEXT_BYTES_MAX / 2);
    assert_eq!(folded(&longest).len(), TEXT_BYTES_MAX / 2);
    let bytes = TEXT_BYTES_MAX + 1;
    assert_eq!(normalise(&"5".repeat(bytes)), Err(NormaliseError::TooLong { bytes }));
}

#[test]
fn every_place_leads_back_to_what_was_typed() {
    let typed = "\u{feff} Duo\u{200b}TV.  Shfrytëzuesi1\u{200e}\r\n đ5 ";
    let text = normalise(typed).unwrap();
    assert_eq!(text.folded(), "duotv shfrytezuesi1\ndj5");
    assert_eq!(text.as_typed(0..5), "DuoTV");
    assert_eq!(text.as_typed(6..19), "Shfrytëzuesi1");
    assert_eq!(text.as_typed(20..22), "đ");
    assert_eq!(text.as_typed(22..23), "5");
    assert_eq!(typed[..text.origin(22)].chars().count() + 1, text.column(22));
    assert_eq!(text.origin(23), typed.trim_end().len());
}

#[test]
fn an_accent_of_its_own_belongs_to_the_letter_as_typed() {
    let text = normalise("tv e\u{308}ni\u{302} 5").unwrap();
    assert_eq!(text.folded(), "tv eni 5");
    assert_eq!(text.as_typed(3..6), "e\u{308}ni\u{302}");
    assert_eq!(text.as_typed(5..6), "i\u{302}");
}

#[test]
fn a_caret_stands_under_the_character() {
    let text = normalise("  ëë five").unwrap();
    assert_eq!(text.folded(), "ee five");
    assert_eq!(text.column(3), 6);
    assert_eq!(text.column(text.folded().len()), 10);
}

proptest! {
    #[test]
    fn never_panics_and_every_place_is_a_character(typed in any::<String>()) {
        if let Ok(text) = normalise(&typed) {
            let mut before = 0;
            for (at, _) in text.folded().char_indices().chain([(text.folded().len(), ' ')]) {
                let origin = text.origin(at);
                prop_assert!(typed.is_char_boundary(origin), "{at} -> {origin}");
                prop_assert!(origin >= before);
                before = origin;
            }
        }
    }

    #[test]
    fn both_paths_agree(typed in "[ -~\n]{0,60}") {
        let (folded, marks) = walk(&typed).unwrap();
        let general = Normalised { original: &typed, folded, marks };
        let text = normalise(&typed).unwrap();
        prop_assert_eq!(text.folded(), general.folded());
        for at in 0..text.folded().len() {
            prop_assert_eq!(text.origin(at), general.origin(at));
        }
    }

    #[test]
    fn what_is_folded_folds_to_itself(typed in "[ a-zA-ZëčđШћ0-9.,\u{a0}\n٠-٩-]{0,40}") {
        if let Ok(text) = normalise(&typed) {
            let again = normalise(text.folded()).unwrap();
            prop_assert_eq!(again.folded(), text.folded());
        }
    }
}

#[test]
fn a_keyword_with_a_crossed_d_has_two_spellings() {
    assert_eq!(keyword_spellings("Dođi").unwrap(), ["dodji", "dodi"]);
    assert_eq!(keyword_spellings("Дођи").unwrap(), ["dodji", "dodi"]);
    assert_eq!(keyword_spellings("Mbushë").unwrap(), ["mbushe"]);
}
