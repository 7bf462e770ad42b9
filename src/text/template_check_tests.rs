//! Files of texts: what they may say, what is wrong with them, and the proof that every reply fits.

use crate::domain::Language;
use crate::text::replies;
use crate::text::segments::split;
use crate::text::templates::{Templates, Values, longest_values};

const BENGALI: &str = "code = \"bn\"\nname = \"Bengali\"\nalphabet = \"ucs2\"\nsegments = 3\nfallback = \"en\"\n\
                       currency = \"টাকা\"\nthousands = \",\"\n";
const CYRILLIC: &str = "code = \"sr-Cyrl\"\nname = \"Serbian\"\nalphabet = \"ucs2\"\nsegments = 2\nfallback = \"sr\"\n\
                        currency = \"дин.\"\ndecimal = \",\"\nthousands = \".\"\n";
const FRENCH: &str = "code = \"fr\"\nname = \"French\"\nfallback = \"en\"\ncurrency = \"EUR\"\n";

fn file(name: &str, settings: &str, replies: &str) -> (String, String) {
    (name.to_owned(), format!("[language]\n{settings}[replies]\n{replies}"))
}

fn english() -> (String, String) {
    ("en.toml".to_owned(), include_str!("../../countries/xk/texts/en.toml").to_owned())
}

