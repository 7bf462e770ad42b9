//! A client that writes octets and reads PDUs, and does nothing by itself.

use std::net::SocketAddr;

use bytes::BytesMut;
use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::{Bind, BindMode, Body};
use mbush::smpp::{CommandStatus, Framer, Pdu, decode, encode};
use testkit::wait::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Raw {
    stream: TcpStream,
    framer: Framer,
}

pub(crate) fn octets(pdu: &Pdu) -> Vec<u8> {
    let mut out = BytesMut::new();
    encode(pdu, &mut out).unwrap();
    out.to_vec()
}

pub(crate) fn bind() -> Body {
    Body::Bind(Bind {
        mode: BindMode::Transceiver,
        system_id: Octets::from_text("bank").unwrap(),
        password: Octets::from_text("secret").unwrap(),
        system_type: Octets::default(),
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    })
}

impl Raw {
    /// Whoever connects next.
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = within("a connection", listener.accept()).await.unwrap();
        Self { stream, framer: Framer::new() }
    }

    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), framer: Framer::new() }
    }

    pub(crate) async fn bound(address: SocketAddr) -> Self {
        let mut raw = Self::connect(address).await;
        raw.send(&Pdu::request(1, bind())).await;
        assert_eq!(raw.next().await.unwrap().status, CommandStatus::OK);
        raw
    }

    pub(crate) async fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    pub(crate) async fn send(&mut self, pdu: &Pdu) {
        self.write(&octets(pdu)).await;
    }

    /// The next PDU; nothing where the server has closed.
    pub(crate) async fn next(&mut self) -> Option<Pdu> {
        loop {
            if let Some(frame) = self.framer.next_frame().unwrap() {
                return Some(decode(&frame).unwrap());
            }
            match within("a PDU", self.stream.read_buf(self.framer.buffer())).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}
