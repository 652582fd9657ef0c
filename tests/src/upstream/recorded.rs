//! A request as an upstream received it.

/// The bytes of one request.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Which connection, from 0.
    pub connection: usize,
    /// Which request of the connection, from 0.
    pub index: usize,
    /// Request line and fields with their line ends, and the empty line.
    pub head: Vec<u8>,
    /// The body as it came, chunk framing included; the first MiB of it.
    pub body: Vec<u8>,
    /// Length of the body without framing.
    pub body_bytes: u64,
    /// Whether the body came to its end.
    pub complete: bool,
}

impl Recorded {
    /// Whether head or body hold this text.
    pub fn holds(&self, text: &str) -> bool {
        let holds =
            |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        holds(&self.head) || holds(&self.body)
    }

    /// The head as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.head).into_owned()
    }

    /// The request line.
    pub fn line(&self) -> String {
        self.text().split("\r\n").next().unwrap_or_default().to_owned()
    }

    /// The method.
    pub fn method(&self) -> String {
        self.line().split(' ').next().unwrap_or_default().to_owned()
    }

    /// The request target.
    pub fn target(&self) -> String {
        self.line().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Fields in order, names as spelt on the wire.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = self.text();
        let lines = text.split("\r\n").skip(1).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                (name.to_owned(), value.trim().to_owned())
            })
            .collect()
    }

    /// The values of a field, compared in any case.
    pub fn all(&self, name: &str) -> Vec<String> {
        let fields = self.headers().into_iter();
        fields
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The only value of a field, `None` if absent. Panics when there are several.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut all = self.all(name);
        assert!(all.len() < 2, "{name} came {} times: {}", all.len(), self.text());
        all.pop()
    }

    /// The values of every field whose folded name is that of `name`: however it is spelt.
    pub fn all_folded(&self, name: &str) -> Vec<String> {
        let wanted = fold(name);
        let fields = self.headers().into_iter();
        fields.filter(|(field, _)| fold(field) == wanted).map(|(_, value)| value).collect()
    }
}

/// As CGI, WSGI and PHP see a field name: lower case, `_` for all that is not a letter or digit.
pub fn fold(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect()
}
