//! Until when a certificate is valid: the one field that is read of it (RFC 5280 §4.1.2.5).
//!
//! It is our own certificate, checked by rustls before it is served; this only tells its end. What cannot be read is
//! `None`, never a guess.

use domain::Instant;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `notAfter` of a DER certificate.
pub(super) fn not_after(certificate: &[u8]) -> Option<Instant> {
    let (certificate, _) = expect(SEQUENCE, certificate)?;
    let (mut rest, _) = expect(SEQUENCE, certificate)?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (validity, _) = expect(SEQUENCE, rest)?;
    let (_, _, rest) = element(validity)?;
    let (kind, text, _) = element(rest)?;
    let text = std::str::from_utf8(text).ok()?;
    let text = match kind {
        // RFC 5280 §4.1.2.5.1: 50 and above is the last century.
        UTC_TIME if text.get(..2)? >= "50" => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |range: std::ops::Range<usize>| text.get(range);
    let (date, time) = ([part(0..4)?, part(4..6)?, part(6..8)?], [part(8..10)?, part(10..12)?, part(12..14)?]);
    format!("{}T{}Z", date.join("-"), time.join(":")).parse().ok()
}

fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    element(bytes).filter(|(found, ..)| *found == tag).map(|(_, value, rest)| (value, rest))
}

/// Tag, value, and what comes after it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, bytes) = bytes.split_first()?;
    let (first, bytes) = bytes.split_first()?;
    let (length, bytes) = if *first < 0x80 {
        (usize::from(*first), bytes)
    } else {
        let (digits, bytes) =
            bytes.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), bytes)
    };
    let (value, rest) = bytes.split_at_checked(length)?;
    Some((*tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate's beginning with these times.
    fn certificate(kind: u8, until: &str) -> Vec<u8> {
        let wrap = |tag: u8, value: &[u8]| [&[tag, u8::try_from(value.len()).unwrap()], value].concat();
        let from = wrap(UTC_TIME, b"200101000000Z");
        let validity = wrap(SEQUENCE, &[from, wrap(kind, until.as_bytes())].concat());
        let head = [wrap(VERSION, &wrap(2, &[2])), wrap(2, &[9]), wrap(SEQUENCE, &[]), wrap(SEQUENCE, &[])].concat();
        wrap(SEQUENCE, &wrap(SEQUENCE, &[head, validity].concat()))
    }

    #[test]
    fn the_end_is_read_in_both_forms() {
        let read = |kind, text| not_after(&certificate(kind, text)).map(|at| at.to_string());
        assert!(read(UTC_TIME, "491231235959Z").unwrap().starts_with("2049-12-31T23:59:59"));
        assert!(read(UTC_TIME, "500101000000Z").unwrap().starts_with("1950-01-01T00:00:00"));
        assert!(read(GENERALIZED_TIME, "20510203040506Z").unwrap().starts_with("2051-02-03T04:05:06"));
        for bad in ["", "2", "99999999999999", "20511303040506Z"] {
            assert_eq!(read(GENERALIZED_TIME, bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        let whole = certificate(UTC_TIME, "491231235959Z");
        assert!((0..whole.len()).all(|length| not_after(&whole[..length]).is_none()));
    }
}
