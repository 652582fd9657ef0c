//! Builds a configuration file from typed pieces, so that a test names only what it is about.

use std::fmt::Write as _;

/// One configuration file.
#[derive(Debug, Clone, Default)]
pub struct ConfigText {
    include: Vec<String>,
    tables: Vec<(String, Vec<(String, String)>)>,
    portals: Vec<PortalText>,
    tail: String,
}

impl ConfigText {
    /// Sets `key` of `[table]` to a TOML value as it stands in the file, quotes included.
    pub fn set(&mut self, table: &str, key: &str, toml_value: impl Into<String>) -> &mut Self {
        let value = toml_value.into();
        let position = self.tables.iter().position(|(name, _)| name == table);
        let position = position.unwrap_or_else(|| {
            self.tables.push((table.to_owned(), Vec::new()));
            self.tables.len() - 1
        });
        let keys = &mut self.tables[position].1;
        match keys.iter_mut().find(|(name, _)| name == key) {
            Some(entry) => entry.1 = value,
            None => keys.push((key.to_owned(), value)),
        }
        self
    }

    /// Takes `key` out of `[table]`.
    pub fn unset(&mut self, table: &str, key: &str) -> &mut Self {
        for (_, keys) in self.tables.iter_mut().filter(|(name, _)| name == table) {
            keys.retain(|(name, _)| name != key);
        }
        self
    }

    /// Takes `[table]` out.
    pub fn remove_table(&mut self, table: &str) -> &mut Self {
        self.tables.retain(|(name, _)| name != table);
        self
    }

    /// Adds a pattern to `include`.
    pub fn include(&mut self, pattern: &str) -> &mut Self {
        self.include.push(pattern.to_owned());
        self
    }

    /// Adds a portal.
    pub fn portal(&mut self, portal: PortalText) -> &mut Self {
        self.portals.push(portal);
        self
    }

    /// The portal of that id, to change it.
    pub fn portal_mut(&mut self, id: &str) -> &mut PortalText {
        self.portals.iter_mut().find(|portal| portal.id == id).expect("a portal of that id")
    }

    /// Takes a portal out.
    pub fn remove_portal(&mut self, id: &str) -> &mut Self {
        self.portals.retain(|portal| portal.id != id);
        self
    }

    /// Appends text as it is, to break a file on purpose.
    pub fn tail(&mut self, text: &str) -> &mut Self {
        self.tail.push_str(text);
        self
    }

    /// The file.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if !self.include.is_empty() {
            let patterns: Vec<String> = self.include.iter().map(|p| quoted(p)).collect();
            let _ = writeln!(text, "include = [{}]", patterns.join(", "));
        }
        for (table, keys) in &self.tables {
            let _ = writeln!(text, "\n[{table}]");
            for (key, value) in keys {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        for portal in &self.portals {
            text.push_str(&portal.render());
        }
        text.push_str(&self.tail);
        text
    }
}

/// One `[[portal]]` table.
#[derive(Debug, Clone)]
pub struct PortalText {
    id: String,
    hosts: Vec<String>,
    upstreams: Vec<String>,
    keys: Vec<(String, String)>,
    routes: Vec<RouteText>,
}

/// Path, access, and further keys with their TOML values.
type RouteText = (String, String, Vec<(String, String)>);

impl PortalText {
    /// A portal on one host with one upstream.
    pub fn new(id: &str, host: &str, upstream: &str) -> Self {
        Self {
            id: id.to_owned(),
            hosts: vec![host.to_owned()],
            upstreams: vec![upstream.to_owned()],
            keys: Vec::new(),
            routes: Vec::new(),
        }
    }

    /// Adds a host, wildcards included.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.hosts.push(host.to_owned());
        self
    }

    /// Adds an upstream.
    #[must_use]
    pub fn upstream(mut self, url: &str) -> Self {
        self.upstreams.push(url.to_owned());
        self
    }

    /// Sets a key of the portal to a TOML value.
    #[must_use]
    pub fn key(mut self, key: &str, toml_value: &str) -> Self {
        self.keys.push((key.to_owned(), toml_value.to_owned()));
        self
    }

    /// Adds a route.
    #[must_use]
    pub fn route(self, path: &str, access: &str) -> Self {
        self.route_with(path, access, &[])
    }

    /// Adds a route with further keys as TOML values.
    #[must_use]
    pub fn route_with(mut self, path: &str, access: &str, keys: &[(&str, &str)]) -> Self {
        let keys =
            keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.routes.push((path.to_owned(), access.to_owned(), keys));
        self
    }

    /// The table as TOML.
    pub fn render(&self) -> String {
        let list =
            |items: &[String]| items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ");
        let mut text = String::from("\n[[portal]]\n");
        let _ = writeln!(text, "id = {}", quoted(&self.id));
        if !self.keys.iter().any(|(key, _)| key == "title") {
            let _ = writeln!(text, "title = {}", quoted(&format!("Portal {}", self.id)));
        }
        let _ = writeln!(text, "hosts = [{}]", list(&self.hosts));
        let _ = writeln!(text, "upstreams = [{}]", list(&self.upstreams));
        for (key, value) in &self.keys {
            let _ = writeln!(text, "{key} = {value}");
        }
        for (path, access, keys) in &self.routes {
            let _ = writeln!(
                text,
                "[[portal.route]]\npath = {}\naccess = {}",
                quoted(path),
                quoted(access)
            );
            for (key, value) in keys {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        text
    }
}

/// A TOML basic string. Test values hold no control characters.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
