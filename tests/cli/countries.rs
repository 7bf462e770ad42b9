//! Countries: those that come with the program are complete and can be played, and a new one is added by the page.

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{mbush, run};

use crate::{complaint, printed};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FOLDERS: [&str; 4] = ["bd", "rs", "vn", "xk"];

fn folder(country: &str) -> PathBuf {
    Path::new(ROOT).join("countries").join(country)
}

#[test]
fn every_country_that_comes_with_the_program_is_complete() {
    for country in FOLDERS {
        let output = run(mbush().args(["country", "check"]).arg(folder(country)));
        assert!(printed(&output).contains("the country is complete"), "{country}: {output:?}");
    }
    let listed = printed(&run(mbush().args(["country", "list"])));
    for line in ["rs  Serbia (RS), RSD, replies in sr, sr-Cyrl, en", "vn  Vietnam (VN), VND", "xk  Kosovo (XK), EUR"] {
        assert!(listed.contains(line), "{listed}");
    }
}

#[test]
fn the_file_of_kosovo_says_what_is_built_in() {
    let shown = |envs: &[(&str, &Path)]| {
        let mut command = mbush();
        command.args(["check", "--json"]).current_dir(std::env::temp_dir());
        command.envs(envs.iter().copied());
        let told: serde_json::Value =
            serde_json::from_str(printed(&run(&mut command)).lines().last().unwrap()).unwrap();
        [told["operators"].clone(), told["menus"].clone(), told["banks"].clone(), told["set"].clone()]
    };
    assert_eq!(shown(&[]), shown(&[("MBUSH_COUNTRY__FOLDER", &folder("xk"))]));
}

#[test]
fn a_country_is_played_by_its_name_or_its_folder() {
    for (country, shown) in [("Serbia", "RSD"), ("bd", "BDT"), ("VN", "VND")] {
        let told = printed(&run(mbush().args(["demo", "--once", "--country", country])));
        let totals = told.lines().find(|line| line.contains("in credit and products")).unwrap_or_default();
        assert!(totals.contains(shown) && told.contains("the ledger is sound"), "{country}: {told}");
    }
    let unknown = run(mbush().args(["demo", "--once", "--country", "atlantis"]));
    assert!(complaint(&unknown).contains("there is no country `atlantis`"), "{unknown:?}");
}

