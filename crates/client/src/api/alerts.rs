//! The calls about alerts and webhooks.

use contract::Page;
use contract::alerts::{AlertRules, HandleAlert};
use contract::credentials::FreshSecret;
use contract::webhooks::{ChangeWebhook, CreateWebhook, DisableWebhook, RotateWebhookSecret, Webhook};
use domain::alert::Alert;
use domain::id::{AlertId, DeliveryId, WebhookId};
use domain::webhook::Delivery;
use reqwest::Method;

use crate::ClientError;
use crate::api::{Api, PATIENCE};

impl Api {
    /// `GET /api/v1/alerts` with its query.
    pub async fn alerts(&self, query: &[(&str, &str)]) -> Result<Page<Alert>, ClientError> {
        self.query("/api/v1/alerts", query).await
    }

    /// `GET /api/v1/alerts/{id}`.
    pub async fn alert(&self, id: AlertId) -> Result<Alert, ClientError> {
        self.get(&format!("/api/v1/alerts/{id}")).await
    }

    /// `POST /api/v1/alerts/{id}/acknowledge`.
    pub async fn acknowledge_alert(&self, id: AlertId, note: Option<String>) -> Result<Alert, ClientError> {
        self.post(&format!("/api/v1/alerts/{id}/acknowledge"), &HandleAlert { note }).await
    }

    /// `POST /api/v1/alerts/{id}/resolve`.
    pub async fn resolve_alert(&self, id: AlertId, note: Option<String>) -> Result<Alert, ClientError> {
        self.post(&format!("/api/v1/alerts/{id}/resolve"), &HandleAlert { note }).await
    }

    /// `GET /api/v1/alert-rules`.
    pub async fn alert_rules(&self) -> Result<AlertRules, ClientError> {
        self.get("/api/v1/alert-rules").await
    }

    /// `PUT /api/v1/alert-rules`: those that are named are set.
    pub async fn set_alert_rules(&self, rules: &AlertRules) -> Result<AlertRules, ClientError> {
        self.call(Method::PUT, "/api/v1/alert-rules", PATIENCE, |call| call.json(rules)).await
    }

    /// `GET /api/v1/webhooks`.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, ClientError> {
        self.get::<Page<Webhook>>("/api/v1/webhooks").await.map(|page| page.items)
    }

    /// `GET /api/v1/webhooks/{id}`.
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, ClientError> {
        self.get(&format!("/api/v1/webhooks/{id}")).await
    }

    /// `POST /api/v1/webhooks`.
    pub async fn create_webhook(&self, request: &CreateWebhook) -> Result<FreshSecret, ClientError> {
        self.create_webhook_once(request, None).await
    }

    /// The same, with the idempotency key, if there is one.
    pub async fn create_webhook_once(
        &self,
        request: &CreateWebhook,
        key: Option<&str>,
    ) -> Result<FreshSecret, ClientError> {
        self.post_once("/api/v1/webhooks", request, key).await
    }

    /// `PUT /api/v1/webhooks/{id}`.
    pub async fn change_webhook(&self, id: WebhookId, request: &ChangeWebhook) -> Result<Webhook, ClientError> {
        let path = format!("/api/v1/webhooks/{id}");
        self.call(Method::PUT, &path, PATIENCE, |call| call.json(request)).await
    }

    /// `POST /api/v1/webhooks/{id}/disable`.
    pub async fn disable_webhook(&self, id: WebhookId, reason: Option<String>) -> Result<Webhook, ClientError> {
        self.post(&format!("/api/v1/webhooks/{id}/disable"), &DisableWebhook { reason }).await
    }

    /// `POST /api/v1/webhooks/{id}/rotate-secret`.
    pub async fn rotate_webhook_secret(&self, id: WebhookId, overlap: Option<u32>) -> Result<FreshSecret, ClientError> {
        self.rotate_webhook_secret_once(id, overlap, None).await
    }

    /// The same, with the idempotency key, if there is one.
    pub async fn rotate_webhook_secret_once(
        &self,
        id: WebhookId,
        overlap: Option<u32>,
        key: Option<&str>,
    ) -> Result<FreshSecret, ClientError> {
        let request = RotateWebhookSecret { overlap_seconds: overlap };
        self.post_once(&format!("/api/v1/webhooks/{id}/rotate-secret"), &request, key).await
    }

    /// `POST /api/v1/webhooks/{id}/test`.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<Delivery, ClientError> {
        self.post(&format!("/api/v1/webhooks/{id}/test"), &serde_json::json!({})).await
    }

    /// `GET /api/v1/webhooks/{id}/deliveries` with its query.
    pub async fn deliveries(&self, id: WebhookId, query: &[(&str, &str)]) -> Result<Page<Delivery>, ClientError> {
        self.query(&format!("/api/v1/webhooks/{id}/deliveries"), query).await
    }

    /// `POST /api/v1/webhooks/{id}/deliveries/{delivery}/resend`.
    pub async fn resend_delivery(&self, id: WebhookId, delivery: DeliveryId) -> Result<Delivery, ClientError> {
        let path = format!("/api/v1/webhooks/{id}/deliveries/{delivery}/resend");
        self.post(&path, &serde_json::json!({})).await
    }
}
