//! A response as it came over the wire.

use serde_json::Value;

/// Head and body of one HTTP/1.1 response.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Fields in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, with chunked framing taken off.
    pub body: Vec<u8>,
    /// How the body ended.
    pub end: BodyEnd,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEnd {
    /// There can be none (HEAD, 1xx, 204, 304).
    Absent,
    /// After Content-Length bytes.
    Length,
    /// With the last chunk.
    Chunked,
    /// By the end of the connection, with no length announced.
    Closed,
    /// The connection ended before the announced end.
    Cut,
}

impl Response {
    /// The values of a field, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.headers.iter().filter(|(field, _)| field == name);
        fields.map(|(_, value)| value.as_str()).collect()
    }

    /// The only value of a field, `None` if absent. Panics when there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} came {} times: {all:?}", all.len());
        all.first().copied()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON. Panics when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    /// Whether the body came whole.
    pub fn complete(&self) -> bool {
        self.end != BodyEnd::Cut
    }

    /// Whether the server says it closes the connection.
    pub fn closes(&self) -> bool {
        self.all("connection").iter().any(|value| value.eq_ignore_ascii_case("close"))
            || self.end == BodyEnd::Closed
            || self.end == BodyEnd::Cut
    }

    /// `name=value` of the `Set-Cookie` field that sets `name`, if one does (deletions count).
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        self.all("set-cookie").into_iter().find(|value| value.starts_with(&prefix))
    }
}

/// Splits a head into status line and fields. `None` when it is not one.
pub fn parse_head(head: &[u8]) -> Option<(String, Vec<(String, String)>)> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let start = lines.next()?.to_owned();
    let fields = lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect::<Option<Vec<_>>>()?;
    Some((start, fields))
}
