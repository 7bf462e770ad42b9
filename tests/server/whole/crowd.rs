//! Who opens connections and says nothing keeps nobody out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use testkit::wait::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::said::echo;
use crate::whole::world::{Answer, World};

const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A connection from this address of loopback, which says this.
async fn saying(from: Ipv4Addr, to: &str, text: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let mut stream = within("a connection", socket.connect(to.parse().unwrap())).await.unwrap();
    // One that is closed already need not take it.
    drop(stream.write_all(text.as_bytes()).await);
    stream
}

fn client_at(address: Ipv4Addr) -> reqwest::Client {
    reqwest::Client::builder().local_address(IpAddr::V4(address)).timeout(testkit::DEADLINE).build().unwrap()
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    !matches!(within("an end", stream.read(&mut [0; 1])).await, Ok(1..))
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_heads_of_one_address_keep_nobody_out() {
    let world = World::start("connections_max = 64\nconnections_per_address_max = 16", "");
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(saying(Ipv4Addr::LOCALHOST, &world.http, "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ").await);
    }
    for address in [OTHER, Ipv4Addr::LOCALHOST] {
        let answer = Answer::of(client_at(address).get(format!("http://{}/health/live", world.http))).await;
        assert_eq!(answer.status, 200, "{address}: {answer:?}");
    }
    assert!(is_closed(&mut crowd[0]).await, "the one that waited longest has left");
    assert!(world.metric("mbush_http_connections_left_total").await >= 180.0);
    let lines = world.lines(1, "the oldest unproven one was closed");
    assert!(lines.len() < 5 && lines[0].contains("127.0.0.1"), "few lines, and who it was: {lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_many_addresses_leaves_room_for_who_has_something_to_say() {
    let world = World::start("connections_max = 8\nconnections_per_address_max = 8", "");
    let mut crowd = Vec::new();
    for last in 10..60 {
        crowd.push(saying(Ipv4Addr::new(127, 0, 0, last), &world.http, "POST /v1/sms HTTP/1.1\r\n").await);
    }
    let answer = Answer::of(client_at(OTHER).get(format!("http://{}/health/live", world.http))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_that_never_sign_on_keep_none_out_that_does() {
    let switch = "[clients.atm]\nbank = \"bkt\"\nchannel = \"atm\"\nacquirer_id = \"12345\"\n\
                  [iso8583]\nlisten = \"127.0.0.1:0\"\nconnections_max = 100\nconnections_per_address_max = 20\n";
    let world = World::start("", switch);
    let switches = world.listening("ISO 8583");
    let mut crowd = Vec::new();
    for _ in 0..130 {
        crowd.push(saying(Ipv4Addr::LOCALHOST, &switches, "").await);
    }
    let settings = mbush::simulator::AtmSettings {
        server: switches.clone(),
        framing: mbush::iso8583::Framing::Binary2,
        acquirer: "12345".into(),
        terminal: "ATM00042".into(),
        currency: "978".into(),
        patience: testkit::DEADLINE,
    };
    let atm = mbush::simulator::Atm::connect(settings).await.unwrap();
    assert_eq!(within("an answer", atm.sign_on()).await.as_deref(), Some("00"));
    for _ in 0..130 {
        crowd.push(saying(Ipv4Addr::LOCALHOST, &switches, "").await);
    }
    assert_eq!(within("an answer", echo(&atm)).await.as_deref(), Some("00"), "who has signed on stays");
    assert!(is_closed(&mut crowd[0]).await);
    assert!(world.metric("mbush_iso8583_connections_left_total").await >= 200.0);
    assert!(!world.lines(1, "the limit of connections is reached").is_empty());
}