fn load(mut files: Vec<(String, String)>) -> Result<Templates, Vec<String>> {
    let serbian = include_str!("../../countries/xk/texts/sr.toml");
    files.extend([english(), ("sr.toml".to_owned(), serbian.to_owned())]);
    Templates::load(files, &[], &longest_values()).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn refused(settings: &str, replies: &str) -> Vec<String> {
    load(vec![file("a.toml", settings, replies)]).unwrap_err()
}

fn values(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

#[test]
fn a_text_in_ucs2_is_sent_as_it_is_written_with_the_currency_and_signs_of_its_language() {
    let bengali = "low_stock = 'আপনার স্টক কম: {{ balance }} {{ currency }}।'\n\
                   leftover = 'আমরা \"{{ value }}\" বুঝিনি। লিখুন: {{ form }}'\n";
    let cyrillic = "low_stock = 'Ваша залиха је ниска: {{ balance }} {{ currency }}'\n";
    let files = vec![file("bn.toml", BENGALI, bengali), file("sr-Cyrl.toml", CYRILLIC, cyrillic)];
    let templates = load(files).unwrap();
    let low = |code: &str| {
        templates.words(code.parse().unwrap(), "low_stock", &values(&[("balance", "1234567.50")])).unwrap()
    };
    assert_eq!(low("bn"), "আপনার স্টক কম: 1,234,567.50 টাকা।");
    assert_eq!(low("sr-Cyrl"), "Ваша залиха је ниска: 1.234.567,50 дин.");
    assert_eq!(low("en"), "Your stock is low: 1234567.50 EUR. Please order more in time.");
    // Words of a sender are cut, and not transliterated.
    let leftover = values(&[("value", "ধন্যবাদ, অনেক ধন্যবাদ আপনাকে"), ("form", "10")]);
    let text = templates.words("bn".parse().unwrap(), "leftover", &leftover).unwrap();
    assert_eq!(text, "আমরা \"ধন্যবাদ, অনেক ধন্য..\" বুঝিনি। লিখুন: 10");
}

#[test]
fn a_reply_that_a_file_lacks_is_told_in_its_fallback_with_the_signs_of_that() {
    let templates = load(vec![file("bn.toml", BENGALI, ""), file("sr-Cyrl.toml", CYRILLIC, "")]).unwrap();
    let low = |code: &str| templates.words(code.parse().unwrap(), "low_stock", &values(&[("balance", "1234.50")]));
    assert_eq!(low("bn").unwrap(), "Your stock is low: 1234.50 EUR. Please order more in time.");
    assert_eq!(low("sr-Cyrl").unwrap(), "Vasa zaliha je niska: 1234.50 EUR. Molimo porucite na vreme.");
}

#[test]
fn the_first_language_is_the_default() {
    let order = |order: &[&str]| {
        let order: Vec<Language> = order.iter().map(|code| code.parse().unwrap()).collect();
        let files = vec![file("bn.toml", BENGALI, ""), file("fr.toml", FRENCH, ""), english()];
        let templates = Templates::load(files, &order, &longest_values());
        templates.map(|templates| templates.languages().map(|language| language.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(order(&[]).unwrap(), ["bn", "fr", "en"]);
    assert_eq!(order(&["en", "bn"]).unwrap(), ["en", "bn", "fr"]);
    let error = order(&["en", "vi"]).unwrap_err();
    assert_eq!(error[0].to_string(), "texts: there are no texts in `vi`; there are texts in bn, fr, en");
    let none = Templates::load(Vec::new(), &[], &longest_values()).unwrap_err();
    assert_eq!(none[0].to_string(), "texts: there is no file of texts: write one for each language");
}

#[test]
fn settings_that_cannot_be_are_told_with_what_to_write() {
    for (from, to, told) in [
        (
            "\"fr\"",
            "\"fr-FR\"",
            "a.toml, line 2: `code`: `fr-FR` is no code of a language: write two or three small letters",
        ),
        ("\"French\"", "\" \"", "a.toml, line 3: `name`: it is empty"),
        ("\"en\"", "\"de\"", "a.toml, line 4: `fallback`: there are no texts in `de`; there are texts in fr, en, sr"),
        ("\"en\"", "\"fr\"", "a.toml, line 4: `fallback`: `fr` to `fr` leads back to itself"),
        ("\"en\"", "\"EN\"", "a.toml, line 4: `fallback`: `EN` is no code of a language"),
        ("\"EUR\"", "\"\"", "a.toml, line 5: `currency`: write 1 to 16 characters"),
        ("\"EUR\"", "\"টাকা\"", "a.toml, line 5: `currency`: 'ট' cannot be sent in GSM 7-bit"),
        (
            "\"EUR\"\n",
            "\"EUR\"\nalphabet = \"utf8\"\n",
            "line 6: `alphabet`: there is no alphabet `utf8`: write \"gsm7\" or",
        ),
        ("\"EUR\"\n", "\"EUR\"\nsegments = 4\n", "line 6: `segments`: a reply may have 1 to 3 parts"),
        ("\"EUR\"\n", "\"EUR\"\nsegments = 0\n", "line 6: `segments`: a reply may have 1 to 3 parts"),
        ("\"EUR\"\n", "\"EUR\"\ndecimal = \"\"\n", "line 6: `decimal`: write one sign"),
        ("\"EUR\"\n", "\"EUR\"\ndecimal = \"8\"\n", "line 6: `decimal`: write one sign"),
        ("\"EUR\"\n", "\"EUR\"\ndecimal = \"\u{66b}\"\n", "line 6: `decimal`: '\u{66b}' cannot be sent in GSM 7-bit"),
        ("\"EUR\"\n", "\"EUR\"\nthousands = \"..\"\n", "line 6: `thousands`: write one sign"),
        ("\"EUR\"\n", "\"EUR\"\nthousands = \".\"\n", "line 6: `thousands`: it is the sign of `decimal` too"),
        ("\"EUR\"\n", "\"EUR\"\nshift = \"turkish\"\n", "line 6: unknown field `shift`"),
        ("currency = \"EUR\"\n", "", "missing field `currency`"),
        ("\"fr\"", "5", "a.toml, line 2: invalid type"),
    ] {
        let found = refused(&FRENCH.replace(from, to), "");
        assert!(found[0].contains(told), "{to}: {found:?}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_told_with_their_lines() {
    let texts = "helpp = 'Aide'\nstop = ' '\nhelp = 'Écrivez {{ from }} à {{ bank }}'\nduplicate = '''\n{{ amount'''\n\
                 unreadable = 'Щ {{ form }}'\namount_missing = '{{ form | no_filter }}'\nlow_stock = '{{ balance }} {{ currency }}'\n";
    let other = file("b.toml", "code = \"vi\"\nname = \"Vietnamese\"\ncurrency = \"VND\"\n", "sold = 5\n");
    let mut found = load(vec![file("a.toml", FRENCH, texts), other]).unwrap_err();
    found.sort_unstable();
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(found[0].starts_with("a.toml, line 10: reply `duplicate`: "), "{found:#?}");
    assert_eq!(
        found[1],
        "a.toml, line 12: `unreadable`: 'Щ' cannot be sent in GSM 7-bit: write another, or set alphabet = \"ucs2\""
    );
    assert!(found[2].starts_with("a.toml, line 13: reply `amount_missing`: "), "{found:#?}");
    assert_eq!(found[3], "a.toml, line 7: there is no reply `helpp`: did you mean `help`?");
    assert!(found[4].starts_with("a.toml, line 8: reply `stop` is empty: write its text"), "{found:#?}");
    assert_eq!(found[5], "a.toml, line 9: reply `help`: no value `from`; there are: bank, form, currency");
    assert!(found[6].starts_with("b.toml, line 6: invalid type: integer `5`"), "{found:#?}");
}

#[test]
fn what_the_files_lack_together_is_told() {
    let alone = refused("code = \"fr\"\nname = \"French\"\ncurrency = \"EUR\"\n", "stop = 'Rien'\n");
    assert!(alone[0].starts_with("a.toml, line 5: these replies are missing: account_suspended, account_unknown, "));
    assert!(alone[0].ends_with("; write them, or name a `fallback`") && !alone[0].contains("stop,"), "{alone:?}");
    let twice = load(vec![file("a.toml", FRENCH, ""), file("b.toml", FRENCH, "")]).unwrap_err();
    assert_eq!(twice, ["b.toml: a.toml has the texts in `fr` already: write one file for each language"]);
    let to = |code: &str, fallback: &str| {
        file(&format!("{code}.toml"), &FRENCH.replace("fr", code).replace("\"en\"", &format!("\"{fallback}\"")), "")
    };
    let circle = load(vec![to("aa", "bb"), to("bb", "cc"), to("cc", "bb")]).unwrap_err();
    assert_eq!(circle.len(), 2, "aa is outside of the circle: {circle:?}");
    assert!(
        circle[0].starts_with("bb.toml, line 4: `fallback`: `bb` to `cc` to `bb` leads back to itself"),
        "{circle:?}"
    );
}

#[test]
fn a_reply_fits_the_parts_that_its_language_allows() {
    let stop = |settings: &str, text: &str| load(vec![file("a.toml", settings, &format!("stop = '{text}'\n"))]);
    let with = |settings: &str, segments: usize| settings.replace("segments = 3", &format!("segments = {segments}"));
    let gsm7 = |segments: usize| format!("{FRENCH}segments = {segments}\n");
    for (settings, letter, room) in [
        (gsm7(1), "x", 160),
        (gsm7(2), "x", 306),
        (gsm7(3), "x", 459),
        (with(BENGALI, 1), "ট", 70),
        (with(BENGALI, 2), "ট", 134),
        (with(BENGALI, 3), "ট", 201),
    ] {
        assert!(stop(&settings, &letter.repeat(room)).is_ok(), "{settings}");
        let found = stop(&settings, &letter.repeat(room + 1)).unwrap_err();
        let told = format!(
            "reply `stop` takes {} {} of {room} in ",
            room + 1,
            if letter == "x" { "septets" } else { "UCS-2 units" }
        );
        assert!(found[0].contains(&told), "{found:?}");
    }
    // A letter and its marks are not cut, so that a part may have to leave a place unused.
    assert!(stop(&with(BENGALI, 3), &"টি".repeat(99)).is_ok());
    assert!(
        stop(&with(BENGALI, 3), &"টি".repeat(100)).unwrap_err()[0].contains("takes 200 UCS-2 units of 199 in 3 parts")
    );
}

#[test]
fn a_language_with_national_tables_is_sent_in_its_letters_and_proven_with_their_header() {
    let turkish = |more: &str, replies: &str| {
        let settings = format!("code = \"tr\"\nname = \"Turkish\"\nfallback = \"en\"\ncurrency = \"TL\"\n{more}");
        load(vec![file("a.toml", &settings, replies)])
    };
    let stop = |more: &str, text: &str| turkish(more, &format!("stop = '{text}'\n"));
    let (both, single) = ("national = \"turkish\"\n", "national = \"turkish\"\nlocking = false\n");
    for (more, letter, room) in [
        (both, "x", 155),
        (both, "ş", 152),
        (single, "x", 155),
        ("national = \"turkish\"\nsegments = 2\n", "ş", 291),
        ("national = \"spanish\"\n", "x", 155),
        ("national = \"hindi\"\n", "क", 152),
    ] {
        assert!(stop(more, &letter.repeat(room)).is_ok(), "{more} {letter}");
        let found = stop(more, &letter.repeat(room + 1)).unwrap_err();
        assert!(found[0].contains(&format!("takes {} septets of {room} in ", room + 1)), "{found:?}");
    }
    assert!(stop(single, &"ş".repeat(77)).is_ok() && stop(single, &"ş".repeat(78)).is_err());
    assert!(
        stop(both, "ë").is_ok_and(|texts| texts.words("tr".parse().unwrap(), "stop", &values(&[])).unwrap() == "e")
    );
    assert!(stop(both, "Щ").unwrap_err()[0].contains("`stop`: 'Щ' cannot be sent in GSM 7-bit"));
    let texts = turkish(both, "leftover = 'Anlaşılmadı: \"{{ value }}\". Örnek: {{ form }}'\n").unwrap();
    let leftover = values(&[("value", "Şükrü için çok dağınık şey"), ("form", "ğ 10€")]);
    let text = texts.words("tr".parse().unwrap(), "leftover", &leftover).unwrap();
    // A letter that may be two septets takes two of the places of a value.
    assert_eq!(text, "Anlaşılmadı: \"Şükrü için çok ..\". Örnek: ğ 10EUR");
}

#[test]
fn tables_that_cannot_be_are_told_with_what_to_write() {
    for (more, told) in [
        ("national = \"Turkish\"\n", "line 6: `national`: there are no such tables: write one of turkish, spanish, "),
        ("alphabet = \"ucs2\"\nnational = \"urdu\"\n", "line 7: `national`: a language that is sent in UCS-2 needs no"),
        ("locking = false\n", "line 6: `locking`: it is about the tables of `national`"),
        (
            "national = \"tamil\"\nlocking = false\n",
            "line 7: `locking`: the letters of this language are in its locking",
        ),
    ] {
        let found = refused(&format!("{FRENCH}{more}"), "");
        assert!(found[0].contains(told), "{found:?}");
    }
}

#[test]
fn the_reply_to_a_list_fits_parts_of_its_own() {
    let items = 408;
    let list = |settings: &str, letter: &str, letters: usize| {
        let text = format!("applied_list = '{{{{ items }}}}{}'\n", letter.repeat(letters));
        load(vec![file("a.toml", settings, &text)])
    };
    for (settings, letter, room) in [(FRENCH, "x", 4 * 153), (BENGALI, "ট", 9 * 67)] {
        assert!(list(settings, letter, room - items).is_ok(), "{settings}");
        let found = list(settings, letter, room - items + 1).unwrap_err();
        assert!(found[0].contains(&format!("reply `applied_list` takes {} ", room + 1)), "{found:?}");
    }
    // Of a country with higher amounts, all items are longer.
    let mut longest = longest_values();
    longest.insert("amount", "W".repeat(26));
    let errors = Templates::load(vec![english()], &[], &longest).unwrap_err();
    assert!(errors.iter().any(|error| error.to_string().contains("reply `applied_list` takes ")), "{errors:?}");
}

#[test]
fn the_longest_values_count() {
    let one = "low_stock = '{{ balance }} {{ currency }} ";
    let fits = |letters: usize| {
        let text = format!("{one}{}'\n", "ট".repeat(letters));
        load(vec![file("bn.toml", &BENGALI.replace("segments = 3\n", ""), &text)])
    };
    // 99,999.99 টাকা and two spaces
    assert!(fits(70 - 15).is_ok());
    assert!(
        fits(70 - 14).unwrap_err()[0]
            .contains("low_stock` takes 71 UCS-2 units of 70 in one segment at its longest: 99,")
    );
    let mut longest = longest_values();
    longest.insert("bank", "W".repeat(120));
    let errors = Templates::load(vec![english()], &[], &longest).unwrap_err();
    let named = |key: &str| errors.iter().any(|error| error.to_string().contains(&format!("reply `{key}` takes ")));
    assert!(named("help") && named("operator_not_offered") && !named("stop"), "{errors:?}");
}

#[test]
fn a_language_may_have_every_reply_of_its_own() {
    let replies = replies::read(replies::CATALOGUE).unwrap();
    let mut all = String::new();
    for reply in &replies {
        let values = reply.values.join(" }} {{ ");
        let values = if values.is_empty() { values } else { format!("{{{{ {values} }}}}") };
        let text = format!("আপনার অনুরোধটি সম্পন্ন হয়েছে {values} {{{{ currency }}}} ধন্যবাদ");
        all.extend([&reply.key, " = '", &text, "'\n"]);
    }
    let templates = load(vec![file("bn.toml", &BENGALI.replace("fallback = \"en\"\n", ""), &all)]).unwrap();
    for reply in &replies {
        let text = templates.words("bn".parse().unwrap(), &reply.key, &longest_values()).unwrap();
        let parts = reply.parts.in_language(3, true);
        assert!(split(&text).len() <= parts && text.contains("টাকা"), "{text}");
    }
}

#[test]
fn a_list_of_replies_that_names_no_value_is_refused() {
    let errors = replies::read("[help]\nvalues = ['form', 'frm']\n").unwrap_err();
    assert_eq!(errors[0].to_string(), "src/text/replies.toml, line 2: reply `help`: there is no value `frm`");
}
