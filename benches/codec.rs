//! How many times a second one core decodes a `deliver_sm` of 160 characters and encodes it again, as every message
//! that comes in and every reply that goes out are.

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mbush::smpp::address::Address;
use mbush::smpp::pdu::{Body, ShortMessage, Sm};
use mbush::smpp::{Framer, Pdu, decode, encode};

fn deliver_sm() -> Pdu {
    let sm = Sm {
        source: Address::new(1, 1, "38349123456").expect("it fits"),
        destination: Address::new(0, 1, "50005").expect("it fits"),
        short_message: ShortMessage::new(vec![b'5'; 160].into()).expect("it fits"),
        ..Sm::default()
    };
    Pdu::request(7, Body::DeliverSm(sm))
}

fn codec(criterion: &mut Criterion) {
    let mut octets = BytesMut::new();
    encode(&deliver_sm(), &mut octets).expect("it fits");
    let mut framer = Framer::new();
    framer.buffer().extend_from_slice(&octets);
    let frame = framer.next_frame().expect("it is well formed").expect("it is whole");
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(1));
    let mut out = BytesMut::with_capacity(1024);
    group.bench_function("decode and encode deliver_sm", |bencher| {
        bencher.iter(|| {
            let pdu = decode(&frame).expect("it is well formed");
            out.clear();
            encode(&pdu, &mut out).expect("it fits");
            out.len()
        });
    });
    let mut stream = Framer::new();
    group.bench_function("frame, decode and encode deliver_sm", |bencher| {
        bencher.iter(|| {
            stream.buffer().extend_from_slice(&octets);
            let frame = stream.next_frame().expect("it is well formed").expect("it is whole");
            let pdu = decode(&frame).expect("it is well formed");
            out.clear();
            encode(&pdu, &mut out).expect("it fits");
            out.len()
        });
    });
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
