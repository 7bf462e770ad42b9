//! Values of several sections: addresses of peers, source addresses of SMS, recipients of print files. Each function
//! checks one for `#[garde(custom(…))]`, whose context is not used.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::domain::ShortCode;

/// Most digits of a sender: the address field of SMPP without its zero octet.
const SENDER_DIGITS_MAX: usize = 20;
/// Most characters of a sender that is a name: the address field of an SMS in septets (GSM 03.40, 9.1.2.5). SMPP allows
/// 20, but the network would truncate the rest or refuse the message.
const SENDER_CHARS_MAX: usize = 11;
/// Most characters of a host's name (RFC 1035).
const HOST_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;
/// ASCII characters that are two septets in the GSM alphabet, or missing there.
const NOT_IN_GSM: &str = "[\\]^`{|}~";

/// `host:port` of a peer.
pub(super) fn host_and_port<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    let Some((host, port)) = text.rsplit_once(':') else {
        return wrong(format!("`{text}` has no port: write host:port, as in \"127.0.0.1:2776\""));
    };
    let is_port = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if !is_port {
        return wrong(format!("`{port}` of `{text}` is not a port: write host:port with a port from 1 to 65535"));
    }
    if is_host(host) {
        return Ok(());
    }
    wrong(format!(
        "`{host}` of `{text}` is no host: write a name, an IPv4 address, or an IPv6 address in brackets, as in \"[::1]:2776\""
    ))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    is_name(host)
}

/// Returns true if this may be the name of a host.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= HOST_CHARS_MAX && host.split('.').all(is_label)
}

/// The name in a certificate.
pub(super) fn server_name<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    if is_host(text) || text.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    wrong(format!(
        "`{text}` is no name of a host, and no address: write the name in the SMSC's certificate, without a port"
    ))
}

/// A URL that replies are posted to.
pub(super) fn http_url<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    match reqwest::Url::parse(text) {
        Ok(url) if !["http", "https"].contains(&url.scheme()) => {
            wrong(format!("`{text}` must be an http:// or https:// address"))
        }
        Ok(url) if !url.has_host() || url.port() == Some(0) => {
            wrong(format!("`{text}` has no host, or port 0: write for example http://127.0.0.1:9090/sms"))
        }
        Ok(_) => Ok(()),
        Err(error) => wrong(format!("`{text}`: {error}: write for example http://127.0.0.1:9090/sms")),
    }
}

/// The address of this program as others reach it: a scheme and a host, without a path.
pub(super) fn http_origin<T: AsRef<str> + ?Sized, C>(text: &T, context: &C) -> garde::Result {
    http_url(text, context)?;
    let text = text.as_ref();
    match reqwest::Url::parse(text) {
        Ok(url) if url.path() == "/" && !text.ends_with('/') && url.query().is_none() && url.fragment().is_none() => {
            Ok(())
        }
        _ => wrong(format!("`{text}`: write scheme and host without a path, as in https://mbush.example.com")),
    }
}

/// Source address of an SMS: digits, or a name.
pub(super) fn sender<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    let is_number = text.bytes().all(|b| b.is_ascii_digit()) && (1..=SENDER_DIGITS_MAX).contains(&text.len());
    let is_of_gsm = |c: char| (c.is_ascii_graphic() || c == ' ') && !NOT_IN_GSM.contains(c);
    let is_word =
        text.chars().all(is_of_gsm) && text.contains(|c: char| c.is_ascii_alphabetic()) && text.trim() == text;
    if is_number || (is_word && text.len() <= SENDER_CHARS_MAX) {
        return Ok(());
    }
    let found = match text.chars().count() {
        0 => "it is empty".to_owned(),
        chars if is_word => format!("`{text}` has {chars} characters"),
        _ => format!("`{text}` is not a sender"),
    };
    wrong(format!(
        "{found}: write a short code or number of 1 to {SENDER_DIGITS_MAX} digits, or a name of 1 to {SENDER_CHARS_MAX} \
         characters with a letter in it, of ASCII and the alphabet of GSM"
    ))
}

/// A public key of age, for print files.
pub(super) fn recipient<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    match text.trim().parse::<age::x25519::Recipient>() {
        Ok(_) => Ok(()),
        Err(problem) => wrong(format!(
            "`{text}` is not an age public key ({problem}): write the one of 62 characters, age1…, that `age-keygen` prints"
        )),
    }
}

/// A short code that a link may use.
pub(super) fn short_code<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    text.as_ref().parse::<ShortCode>().map(drop).map_err(|problem| garde::Error::new(problem.to_string()))
}

/// Short codes by the dialled code.
pub(super) fn ussd_codes<C>(codes: &BTreeMap<String, String>, context: &C) -> garde::Result {
    for (dialled, code) in codes {
        if dialled.is_empty() || !dialled.bytes().all(|b| b.is_ascii_digit()) {
            return wrong(format!("`{dialled}` is not a service code: write the digits after the star, as in \"123\""));
        }
        short_code(code, context)?;
    }
    Ok(())
}

/// A text field of SMPP such as `system_id`: ASCII without zero octets.
pub(super) fn ascii<T: AsRef<str> + ?Sized, C>(text: &T, _context: &C) -> garde::Result {
    let text = text.as_ref();
    if text.chars().all(|c| c.is_ascii_graphic() || c == ' ') && text.trim() == text {
        return Ok(());
    }
    wrong(format!(
        "`{text}` has characters that this field of SMPP cannot hold: write letters, digits and signs of ASCII"
    ))
}

fn wrong(problem: String) -> garde::Result {
    Err(garde::Error::new(problem))
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
