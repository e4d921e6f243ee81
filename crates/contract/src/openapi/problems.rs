//! Which problems a route can answer with, and how they stand in the document.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::openapi::schemas::Schemas;
use crate::openapi::shape::{Make, Shape};
use crate::route::{Access, Method, Route};
use crate::{Code, Problem, orcheo};

/// What any route can answer, whatever was asked.
const ANYWHERE: &[Code] =
    &[Code::RequestMalformed, Code::Misdirected, Code::TargetTooLong, Code::Internal, Code::Unavailable];
/// What is answered where there is no operation.
const NOWHERE: &[Code] = &[Code::NotFound, Code::MethodNotAllowed];
/// What any route answers to a caller whom it does not know.
const UNKNOWN_CALLER: &[Code] = &[
    Code::MissingToken,
    Code::InvalidScheme,
    Code::InvalidToken,
    Code::TokenExpired,
    Code::TokenRevoked,
    Code::AuthenticationRequired,
    Code::UnsupportedAlgorithm,
    Code::InvalidAudience,
    Code::InvalidIssuer,
    Code::KeyUnavailable,
    Code::TwoCredentials,
    Code::TokenInUrl,
    Code::NetworkForbidden,
    Code::WorkspaceForbidden,
    Code::RateLimitedAddress,
    Code::RateLimitedIdentity,
];

/// Every problem of a route: its own, and those that follow from its row and from what it takes.
pub(super) fn of(route: &Route, shape: &Shape) -> Vec<Code> {
    let mut codes: Vec<Code> = ANYWHERE.iter().chain(shape.problems).copied().collect();
    match route.access {
        Access::Public => {}
        Access::Authenticated => codes.extend(UNKNOWN_CALLER),
        Access::Scope(_) => codes.extend(UNKNOWN_CALLER.iter().chain(&[Code::MissingScope])),
    }
    if route.method != Method::Get {
        codes.extend([Code::ForeignOrigin, Code::Conflict, Code::OutcomeUnknown]);
    }
    if route.path.contains('{') {
        codes.push(Code::NotFound);
    }
    if let Some(body) = &shape.body {
        codes.extend([Code::TooLarge, Code::MediaType, Code::Timeout]);
        if body.media == "application/json" {
            codes.push(Code::Unprocessable);
        }
    }
    if shape.headers.iter().any(|header| header.name == "Idempotency-Key") {
        codes.push(Code::IdempotencyReused);
    }
    if shape.headers.iter().any(|header| header.name == "If-Match") {
        codes.push(Code::Stale);
    }
    codes
}

/// A response object for each status that the codes have.
pub(super) fn by_status(route: &Route, codes: &[Code], schemas: &mut Schemas) -> BTreeMap<u16, Value> {
    let mut groups: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for code in codes {
        groups.entry(code.status()).or_default().insert(code.text());
    }
    let described = |(status, texts): (u16, BTreeSet<&str>)| {
        let codes = Code::ALL.iter().copied().filter(|code| texts.contains(code.text())).collect::<Vec<_>>();
        let mut response = response(status, &codes, schemas);
        if route.path.starts_with(orcheo::PREFIX) {
            response["content"] = in_orcheos_form(status, &codes, schemas);
        }
        (status, response)
    };
    groups.into_iter().map(described).collect()
}

/// Responses that belong to no operation: unknown paths and methods.
pub(super) fn general(schemas: &mut Schemas) -> Value {
    let named = |code: &Code| (format!("{code:?}"), response(code.status(), &[*code], schemas));
    NOWHERE.iter().map(named).collect::<Map<_, _>>().into()
}

fn response(status: u16, codes: &[Code], schemas: &mut Schemas) -> Value {
    let texts: Vec<_> = codes.iter().map(|code| code.text()).collect();
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let examples: Map<_, _> = texts
        .iter()
        .map(|text| ((*text).to_owned(), json!({ "$ref": format!("#/components/examples/{text}") })))
        .collect();
    let schema = json!({
        "allOf": [schemas.given(SchemaGenerator::subschema_for::<Problem>)],
        "properties": { "code": { "enum": texts }, "status": { "const": status } },
    });
    let reference = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let mut headers = json!({ "X-Request-Id": reference("RequestId") });
    match status {
        401 => headers["WWW-Authenticate"] = reference("Challenge"),
        403 => headers["WWW-Authenticate"] = reference("PerhapsChallenge"),
        429 | 503 => headers["Retry-After"] = reference("RetryAfter"),
        _ => {}
    }
    json!({
        "description": format!("{}.", titles.join("; ")),
        "headers": headers,
        "content": { "application/problem+json": { "schema": schema, "examples": examples } },
    })
}

/// The same refusals as Orcheo's clients read them.
fn in_orcheos_form(status: u16, codes: &[Code], schemas: &mut Schemas) -> Value {
    let not_found = codes.contains(&Code::NotFound).then_some(orcheo::NOT_FOUND);
    let texts: Vec<_> = not_found.into_iter().chain(codes.iter().map(|code| code.text())).collect();
    let (code, message) = (texts.first(), codes.first().map(|code| code.title()));
    let (make, place, example): (Make, _, _) = if status == 422 {
        let misfit = json!({ "type": code, "loc": ["body"], "msg": message, "input": null });
        let place = json!({ "detail": { "items": { "properties": { "type": { "enum": texts } } } } });
        (SchemaGenerator::subschema_for::<orcheo::Invalid>, place, json!({ "detail": [misfit], "message": message }))
    } else {
        let place = json!({ "detail": { "properties": { "code": { "enum": texts } } } });
        let reason = json!({ "message": message, "code": code });
        (SchemaGenerator::subschema_for::<orcheo::Refusal>, place, json!({ "detail": reason }))
    };
    let schema = json!({ "allOf": [schemas.given(make)], "properties": place });
    json!({ "application/json": { "schema": schema, "example": example } })
}

/// An example of each problem.
pub(super) fn examples() -> Value {
    Code::ALL
        .iter()
        .map(|code| (code.text().to_owned(), json!({ "value": example(*code) })))
        .collect::<Map<_, _>>()
        .into()
}

fn example(code: Code) -> Value {
    let mut problem = Problem::new(code, code.title());
    problem.request_id = Some("req_01HZY3V5W2M4Q6S8T0XABCDEFG".to_owned());
    json!(problem)
}
