//! What was read of a text is told in full, in words and as an object, and nothing of it that is worth money.

use rstest::rstest;
use serde_json::{Value, json};
use testkit::{mbush, run};

use crate::printed;

#[rstest]
#[case("124", "049123456 5 4711", "sell 5.00 EUR from the dealer's wallet to +38349123456 (IPKO), PIN ****",
    json!({ "service": "sale", "form": "sale", "target": "+38349123456", "amount_minor": 500, "pin": "****" }))]
#[case("124", "stok 049123456 50 4711", "hand 50.00 EUR of the dealer's stock on to the dealer of +38349123456 (IPKO)",
    json!({ "service": "stock", "form": "stock for a dealer", "amount_minor": 5000, "pin": "****" }))]
#[case("124", "kthe 049123456 5 4711", "take the dealer's last sale of 5.00 EUR to +38349123456 (IPKO) back",
    json!({ "service": "undo", "form": "last sale back", "amount_minor": 500, "pin": "****" }))]
#[case("124", "pin 4711 2580", "change the PIN of the sender's dealer from **** to ****",
    json!({ "service": "dealer_pin", "form": "another PIN", "pin": "****", "new_pin": "****" }))]
#[case("121", "049123456 5 4711", "send 5.00 EUR of the sender's credit to +38349123456 (IPKO), PIN ****",
    json!({ "service": "transfer", "target": "+38349123456", "amount_minor": 500, "operator": "ipko", "pin": "****" }))]
#[case("123", "pin 4711 2580", "change the sender's PIN from **** to ****", json!({ "service": "pin" }))]
#[case("123", "7401582000319524", "top up +38349000000 (IPKO) with the card 74************24",
    json!({ "service": "voucher", "target": "+38349000000", "code": "74************24" }))]
#[case("123", "english", "reply in English from now on", json!({ "service": "language", "language": "en" }))]
#[case("123", "bilanci", "tell the sender's balance", json!({ "service": "balance" }))]
#[case("50005", "help", "explain the forms of ", json!({ "service": "help", "bank": "ekonomike" }))]
#[case("50808", "rb 049123456 20 4711", "top up mobile +38349123456 (IPKO) with 20.00 EUR",
    json!({ "service": "mobile", "amount_minor": 2000, "pin_verified_by": "subscriber" }))]
#[case("50909", "gjendja 4711", "tell the sender's balance", json!({ "service": "balance", "pin_verified_by": "subscriber" }))]
#[case("50909", "049123456 5 ref A81723", "top up mobile +38349123456 (IPKO) with 5.00 EUR, reference A81723",
    json!({ "service": "mobile", "reference": "A81723", "amount_minor": 500 }))]
#[case("50005", "049123456 5 opet", "top up mobile +38349123456 (IPKO) with 5.00 EUR, once more",
    json!({ "service": "mobile", "repeat": true, "operator": "ipko" }))]
fn a_reading_is_told_in_full(#[case] to: &str, #[case] text: &str, #[case] said: &str, #[case] fields: Value) {
    let shown = printed(&run(mbush().args(["parse", to, text])));
    assert!(shown.starts_with(&format!("command  {said}")), "{shown}");
    let object: Value = serde_json::from_str(&printed(&run(mbush().args(["parse", to, text, "--json"])))).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&object[name], value, "{name}: {object}");
    }
    let (bank, form) = (object["bank"].as_str().unwrap(), object["form"].as_str().unwrap());
    assert!(shown.contains(&format!("form \"{form}\"\n")), "{shown}");

    let tried = printed(&run(mbush().args(["grammar", "try", text, "--bank", bank, "--from", "+38349000000"])));
    assert!(tried.contains(&format!("{bank}  read by `{form}`: {said}")), "{tried}");
    let tried_json = printed(&run(mbush().args(["grammar", "try", text, "--bank", bank, "--json"])));
    let all = format!("{shown}{object}{tried}{tried_json}");
    for secret in ["4711", "2580", "7401582000319524", "Request {", "Some("] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
    let tried: Value = serde_json::from_str(&tried_json).unwrap();
    assert_eq!(tried, object);
}
