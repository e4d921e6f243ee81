//! How a request is found again: its id, and the trace that it is part of (W3C Trace Context).

use axum::http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};

/// The name under which a request is found, from a proxy that is believed.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all("x-request-id").iter();
    let text = values.next()?.to_str().ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (plain && (1..=64).contains(&text.len()) && values.next().is_none()).then(|| text.to_owned())
}

/// `traceparent`: who asked, in which trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent {
    /// 32 hexadecimal digits.
    pub(crate) trace: String,
    /// 16 hexadecimal digits.
    pub(crate) span: String,
    /// Whether the asker records it.
    sampled: bool,
}

impl TraceParent {
    /// Reads it. One that is damaged, or comes twice, is none (W3C Trace Context §3.2).
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent").iter();
        let text = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // Later versions may add parts; this one has four.
        let whole = version != "ff" && (version != "00" || parts.next().is_none());
        let hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let some = |part: &str| part.bytes().any(|byte| byte != b'0');
        let good = whole && hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
        (good && some(trace) && some(span)).then(|| Self {
            trace: trace.to_owned(),
            span: span.to_owned(),
            sampled: u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1),
        })
    }

    /// As what is exported takes it.
    pub(crate) fn context(&self) -> Context {
        let (Ok(trace), Ok(span)) = (TraceId::from_hex(&self.trace), SpanId::from_hex(&self.span)) else {
            return Context::new();
        };
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
        Context::new().with_remote_span_context(SpanContext::new(trace, span, flags, true, TraceState::NONE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_request_id_is_short_and_plain() {
        assert_eq!(request_id(&headers("x-request-id", &["a-B_9"])).unwrap(), "a-B_9");
        let long = "a".repeat(65);
        for bad in ["", "a b", "a\tb", "ä", "a;b", &long] {
            assert_eq!(request_id(&headers("x-request-id", &[bad])), None, "{bad}");
        }
        assert_eq!(request_id(&headers("x-request-id", &["a", "b"])), None);
    }

    #[test]
    fn a_trace_parent_is_whole_or_nothing() {
        let read = |text: &str| TraceParent::of(&headers("traceparent", &[text]));
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(read(good).unwrap().trace, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(read(&good.replacen("00", "cc", 1).replace("-01", "-01-more")).unwrap().span, "00f067aa0ba902b7");
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(TraceParent::of(&headers("traceparent", &[good, good])), None);
    }
}
