//! Just enough of an HTTP/1.1 client for loopback: one request a connection.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::DEADLINE;

/// A response: its status and its body as text.
#[derive(Debug)]
pub struct Response {
    /// As a number: 200.
    pub status: u16,
    /// Without its headers.
    pub body: String,
}

/// A GET on a connection of its own.
pub fn get(address: &str, path: &str) -> Response {
    let mut stream = TcpStream::connect(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    stream.set_read_timeout(Some(DEADLINE)).expect("the deadline is not zero");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads the request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers and closes");
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Response { status: status.unwrap_or_else(|| panic!("no status in {answer:?}")), body: body.to_owned() }
}
