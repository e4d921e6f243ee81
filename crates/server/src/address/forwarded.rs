//! The two header forms: `X-Forwarded-For` parts, and `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

/// An address as proxies write it: plain, with a port, in brackets, or quoted.
pub(super) fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse().ok().filter(IpAddr::is_ipv6)
}

/// The `for` of each element, in order; `None` where an element has no address (RFC 7239 §6: `unknown`, `_hidden`).
pub(super) fn hops(text: &str) -> Vec<Option<IpAddr>> {
    parts(text, ',').into_iter().map(of_element).collect()
}

fn of_element(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in parts(element, ';') {
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    node(found?)
}

/// Parts the text where the mark stands outside of quotes.
fn parts(text: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == mark && !quoted => {
                parts.push(&text[start..index]);
                start = index + mark.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
