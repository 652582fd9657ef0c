use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Collects what a subscriber writes.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What reaches the log while `say` runs, with `wish` in the environment variable.
fn heard(wish: Option<&str>, say: impl FnOnce()) -> String {
    let page = Page::default();
    let subscriber = tracing_subscriber::registry()
        .with(own_filter(wish).0)
        .with(Quiet)
        .with(tracing_subscriber::fmt::layer().json().with_writer(page.clone()));
    tracing::subscriber::with_default(subscriber, say);
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn our_own_messages_appear_from_info_up() {
    let text = heard(None, || {
        tracing::info!(target: "bitrix_id::reload", "loaded");
        tracing::info!(target: "bitrix_id_auth_core::store", "opened");
        tracing::debug!(target: "bitrix_id::reload", "detail");
    });
    assert!(text.contains("loaded") && text.contains("opened"), "{text}");
    assert!(!text.contains("detail"), "{text}");
}

#[test]
fn no_wish_makes_a_library_print_request_headers() {
    let text = heard(Some("trace,pingora_proxy=trace"), || {
        tracing::trace!(target: "pingora_proxy", "Request header: secret");
        tracing::debug!(target: "hyper::proto", "secret");
        tracing::info!(target: "h2::codec", "secret");
        tracing::trace!(target: "bitrix_id::edge", "ours");
    });
    assert!(text.contains("ours"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn messages_of_pingora_that_quote_a_request_are_never_heard() {
    let text = heard(None, || {
        tracing::error!(target: "pingora_proxy", "Fail to proxy: x, GET /a?ticket=secret");
        tracing::error!(target: "pingora_core::apps::http_app", "GET /a?ticket=secret");
        tracing::error!(target: "pingora_core::services::listening", "Downstream handshake error: secret");
        tracing::error!(target: "pingora_core::services::listening", "Accept() failed EMFILE");
        tracing::error!(target: "pingora_core::server", "Unable to listen for shutdown signal");
    });
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("Accept() failed"), "{text}");
    assert!(text.contains("Unable to listen"), "{text}");
}

#[test]
fn a_wish_that_makes_no_sense_is_reported_and_ignored() {
    let (_, complaint) = own_filter(Some("bitrix_id=loud"));
    assert!(complaint.is_some());
    let text = heard(Some("bitrix_id=loud"), || {
        tracing::info!(target: "bitrix_id", "still heard");
    });
    assert!(text.contains("still heard"), "{text}");
}

#[test]
fn names_that_only_resemble_ours_get_no_more_than_a_library() {
    assert_eq!(ceiling("bitrix_identity"), LevelFilter::WARN);
    assert_eq!(ceiling("bitrix_id"), LevelFilter::TRACE);
    assert_eq!(ceiling("bitrix_id_config::file"), LevelFilter::TRACE);
}
