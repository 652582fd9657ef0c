//! As much HTML as it takes to fill in a form.

/// A form of a page.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// `action` as written; empty means the page's own address.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// Its inputs, in order.
    pub inputs: Vec<Input>,
}

/// An `<input>` or `<button>` with a name.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// `name`.
    pub name: String,
    /// `value`.
    pub value: String,
    /// `type`, lower case; `text` if absent.
    pub kind: String,
}

impl Form {
    /// The name of the first input of a type.
    pub fn name_of(&self, kind: &str) -> Option<&str> {
        self.inputs.iter().find(|input| input.kind == kind).map(|input| input.name.as_str())
    }

    /// The value of an input.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.inputs.iter().find(|input| input.name == name).map(|input| input.value.as_str())
    }

    /// What a browser would send, with `filled` instead of the values on the page.
    pub fn fields(&self, filled: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = self
            .inputs
            .iter()
            .filter(|input| input.kind != "submit" && input.kind != "button")
            .filter(|input| !filled.iter().any(|(name, _)| *name == input.name))
            .map(|input| (input.name.clone(), input.value.clone()))
            .collect();
        fields.extend(filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields
    }
}

/// Every form of a page, in order.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    for (name, attributes) in tags(html) {
        let get = |wanted: &str| {
            let found = attributes.iter().find(|(key, _)| key == wanted);
            found.map(|(_, value)| value.clone())
        };
        match name.as_str() {
            "form" => forms.push(Form {
                action: get("action").unwrap_or_default(),
                method: get("method").unwrap_or_default().to_ascii_lowercase(),
                inputs: Vec::new(),
            }),
            "input" | "button" => {
                let default = if name == "button" { "submit" } else { "text" };
                let Some((form, name)) = forms.last_mut().zip(get("name")) else { continue };
                let kind = get("type").unwrap_or_else(|| default.to_owned()).to_ascii_lowercase();
                form.inputs.push(Input { name, value: get("value").unwrap_or_default(), kind });
            }
            _ => {}
        }
    }
    forms
}

/// An opening tag: its name and attributes.
pub type Tag = (String, Vec<(String, String)>);

/// Where a page sends a browser by itself at once, if it does (`<meta http-equiv="refresh">`).
pub fn refresh(html: &str) -> Option<String> {
    tags(html).into_iter().filter(|(name, _)| name == "meta").find_map(|(_, attributes)| {
        let get =
            |wanted: &str| attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
        let refreshes =
            get("http-equiv").is_some_and(|value| value.eq_ignore_ascii_case("refresh"));
        let target = get("content")?.strip_prefix("0;")?.trim_start().strip_prefix("url=")?;
        refreshes.then(|| target.to_owned())
    })
}

/// Opening tags with their attributes, character references resolved.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, after) = tag(rest);
            tags.push(tag);
            rest = after;
        }
    }
    tags
}

fn tag(text: &str) -> (Tag, &str) {
    let end =
        text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(text.len());
    let name = text[..end].to_ascii_lowercase();
    let mut rest = &text[end..];
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return ((name, attributes), rest);
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))
            .unwrap_or(rest.len());
        // A stray character that begins no attribute name is skipped.
        let key = rest[..end].to_ascii_lowercase();
        rest = if end == 0 {
            &rest[rest.chars().next().map_or(0, char::len_utf8)..]
        } else {
            &rest[end..]
        };
        let mut value = String::new();
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start());
        }
        attributes.push((key, unescape(&value)));
    }
}

fn attribute_value(text: &str) -> (String, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let end = inner.find(quote).unwrap_or(inner.len());
            return (inner[..end].to_owned(), inner.get(end + 1..).unwrap_or_default());
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// Resolves the references that a template engine writes.
pub fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end < 10);
        let resolved = end.and_then(|end| character(&rest[1..end]));
        match (resolved, end) {
            (Some(character), Some(end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = reference.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_hidden_values_unescaped() {
        let page = r#"<p>1 < 2</p><form method="post" action='/sign-in?a=1&amp;b=2'>
            <input type=hidden name="state" value="a&quot;b&#x3d;&#39;"><input name=email type="email" required>
            <input type="password" name="password"><button>Go</button></form>"#;
        let form = forms(page).remove(0);
        assert_eq!((form.action.as_str(), form.method.as_str()), ("/sign-in?a=1&b=2", "post"));
        assert_eq!(form.value("state"), Some("a\"b='"));
        assert_eq!(form.name_of("email"), Some("email"));
        assert_eq!(
            form.fields(&[("email", "x")]).last(),
            Some(&("email".to_owned(), "x".to_owned()))
        );
    }
}
