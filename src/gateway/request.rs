//! A request of a gateway, as it came or as it was captured.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Most header fields of a captured request.
const HEADERS_MAX: usize = 64;

/// A request of a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    pub method: &'r str,
    /// Path and query: `/v1/gateways/kannel/messages?id=1`.
    pub target: &'r str,
    pub headers: &'r HeaderMap,
    pub body: &'r [u8],
}

impl<'r> Request<'r> {
    /// The part after the question mark.
    pub(super) fn query(&self) -> &'r str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The only value of a header; `None` if it is missing or repeated.
    pub(super) fn header(&self, name: &str) -> Option<&'r str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        value.to_str().ok()
    }
}

/// A request as text: a request line, header fields, an empty line, a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Captured {
    /// Parses a captured request. Lines may end without a carriage return. The last line break is not part of the body,
    /// unless `Content-Length` says so.
    ///
    /// # Errors
    /// The text is no request of HTTP/1.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let (head, body) = split(text);
        let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut fields);
        let hint = "write a request line such as `POST /path HTTP/1.1`, header fields, an empty line, and the body";
        match parsed.parse(&head) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(format!("the request has no end of its head: {hint}")),
            Err(error) => return Err(format!("it is no request of HTTP: {error}: {hint}")),
        }
        let mut headers = HeaderMap::new();
        for field in parsed.headers.iter() {
            let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|error| error.to_string())?;
            headers.append(name, HeaderValue::from_bytes(field.value).map_err(|error| error.to_string())?);
        }
        let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let body = match length {
            Some(length) if length <= body.len() => &body[..length],
            Some(length) => {
                return Err(format!("the body has {} octets, and Content-Length says {length}", body.len()));
            }
            None => body.strip_suffix(b"\n").map_or(body, |body| body.strip_suffix(b"\r").unwrap_or(body)),
        };
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        Ok(Self { method: word(parsed.method), target: word(parsed.path), headers, body: body.to_vec() })
    }

    pub fn request(&self) -> Request<'_> {
        Request { method: &self.method, target: &self.target, headers: &self.headers, body: &self.body }
    }
}

/// The head with the line ends of HTTP, and the body.
fn split(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut head, mut rest) = (Vec::new(), text);
    while let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
        let (line, behind) = (&rest[..end], &rest[end + 1..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        rest = behind;
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
        if line.is_empty() {
            return (head, rest);
        }
    }
    head.extend_from_slice(rest);
    head.extend_from_slice(b"\r\n\r\n");
    (head, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_captured_request_is_parsed_whatever_its_line_ends() {
        let text = "POST /m?a=1 HTTP/1.1\nHost: x\nX-Signature: s\n\n{\"a\": 1}\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let captured = Captured::parse(text.as_bytes()).unwrap();
            let request = captured.request();
            assert_eq!((request.method, request.target, request.query()), ("POST", "/m?a=1", "a=1"));
            assert_eq!((request.header("x-signature"), request.body), (Some("s"), &b"{\"a\": 1}"[..]));
        }
        let get = Captured::parse(b"GET /m?a=1 HTTP/1.0").unwrap();
        assert_eq!((get.request().query(), get.request().body), ("a=1", &b""[..]));
    }

    #[test]
    fn a_mistake_is_said() {
        assert!(Captured::parse(b"hello").unwrap_err().contains("request line"));
        assert!(Captured::parse(b"POST / HTTP/1.1\nContent-Length: 9\n\nabc").unwrap_err().contains("says 9"));
    }
}
