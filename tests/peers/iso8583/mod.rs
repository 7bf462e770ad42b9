//! ISO 8583 messages beside pyiso8583, a codec that nobody of this project wrote: what either writes, the other reads the same,
//! and what is cut short is refused by both.
//!
//! `scripts/peers` installs it. Where it is not there the test is left out and says so, unless `MBUSH_REQUIRE_PEERS=1`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use mbush::iso8583::{Codec, Message, Spec};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::interop::peers;

const BUILTIN: &str = "src/iso8583/atm1987.toml";
const PACKED: &str = "tests/peers/iso8583/packed.toml";
/// Messages of each spec.
const MESSAGES: usize = 300;

/// One field of a spec, as this test looks at it.
#[derive(serde::Deserialize)]
struct Field {
    kind: String,
    length: usize,
    #[serde(default)]
    length_digits: usize,
}

#[derive(serde::Deserialize)]
struct File {
    fields: BTreeMap<String, Field>,
}

/// Messages with any of a spec's fields, each of any length that it may have.
fn messages(text: &str) -> Vec<Message> {
    let file: File = toml::from_str(text).unwrap();
    let mut runner = TestRunner::deterministic();
    let fields: Vec<_> =
        file.fields.iter().map(|(number, field)| (number.parse::<u8>().unwrap(), value(field))).collect();
    let some = proptest::collection::vec(proptest::bool::weighted(0.4), fields.len());
    let message = |_| {
        let chosen = some.new_tree(&mut runner).unwrap().current();
        let chosen: Vec<_> =
            fields.iter().zip(chosen).filter(|(_, is_there)| *is_there).map(|(field, _)| field).collect();
        chosen.into_iter().fold(Message::new("0200".parse().unwrap()), |message, (number, value)| {
            message.with(*number, value.new_tree(&mut runner).unwrap().current())
        })
    };
    (0..MESSAGES).map(message).collect()
}

fn value(field: &Field) -> impl Strategy<Value = String> + use<> {
    let class = match field.kind.as_str() {
        "n" => "[0-9]",
        "an" => "[A-Za-z0-9]",
        "ans" => "[ -~]",
        "b" => "([0-9a-f][0-9a-f])",
        other => panic!("{other}"),
    };
    let least = if field.length_digits == 0 { field.length } else { 0 };
    proptest::string::string_regex(&format!("{class}{{{least},{}}}", field.length)).unwrap()
}

/// What the peer says to each line.
fn peer(python: &Path, spec: &str, asked: &[Value]) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python);
    command.arg(root.join("tests/peers/iso8583/peer.py")).arg(root.join(spec));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines: Vec<u8> = Vec::new();
    for line in asked {
        writeln!(lines, "{line}").unwrap();
    }
    let writing = std::thread::spawn(move || input.write_all(&lines));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let said: Vec<Value> = output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(said.len(), asked.len(), "it answers each line");
    said
}

fn fields(message: &Message) -> Value {
    message.fields().map(|(number, text)| (number.to_string(), json!(text))).collect::<serde_json::Map<_, _>>().into()
}

/// Hexadecimal in one case: theirs has capitals.
fn plain(mut fields: Value, text: &str) -> Value {
    let file: File = toml::from_str(text).unwrap();
    for (number, field) in file.fields.iter().filter(|(_, field)| field.kind == "b") {
        if let Some(value) = fields.get_mut(number) {
            *value = json!(value.as_str().unwrap_or_default().to_lowercase());
        }
        assert!(field.length > 0);
    }
    fields
}

#[test]
fn what_either_writes_the_other_reads_the_same() {
    let Some(python) = peers::python() else { return };
    for file in [BUILTIN, PACKED] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let spec = Spec::from_toml(&text).unwrap();
        let messages = messages(&text);
        let octets: Vec<Vec<u8>> = messages.iter().map(|message| spec.encode(message).unwrap()).collect();
        let ours: Vec<Value> = octets.iter().map(|octets| json!({ "decode": hex::encode(octets) })).collect();
        let theirs: Vec<Value> = messages
            .iter()
            .map(|message| json!({ "mti": message.mti.to_string(), "fields": fields(message) }))
            .collect();
        for (message, read) in messages.iter().zip(peer(&python, file, &ours)) {
            assert_eq!(read["mti"], message.mti.to_string(), "{file}: {read}");
            assert_eq!(plain(read["fields"].clone(), &text), fields(message), "{file}: {read}");
        }
        for (message, written) in messages.iter().zip(peer(&python, file, &theirs)) {
            let octets = hex::decode(written["hex"].as_str().unwrap_or_else(|| panic!("{file}: {written}"))).unwrap();
            assert_eq!(spec.decode(&octets).unwrap(), *message, "{file}");
        }
        let cut: Vec<&[u8]> =
            octets.iter().enumerate().map(|(at, octets)| &octets[..octets.len() * (at % 10) / 10]).collect();
        let asked: Vec<Value> = cut.iter().map(|octets| json!({ "decode": hex::encode(octets) })).collect();
        for (octets, said) in cut.iter().zip(peer(&python, file, &asked)) {
            assert!(
                spec.decode(octets).is_err() && said["error"].is_string(),
                "{file}: {} {said}",
                hex::encode(octets)
            );
        }
    }
}
