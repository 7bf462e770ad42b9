//! A connection before it is bound, and PDUs on it.

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::smpp::encode::encode;
use crate::smpp::pdu::Pdu;
use crate::smpp::{Frame, Framer};

/// A socket and what was read from it.
pub(super) struct Wire {
    pub(super) stream: TcpStream,
    pub(super) framer: Framer,
}

impl Wire {
    /// # Errors
    /// The socket refuses the option.
    pub(super) fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, framer: Framer::new() })
    }

    /// The next PDU.
    ///
    /// # Errors
    /// The connection ended, or what came is no PDU.
    pub(super) async fn frame(&mut self) -> std::io::Result<Frame> {
        loop {
            match self.framer.next_frame() {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(fatal) => return Err(std::io::Error::other(fatal.to_string())),
            }
            if self.stream.read_buf(self.framer.buffer()).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// # Errors
    /// The connection ended.
    pub(super) async fn send(&mut self, pdu: &Pdu) -> std::io::Result<()> {
        let mut out = BytesMut::new();
        put(pdu, &mut out);
        self.stream.write_all(&out).await
    }
}

/// Appends a PDU. Those of a load test are never too long.
pub(super) fn put(pdu: &Pdu, out: &mut BytesMut) {
    let _is_encoded = encode(pdu, out);
}
