//! Where a request goes, read from its URL once. The URL's own parser turns `0x7f.1` and `①②⑦.0.0.1` into what they
//! mean; only what it made of them is judged.

use std::net::{IpAddr, SocketAddr};

use http::HeaderValue;
use url::{Host, Position, Url};

use crate::outbound::address::{is_allowed, may_call};
use crate::outbound::{OutboundError, OutboundPolicy, Resolve};

const MOST_URL_BYTES: usize = 2048;

pub(crate) struct Target {
    url: Url,
    host: Host,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Target {
    /// Reads an address and judges what can be judged without asking for its name.
    pub(crate) fn parse(text: &str, policy: &OutboundPolicy) -> Result<Self, OutboundError> {
        if text.len() > MOST_URL_BYTES {
            return Err(OutboundError::Url("it is longer than 2048 bytes"));
        }
        // The parser drops line breaks and turns backslashes into slashes; a text with them was not meant like that.
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(OutboundError::Url("it holds a space, a control character or a backslash"));
        }
        let url = Url::parse(text).map_err(|_| OutboundError::Url("write it like `https://host.example/path`"))?;
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(OutboundError::Url("only `https` is called")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Url("it holds a user name or a password"));
        }
        let host = url.host().map(|host| host.to_owned()).ok_or(OutboundError::Url("it has no host"))?;
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(OutboundError::Url("its port is 0"))?;
        let target = Self { url, host, port, tls };
        if !tls && !policy.plain_http {
            return Err(OutboundError::PlainHttp(target.name()));
        }
        if let Some(literal) = target.literal() {
            target.judge(literal, policy)?;
        }
        Ok(target)
    }

    /// The addresses that may be connected to. One denied answer denies all: whoever gives it can choose which of
    /// them is used.
    pub(crate) async fn addresses(
        &self,
        resolver: &dyn Resolve,
        policy: &OutboundPolicy,
    ) -> Result<Vec<SocketAddr>, OutboundError> {
        if let Some(literal) = self.literal() {
            return Ok(vec![SocketAddr::new(literal, self.port)]);
        }
        let name = self.name();
        let unknown = |problem: String| OutboundError::Resolve { host: name.clone(), problem };
        let found = resolver.resolve(&name, self.port).await.map_err(|error| unknown(error.to_string()))?;
        if found.is_empty() {
            return Err(unknown("it has no address".to_owned()));
        }
        for address in &found {
            self.judge(address.ip(), policy)?;
        }
        Ok(found.into_iter().map(|address| SocketAddr::new(address.ip(), self.port)).collect())
    }

    /// The host as text, for people, for the resolver and for the certificate: without brackets or a last dot.
    pub(crate) fn name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// What `Host` says (RFC 9112 §3.2).
    pub(crate) fn host_header(&self) -> Result<HeaderValue, OutboundError> {
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        HeaderValue::from_str(host).map_err(|_| OutboundError::Url("its host cannot be sent"))
    }

    /// What the request line says.
    pub(crate) fn path(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    fn judge(&self, address: IpAddr, policy: &OutboundPolicy) -> Result<(), OutboundError> {
        if !may_call(address, &policy.allowed_ranges) {
            return Err(OutboundError::Denied(self.name()));
        }
        if !self.tls && !is_allowed(address, &policy.allowed_ranges) {
            return Err(OutboundError::PlainHttp(self.name()));
        }
        Ok(())
    }
}
