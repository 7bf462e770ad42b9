//! Codes in stored and shown texts, and numbers that look like them.

use super::*;

#[test]
fn what_may_be_a_code_is_hidden_and_what_is_none_is_not() {
    for (text, masked) in [
        ("7401582000319524", "74************24"),
        ("mbush 7401582000319524 049123456 x", "mbush 74************24 049123456 x"),
        ("740158200031952", "74***********52"),
        ("74015820003195", "74**********95"),
        ("7401 5820 0031 9524", "74** **** **** **24"),
        ("7401-5820-0031-952!", "74**-****-****-*52!"),
        ("*123*7401582000319524*049123456#", "*123*74************24*049123456#"),
        ("٧٤٠١٥٨٢٠٠٠٣١٩٥٢٤", "٧٤************٢٤"),
        ("74015\u{200b}82000319524", "74***\u{200b}*********24"),
        (
            "\u{202d}7401\u{200b}5820\u{200b}0031\u{200b}9524\u{202c}",
            "\u{202d}74**\u{200b}****\u{200b}****\u{200b}**24\u{202c}",
        ),
        ("7401  5820 \u{200b}0031 - 9524", "74**  **** \u{200b}**** - **24"),
        ("049123456 5", "049123456 5"),
        ("0038349123456 10", "0038349123456 10"),
        ("+383 49 123 456 5", "+383 49 123 456 5"),
        ("0491 2345 6", "0491 2345 6"),
        // A digit or two missing or added, in any group.
        ("7401 582 0031 9524", "74** *** **** **24"),
        ("740 5820 0031 9524", "74* **** **** **24"),
        ("7401 58200 0031 952", "74** ***** **** *52"),
        ("740 5820 0031 952", "74* **** **** *52"),
        // Pieces of several groups.
        ("7401 582000319524", "74** **********24"),
        ("74015820 00319524", "74****** ******24"),
        ("74015820-0031-9524", "74******-****-**24"),
        ("7401 58200031 952", "74** ******** *52"),
        ("kodi 7401 5820 0031 9524 7401 5820 0031 9516", "kodi 74** **** **** **24 74** **** **** **16"),
        // Telephone numbers with an amount and a PIN.
        ("049123456 5 1234", "049123456 5 1234"),
        ("049123456 50 1234", "049123456 50 1234"),
        ("0491234567 50 1234", "0491234567 50 1234"),
        ("04912345 50 1234", "04912345 50 1234"),
        ("049 123 456 5 1234", "049 123 456 5 1234"),
        ("+383 49 123 456 50 1234", "+383 49 123 456 50 1234"),
        ("", ""),
    ] {
        assert_eq!(mask_codes(text, &|_| false), masked);
    }
}

/// As in a plan with numbers of nine digits that begin with 064, of twelve that begin with 381, and of eight.
fn is_number(digits: &str) -> bool {
    let digits = digits.trim_start_matches('+');
    matches!((digits.get(..3), digits.len()), (Some("064"), 10) | (Some("381"), 12) | (Some("491"), 8))
}

#[test]
fn a_telephone_number_beside_an_amount_is_no_code_and_a_secret_in_doubt_is_one() {
    for text in [
        "1000 0641234567 dinara",
        "dopuna 1000 0641 2345 67",
        "1000 +381641234567",
        "0641234567 1234",
        "49123456 49123457",
    ] {
        assert_eq!(mask_codes(text, &is_number), text);
    }
    for (text, masked) in [
        ("1000 0651234567", "10** ********67"),
        ("7401 4912 3456 9520", "74** **** **** **20"),
        ("7401 4912 3456 952", "74** **** **** *52"),
        ("4912 3456 7890 123", "49** **** **** *23"),
        ("49123456 78901234", "49****** ******34"),
        ("49123456 1000 1234", "49****** **** **34"),
        ("0641 2345 6712 3456", "06** **** **** **56"),
    ] {
        assert_eq!(mask_codes(text, &is_number), masked);
    }
}

#[test]
fn a_right_form_shows_its_number_and_its_example_and_no_code_of_the_text() {
    for (form, text, shown) in [
        ("dopuna 1000 0641234567", "1000 0641234567 dinara", "dopuna 1000 0641234567"),
        ("stok 49123456 1000 1234", "stokk 49123456 1000 4711", "stok 49123456 1000 1234"),
        ("1234567890123456 049123456", "740158200031952", "1234567890123456 049123456"),
        ("tv a7401582000319524", "tv a7401582000319524 x", "tv a74************24"),
        ("tv 7401 5820 0031 9524", "tv 7401-5820-0031-9524", "tv 74** **** **** **24"),
    ] {
        assert_eq!(mask_suggested(form, text, &is_number), shown);
    }
}

#[test]
fn octets_are_hidden_too() {
    let code = b"7401582000319524";
    let wide: Vec<u8> = code.iter().flat_map(|digit| [0, *digit]).collect();
    for octets in [&code[..], &wide, &[&[0xd8, 0x3d], &code[..], &[0x41]].concat()] {
        let masked = mask_octets(&hex::encode(octets));
        assert!(!masked.contains("3734") && !masked.contains("3532") && !masked.contains("37003400"), "{masked}");
        assert_eq!(masked.len(), octets.len() * 2);
    }
    assert_eq!(mask_octets("d83d3437"), "d83d3437");
    assert_eq!(mask_octets("no hex"), "******");
}
