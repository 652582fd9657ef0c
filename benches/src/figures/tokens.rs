//! Tokens as the gateway makes them, as many as are wanted: each another person's in another session.

use bitrix_id_tests::database;
use bitrix_id_tests::jwt::{Jwt, SigningKey};
use serde_json::Value;
use uuid::Uuid;

use crate::scene::Scene;

/// Makes cookies that the scene's gateway takes.
pub(crate) struct Mint {
    key: SigningKey,
    pattern: Jwt,
}

impl Mint {
    /// Signs with the gateway's own key; what tokens say is what the scene's token says.
    pub(crate) async fn of(scene: &Scene) -> Self {
        let (_, token) = scene.cookie.split_once('=').expect("a name and a value");
        let key = database::signing_key(&scene.gateway.database()).await;
        Self { key, pattern: Jwt::read(token) }
    }

    /// So many cookies, name and value.
    pub(crate) fn cookies(&self, count: usize) -> impl Iterator<Item = String> + '_ {
        (0..count).map(|_| format!("__Host-bitrix-id={}", self.token()))
    }

    fn token(&self) -> String {
        let id = || Value::from(Uuid::now_v7().to_string());
        self.pattern.clone().claim("sub", id()).claim("sid", id()).sign(&self.key)
    }
}
