//! An SMSC that writes octets and reads PDUs, and does nothing by itself.

use std::net::SocketAddr;

use bytes::BytesMut;
use mbush::smpp::pdu::{BindResp, Body, MessageResp};
use mbush::smpp::tlv::Tlvs;
use mbush::smpp::{CommandStatus, Framer, Pdu, decode, encode};
use testkit::wait::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const DELIVER_SM: u32 = 5;
pub(crate) const DATA_SM: u32 = 0x103;

pub(crate) struct SpokenSmsc {
    stream: TcpStream,
    framer: Framer,
    sequence: u32,
}

/// A place for a link to dial.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The fixed fields of a message to a short code, up to the length of its text.
pub(crate) struct Fields {
    pub(crate) service_type: &'static [u8],
    pub(crate) source: (u8, u8, &'static [u8]),
    pub(crate) destination: (u8, u8, &'static [u8]),
    pub(crate) esm_class: u8,
    pub(crate) times: (&'static [u8], &'static [u8]),
    pub(crate) flags: [u8; 2],
    pub(crate) data_coding: u8,
    pub(crate) text: &'static [u8],
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            service_type: b"",
            source: (1, 1, b"38349111222"),
            destination: (0, 1, b"50005"),
            esm_class: 0,
            times: (b"", b""),
            flags: [0, 0],
            data_coding: 0,
            text: b"049123456 5",
        }
    }
}

impl Fields {
    /// The body of a `deliver_sm`, with these octets behind the text.
    pub(crate) fn body(&self, tail: &[u8]) -> Vec<u8> {
        let length = u8::try_from(self.text.len()).unwrap();
        let address = |(ton, npi, value): (u8, u8, &[u8])| [&[ton, npi], value, &[0]].concat();
        let ends = [self.flags[0], self.flags[1], self.data_coding, 0, length];
        [
            &[self.service_type, &[0]].concat(),
            &address(self.source),
            &address(self.destination),
            &[self.esm_class, 0, 0][..],
            &[self.times.0, &[0], self.times.1, &[0]].concat(),
            &ends,
            self.text,
            tail,
        ]
        .concat()
    }
}

impl SpokenSmsc {
    /// Accepts one link, which binds.
    pub(crate) async fn bound(listener: &TcpListener) -> Self {
        let (stream, _) = within("a connection", listener.accept()).await.unwrap();
        let mut smsc = Self { stream, framer: Framer::new(), sequence: 100 };
        let bind = smsc.next().await;
        let Body::Bind(fields) = bind.body else { panic!("{bind:?}") };
        let resp = Body::BindResp(BindResp { mode: fields.mode, system_id: "smsc".into(), tlvs: Tlvs::default() });
        smsc.send(&Pdu { status: CommandStatus::OK, sequence: bind.sequence, body: resp }).await;
        smsc
    }

    /// Delivers a `deliver_sm` of these octets; the status that it is answered with.
    pub(crate) async fn deliver(&mut self, body: &[u8]) -> CommandStatus {
        self.request(DELIVER_SM, body).await
    }

    pub(crate) async fn request(&mut self, command: u32, body: &[u8]) -> CommandStatus {
        self.sequence += 1;
        let length = u32::try_from(body.len() + 16).unwrap();
        let mut octets: Vec<u8> = [length, command, 0, self.sequence].into_iter().flat_map(u32::to_be_bytes).collect();
        octets.extend(body);
        self.stream.write_all(&octets).await.unwrap();
        let answer = self.next().await;
        assert_eq!(answer.sequence, self.sequence, "{answer:?}");
        answer.status
    }

    /// The next message of ours, which is answered OK.
    pub(crate) async fn submitted(&mut self) -> mbush::smpp::pdu::Sm {
        let pdu = self.next().await;
        let Body::SubmitSm(sm) = pdu.body else { panic!("{pdu:?}") };
        let resp = Body::SubmitSmResp(MessageResp::new("1"));
        self.send(&Pdu { status: CommandStatus::OK, sequence: pdu.sequence, body: resp }).await;
        sm
    }

    /// Answers our unbind.
    pub(crate) async fn unbound(&mut self) {
        let pdu = self.next().await;
        assert!(matches!(pdu.body, Body::Unbind), "{pdu:?}");
        self.send(&Pdu { status: CommandStatus::OK, sequence: pdu.sequence, body: Body::UnbindResp }).await;
    }

    async fn send(&mut self, pdu: &Pdu) {
        let mut out = BytesMut::new();
        encode(pdu, &mut out).unwrap();
        self.stream.write_all(&out).await.unwrap();
    }

    async fn next(&mut self) -> Pdu {
        loop {
            if let Some(frame) = self.framer.next_frame().unwrap() {
                return decode(&frame).unwrap();
            }
            let read = within("a PDU", self.stream.read_buf(self.framer.buffer())).await.unwrap();
            assert_ne!(read, 0, "the link has closed");
        }
    }
}
