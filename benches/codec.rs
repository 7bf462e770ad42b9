//! How many times a second one core decodes a `deliver_sm` of 160 characters and encodes it again, as every message
//! that comes in and every reply that goes out are; the same octets through two other codecs beside it.
//!
//! The last lines say how many times as fast ours is, from runs that take turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mbush::smpp::address::Address;
use mbush::smpp::pdu::{Body, ShortMessage, Sm};
use mbush::smpp::{Frame, Framer, Pdu, decode, encode};
use rusmpp::tokio_codec::CommandCodec;
use smpp34::{CommandHeader, deliver_sm as Smpp34DeliverSm};
use tokio_util::codec::{Decoder, Encoder};

/// Turns that each codec takes at the comparison, and its PDUs in one.
const TURNS: u32 = 2_000;
const PDUS_A_TURN: u32 = 1_000;

fn deliver_sm() -> Bytes {
    let sm = Sm {
        source: Address::new(1, 1, "38349123456").expect("it fits"),
        destination: Address::new(0, 1, "50005").expect("it fits"),
        short_message: ShortMessage::new(vec![b'5'; 160].into()).expect("it fits"),
        ..Sm::default()
    };
    let mut octets = BytesMut::new();
    encode(&Pdu::request(7, Body::DeliverSm(sm)), &mut octets).expect("it fits");
    octets.freeze()
}

/// Decodes and encodes one PDU; the octets written.
fn ours(frame: &Frame, out: &mut BytesMut) -> usize {
    let pdu = decode(frame).expect("it is well formed");
    out.clear();
    encode(&pdu, out).expect("it fits");
    out.len()
}

/// Cuts the PDU from a stream first, as a session does.
fn ours_framed(stream: &mut Framer, octets: &[u8], out: &mut BytesMut) -> usize {
    stream.buffer().extend_from_slice(octets);
    let frame = stream.next_frame().expect("it is well formed").expect("it is whole");
    ours(&frame, out)
}

/// As [`ours_framed`]: its codec takes a stream.
fn rusmpp(codec: &mut CommandCodec, stream: &mut BytesMut, octets: &[u8], out: &mut BytesMut) -> usize {
    stream.extend_from_slice(octets);
    let command = codec.decode(stream).expect("it is well formed").expect("it is whole");
    out.clear();
    codec.encode(&command, out).expect("it fits");
    out.len()
}

/// As [`ours`]: its codec takes one PDU.
fn smpp34(octets: &[u8]) -> usize {
    let header = CommandHeader::decode(octets).expect("it is well formed");
    Smpp34DeliverSm::decode(header, octets).expect("it is well formed").encode().len()
}

fn codec(criterion: &mut Criterion) {
    let octets = deliver_sm();
    let frame = Frame::new(octets.clone()).expect("it has a header");
    let (mut out, mut stream) = (BytesMut::with_capacity(1024), BytesMut::new());
    let mut group = criterion.benchmark_group("decode and encode deliver_sm");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mbush", |bencher| bencher.iter(|| ours(&frame, &mut out)));
    let mut framer = Framer::new();
    group.bench_function("mbush, from a stream", |bencher| {
        bencher.iter(|| ours_framed(&mut framer, &octets, &mut out));
    });
    let mut codec = CommandCodec::new();
    group.bench_function("rusmpp, from a stream", |bencher| {
        bencher.iter(|| rusmpp(&mut codec, &mut stream, &octets, &mut out));
    });
    group.bench_function("smpp34", |bencher| bencher.iter(|| smpp34(&octets)));
    group.finish();
}

fn turn(mut one: impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    for _ in 0..PDUS_A_TURN {
        black_box(one());
    }
    start.elapsed()
}

/// Each codec's fastest turn: what else the machine does can only slow one down.
fn ratios(_: &mut Criterion) {
    let octets = deliver_sm();
    let frame = Frame::new(octets.clone()).expect("it has a header");
    let (mut out, mut stream) = (BytesMut::with_capacity(1024), BytesMut::new());
    let (mut framer, mut codec) = (Framer::new(), CommandCodec::new());
    let mut fastest = [Duration::MAX; 4];
    for _ in 0..TURNS {
        let times = [
            turn(|| ours(&frame, &mut out)),
            turn(|| smpp34(&octets)),
            turn(|| ours_framed(&mut framer, &octets, &mut out)),
            turn(|| rusmpp(&mut codec, &mut stream, &octets, &mut out)),
        ];
        for (fastest, time) in fastest.iter_mut().zip(times) {
            *fastest = time.min(*fastest);
        }
    }
    let millions = fastest.map(|time| f64::from(PDUS_A_TURN) / time.as_secs_f64() / 1e6);
    let [ours, smpp34, ours_framed, rusmpp] = millions;
    println!("decode and encode deliver_sm of 160 characters, in millions a second on one core:");
    println!("  one PDU        mbush {ours:.2}, smpp34 {smpp34:.2}: {:.1} times as fast", ours / smpp34);
    println!("  from a stream  mbush {ours_framed:.2}, rusmpp {rusmpp:.2}: {:.1} times as fast", ours_framed / rusmpp);
}

criterion_group!(benches, codec, ratios);
criterion_main!(benches);
