//! `/api/v1/webhooks` and below.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contract::credentials::FreshSecret;
use contract::webhooks::{
    ChangeWebhook, CreateWebhook, DeliveryFilter, DisableWebhook, RotateWebhookSecret, Webhook, WebhookSecret,
};
use contract::{Code, Page};
use control::webhooks::Wish;
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::Delivery;
use domain::webhook::signature;
use store::webhooks::Kept;

use crate::api::{PAGE, PathId, cursor};
use crate::app::{App, Authenticated};
use crate::body::{StrictJson, StrictQuery};
use crate::once::IdempotencyKey;
use crate::problem::Refusal;
use crate::revision::{IfMatch, tag};

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<Webhook>>, Refusal> {
    let known = app.run(move |control| control.webhooks(&caller)).await?;
    Ok(Json(Page { items: known.into_iter().map(shown).collect(), next: None }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateWebhook>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "webhook", &request)?;
    let CreateWebhook { url, description, events } = request;
    judge(&app, &url)?;
    let wish = Wish { url, description, events, active: true };
    let (secret, kept) = app.run(move |control| control.create_webhook(&caller, wish)).await?;
    let location = format!("/api/v1/webhooks/{}", kept.webhook.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], fresh(kept.webhook.id, &secret)))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
) -> Result<impl IntoResponse, Refusal> {
    app.run(move |control| control.webhook(&caller, id)).await.map(tagged)
}

pub(crate) async fn change(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
    IfMatch(expected): IfMatch,
    StrictJson(request): StrictJson<ChangeWebhook>,
) -> Result<impl IntoResponse, Refusal> {
    let ChangeWebhook { url, description, events, active } = request;
    judge(&app, &url)?;
    let wish = Wish { url, description, events, active };
    app.run(move |control| control.change_webhook(&caller, id, wish, expected)).await.map(tagged)
}

pub(crate) async fn rotate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<RotateWebhookSecret>,
) -> Result<Json<FreshSecret>, Refusal> {
    let caller = key.of(caller, "rotation of a webhook's secret", &(id, &request))?;
    let overlap = request.overlap_seconds;
    let (secret, kept) = app.run(move |control| control.rotate_webhook_secret(&caller, id, overlap)).await?;
    Ok(fresh(kept.webhook.id, &secret))
}

pub(crate) async fn disable(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
    StrictJson(request): StrictJson<DisableWebhook>,
) -> Result<impl IntoResponse, Refusal> {
    app.run(move |control| control.disable_webhook(&caller, id, request.reason.as_deref())).await.map(tagged)
}

pub(crate) async fn test(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
) -> Result<(StatusCode, Json<Delivery>), Refusal> {
    let delivery = app.run(move |control| control.test_webhook(&caller, id)).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)))
}

pub(crate) async fn deliveries(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<WebhookId>,
    StrictQuery(query): StrictQuery<DeliveryFilter>,
) -> Result<Json<Page<Delivery>>, Refusal> {
    let before = cursor(query.cursor.as_deref())?;
    let page = app.run(move |control| control.deliveries(&caller, id, query.state, before, PAGE)).await?;
    Ok(Json(Page { items: page.deliveries, next: page.next.map(|id| id.to_string()) }))
}

pub(crate) async fn resend(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Delivery>), Refusal> {
    let nothing = || Refusal::new(Code::NotFound, "the ids in the path name nothing here");
    let webhook: WebhookId = webhook.parse().map_err(|_| nothing())?;
    let delivery: DeliveryId = delivery.parse().map_err(|_| nothing())?;
    let delivery = app.run(move |control| control.resend_delivery(&caller, webhook, delivery)).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)))
}

/// Whether the server would go there; it is judged again each time it does.
fn judge(app: &App, url: &str) -> Result<(), Refusal> {
    app.outbound.check(url).map_err(|error| Refusal::of_field("url", &error))
}

fn fresh(id: WebhookId, secret: &signature::WebhookSecret) -> Json<FreshSecret> {
    Json(FreshSecret {
        id: id.to_string(),
        secret: secret.reveal().as_str().to_owned(),
        message: "Store this secret securely. It will not be shown again.".into(),
        expires_at: None,
        credential: None,
        account: None,
    })
}

/// A webhook with its revision.
fn tagged(kept: Kept) -> impl IntoResponse {
    (tag(kept.revision), Json(shown(kept)))
}

fn shown(kept: Kept) -> Webhook {
    let Kept { webhook, secrets, fare, .. } = kept;
    let secrets = secrets.into_iter().map(|sealed| WebhookSecret {
        fingerprint: sealed.fingerprint,
        made_at: sealed.made_at,
        ends_at: sealed.ends_at,
    });
    Webhook {
        id: webhook.id,
        url: webhook.url,
        description: webhook.description,
        events: webhook.events,
        active: webhook.active,
        disabled_reason: webhook.disabled_reason,
        owner: webhook.owner,
        created_at: webhook.created_at,
        changed_at: webhook.changed_at,
        secrets: secrets.collect(),
        failures: fare.failures,
        failing_since: fare.failing_since,
    }
}
