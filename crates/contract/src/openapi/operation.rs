//! One operation of the document, from a row of the route table and the shape of its endpoint.

use serde_json::{Map, Value, json};

use crate::openapi::problems;
use crate::openapi::schemas::Schemas;
use crate::openapi::security;
use crate::openapi::shape::{Answer, Content, Shape};
use crate::orcheo;
use crate::route::{Access, Route};

/// The operation object.
pub(super) fn describe(route: &Route, shape: &Shape, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": name(route),
        "tags": [tag(route.path)],
        "summary": route.summary,
        "parameters": parameters(route, shape, schemas),
        "responses": responses(route, shape, schemas),
        "security": security::of(route.access),
    });
    if let Access::Scope(scope) = route.access {
        operation["description"] = format!("Needs the scope `{scope}`.").into();
    }
    if let Some(kind) = route.audit {
        operation["x-audit-kind"] = kind.name().into();
    }
    if let Some(body) = &shape.body {
        let schema = schemas.taken(body.schema);
        operation["requestBody"] = json!({ "required": true, "content": content(body, &schema) });
    }
    operation
}

/// `GetTicket` becomes `getTicket`.
pub(super) fn name(route: &Route) -> String {
    let name = format!("{:?}", route.endpoint);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn tag(path: &str) -> &str {
    match path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()) {
        Some(area) => area,
        None if path.starts_with("/.well-known/oauth") => "oauth",
        None if path.starts_with("/access/v1/") || path.ends_with("/authzen-configuration") => "authzen",
        None if path.starts_with(orcheo::PREFIX) => "orcheo",
        None => "system",
    }
}

fn content(content: &Content, schema: &Value) -> Value {
    json!({ content.media: { "schema": schema, "example": content.example } })
}

fn parameters(route: &Route, shape: &Shape, schemas: &mut Schemas) -> Vec<Value> {
    let mut parameters = Vec::new();
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in names {
        let schema = shape.path.map_or_else(|| json!({ "type": "string" }), |make| schemas.taken(make));
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    if let Some(query) = shape.query {
        parameters.extend(schemas.fields(query).into_iter().map(|field| {
            let mut parameter =
                json!({ "name": field.name, "in": "query", "required": field.required, "schema": field.schema });
            parameter["description"] = field.description.unwrap_or_default();
            parameter
        }));
    }
    parameters.extend(shape.headers.iter().map(|header| {
        json!({ "name": header.name, "in": "header", "description": header.description, "schema": header.schema })
    }));
    parameters
}

fn responses(route: &Route, shape: &Shape, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for answer in &shape.answers {
        let status = answer.status.unwrap_or(route.success);
        responses.insert(status.to_string(), response(answer, schemas));
    }
    for (status, problem) in problems::by_status(route, &problems::of(route, shape), schemas) {
        match responses.get_mut(&status.to_string()) {
            // A page or an OAuth error has the same status as a problem: either may come.
            Some(other) => {
                let media = problem["content"]["application/problem+json"].clone();
                other["content"]["application/problem+json"] = media;
            }
            None => {
                responses.insert(status.to_string(), problem);
            }
        }
    }
    responses.into()
}

fn response(answer: &Answer, schemas: &mut Schemas) -> Value {
    let mut response = json!({
        "description": answer.description,
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
    });
    for (name, description) in &answer.headers {
        response["headers"][*name] =
            json!({ "description": description, "required": true, "schema": { "type": "string" } });
    }
    if let Some(body) = &answer.content {
        let schema = schemas.given(body.schema);
        response["content"] = content(body, &schema);
    }
    response
}