#[test]
fn a_country_is_added_by_following_the_page() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/countries.md")).unwrap();
    let section = page.split("\n## Add a country\n").nth(1).unwrap();
    let blocks: Vec<&str> = section.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert!(blocks.len() > 5, "the section has its commands");
    let workshop = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_mbush")).parent().unwrap();
    let mut told = String::new();
    for block in blocks {
        let path = format!("{}:/usr/bin:/bin", program.display());
        let shell = Command::new("bash").args(["-euc", block]).current_dir(workshop.path()).env("PATH", path).output();
        let output = shell.unwrap();
        assert!(output.status.success(), "{block}\n{told}\n{output:?}");
        told += &printed(&output);
    }
    for part in ["the country is complete", "5,00 EUR", "the ledger is sound"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_folder_that_is_not_complete_is_told_what_it_lacks() {
    for (path, from, to, told) in [
        ("country.toml", "code     = \"RSD\"", "code     = \"RSX\"", "`RSX` is not the code of a currency"),
        ("country.toml", "code      = \"RS\"", "code      = \"rs\"", "write the two capital letters of ISO 3166-1"),
        ("country.toml", "low_stock", "low_stok", "dealers.low_stock is missing"),
        ("country.toml", "[dealers]", "[store]\nurl = \"x\"\n[dealers]", "store"),
        ("country.toml", "from = \"200.00\"", "from = \"200\"", "write RSD with all decimals, \"200.00\""),
        ("country.toml", "from = \"200.00\"", "from = \"100.00\"", "from must grow from tier to tier"),
        ("country.toml", "\"sr-Cyrl\", ", "\"hu\", ", "there are no texts in `hu`"),
        ("numbering/serbia.toml", "country_code = \"381\"", "country_code = \"\"", "country_code"),
        ("texts/sr.toml", "applied_own", "applied_mine", "applied_mine"),
        ("fixtures/serbia/samples.toml", "amount = \"500.00\"", "amount = \"600.00\"", "600.00"),
        ("demo.toml", "title", "titel", "demo.toml"),
        ("country.toml", "\"rsd\"", "\"r\u{202e}d\"", "can never be read"),
        ("texts/en.toml", "{{ form }}'", "{% if form %}{{ form }}{% endif %}'", "nothing else stands in braces"),
        ("texts/en.toml", "{{ form }}'", "{{ form|upper }}'", "nothing else stands in braces"),
    ] {
        let made = tempfile::tempdir().unwrap();
        let folder = made.path().join("serbia");
        let facts = ["--like", "serbia", "--code", "RS", "--name", "Serbia"];
        run(mbush().args(["country", "new"]).arg(&folder).args(facts));
        let file = folder.join(path);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let output = mbush().args(["country", "check"]).arg(&folder).output().unwrap();
        let complained = complaint(&output);
        assert!(complained.contains(told), "{path}, {to}: {complained}");
    }
}

#[test]
fn a_ledger_keeps_its_currency() {
    let made = tempfile::tempdir().unwrap();
    let ledger = made.path().join("vietnam");
    printed(&run(mbush().args(["demo", "--once", "--country", "vietnam", "--dir"]).arg(&ledger)));
    let audit = |country: Option<&str>| {
        let mut command = mbush();
        command.arg("audit").current_dir(made.path());
        command.env("MBUSH_STORE__URL", format!("sqlite://{}", ledger.join("mbush.db").display()));
        command.envs(country.map(|country| ("MBUSH_COUNTRY__FOLDER", folder(country))));
        run(&mut command)
    };
    let told = complaint(&audit(None));
    assert!(told.contains("this ledger is in VND, and the configuration counts in EUR"), "{told}");
    assert!(complaint(&audit(Some("rs"))).contains("counts in RSD"));
    let elsewhere = made.path().join("elsewhere");
    let facts = ["--like", "vietnam", "--code", "VN", "--name", "Vietnam", "--time-zone", "Asia/Tokyo"];
    printed(&run(mbush().args(["country", "new"]).arg(&elsewhere).args(facts)));
    let mut moved = mbush();
    moved.arg("audit").current_dir(made.path()).env("MBUSH_COUNTRY__FOLDER", &elsewhere);
    moved.env("MBUSH_STORE__URL", format!("sqlite://{}", ledger.join("mbush.db").display()));
    assert!(complaint(&run(&mut moved)).contains("the days of this ledger are those of Asia/Ho_Chi_Minh"));
    printed(&audit(Some("vn")));
    let config = ledger.join("mbush.toml");
    let hold = |amount: &str| {
        let order = ["hold", "place", "0981234567", amount, "--reason", "disputed", "--by", "Arta", "--config"];
        run(mbush().args(order).arg(&config).current_dir(made.path()))
    };
    assert!(printed(&hold("5000")).contains("of which"), "sums of staff are in the currency of the ledger");
    let propose = ["adjust", "propose", "0981234567", "-7000", "--reason", "goodwill", "--by", "Arta", "--config"];
    assert!(printed(&run(mbush().args(propose).arg(&config).current_dir(made.path()))).contains("-7000 VND"));
    assert!(complaint(&hold("5000.50")).contains("write VND as 5"));
    let statement = ["statement", "0981234567", "--csv", "--config"];
    let rows = printed(&run(mbush().args(statement).arg(&config).current_dir(made.path())));
    assert!(rows.lines().nth(1).is_some_and(|row| row.contains(",VND,")), "{rows}");
}
