//! The log of the whole program while peers send nonsense as fast as they can.

use std::io::{Read, Write};
use std::net::TcpStream;

use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::{Bind, BindMode, Body};
use mbush::smpp::{Pdu, encode};
use testkit::mbush;
use testkit::process::Process;

const CONFIG: &str = "[http]\nlisten = \"127.0.0.1:0\"\n[smpp_server]\nlisten = \"127.0.0.1:0\"\n\
    [links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\nbanks = [\"ekonomike\"]\n";
/// Nonsense that the bound peer sends.
const UNKNOWN: u32 = 5_000;
/// Connections that come, say nonsense and are let go.
const STRANGERS: usize = 60;
/// More lines than the program may write about two peers at a time like this, with those of its start and stop.
const LINES_MAX: usize = 100;

fn unknown(sequences: impl Iterator<Item = u32>) -> Vec<u8> {
    sequences.flat_map(|sequence| [16, 0x0BAD, 0, sequence]).flat_map(u32::to_be_bytes).collect()
}

fn bind() -> Vec<u8> {
    let bind = Bind {
        mode: BindMode::Transceiver,
        system_id: Octets::from_text("bank").unwrap(),
        password: Octets::from_text("secret").unwrap(),
        system_type: Octets::default(),
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    };
    let mut out = bytes::BytesMut::new();
    encode(&Pdu::request(1, Body::Bind(bind)), &mut out).unwrap();
    out.to_vec()
}

/// Reads one PDU's octets; nothing where the server has closed.
fn pdu(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 16];
    stream.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let mut rest = vec![0; usize::try_from(length).unwrap() - 16];
    stream.read_exact(&mut rest).ok()?;
    Some([head.to_vec(), rest].concat())
}

#[test]
fn peers_that_send_nonsense_do_not_fill_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbush.toml");
    let store = format!("[store]\nurl = \"sqlite://{}/mbush.db\"\n", folder.path().display());
    std::fs::write(&file, format!("{store}{CONFIG}")).unwrap();
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    let line = "listening for SMPP on ";
    let address = process.line("its SMPP address", |l| l.starts_with(line)).split_off(line.len());

    for _ in 0..STRANGERS {
        let mut stranger = TcpStream::connect(&address).unwrap();
        // The server may let it go while it still writes.
        let _rest_unread = stranger.write_all(&unknown(1..=1_000));
        let answers = std::iter::from_fn(|| pdu(&mut stranger)).count();
        assert!(answers <= 5, "{answers} answers to who never bound");
    }

    let mut bound = TcpStream::connect(&address).unwrap();
    bound.write_all(&bind()).unwrap();
    assert_eq!(pdu(&mut bound).unwrap()[8..12], [0; 4], "bound");
    let mut writing = bound.try_clone().unwrap();
    let writer = std::thread::spawn(move || writing.write_all(&unknown(2..UNKNOWN + 2)).unwrap());
    for _ in 0..UNKNOWN {
        assert_eq!(pdu(&mut bound).unwrap()[4..12], [0x80, 0, 0, 0, 0, 0, 0, 3], "each is answered");
    }
    writer.join().unwrap();
    drop(bound);

    let (status, lines) = process.terminate();
    assert!(status.success(), "{status}\n{lines:#?}");
    assert!(lines.len() < LINES_MAX, "{} lines", lines.len());
    let counted: usize = lines.iter().filter_map(|line| left_out(line)).sum();
    let told = lines.iter().filter(|line| line.contains("a PDU that cannot be read")).count();
    assert!(told > 0, "some of it is shown: {lines:#?}");
    assert!(counted + told >= usize::try_from(UNKNOWN).unwrap(), "and the rest is counted: {lines:#?}");
    assert!(lines.iter().any(|line| line.contains("and 4,") && line.contains("bank")), "{lines:#?}");
}

/// The number in `and 12,345 more lines about this peer`.
fn left_out(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once("and ")?;
    let (number, _) = rest.split_once(" more lines about this peer")?;
    number.replace(',', "").parse().ok()
}
