//! The providers at work. Each lives as long as its table stays as it is, over reloads, since it remembers
//! the keys it has fetched.

use std::sync::{Arc, Mutex, PoisonError};

use bitrix_id_auth_core::oauth::fetch::{Fetch, FetchError, Web};
use bitrix_id_auth_core::oauth::{Provider, ProviderError};
use bitrix_id_config::model::{Social, SocialPreset};
use url::Url;

use crate::signin::visit::Visit;

type Connect = dyn Fn(&Social) -> Result<Arc<dyn Fetch>, FetchError> + Send + Sync;

/// Those in use.
pub(crate) struct Providers {
    connect: Box<Connect>,
    held: Mutex<Vec<Arc<Provider>>>,
}

impl Providers {
    /// Over the network.
    pub(crate) fn new() -> Self {
        Self::over(|social| {
            let (issuer, ca) = match &social.preset {
                SocialPreset::Oidc { issuer, ca, .. } => (Url::parse(issuer).ok(), ca.as_deref()),
                _ => (None, None),
            };
            Ok(Arc::new(Web::new(issuer.as_ref(), ca)?))
        })
    }

    /// Over something else.
    pub(crate) fn over(
        connect: impl Fn(&Social) -> Result<Arc<dyn Fetch>, FetchError> + Send + Sync + 'static,
    ) -> Self {
        Self { connect: Box::new(connect), held: Mutex::default() }
    }

    /// The provider of a table of the visit's configuration.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`]: its authorities cannot be read.
    pub(super) fn of(
        &self,
        visit: &Visit,
        social: &Social,
    ) -> Result<Arc<Provider>, ProviderError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = held.iter().find(|provider| provider.social == *social) {
            return Ok(provider.clone());
        }
        // rustls takes the process's provider of cryptography; an error means that it has one.
        let _has_one = rustls::crypto::ring::default_provider().install_default();
        let fetch = (self.connect)(social)
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        let provider = Arc::new(Provider::new(social.clone(), fetch));
        let configured = &visit.snapshot.config.social;
        held.retain(|provider| configured.contains(&provider.social));
        held.push(provider.clone());
        Ok(provider)
    }
}
