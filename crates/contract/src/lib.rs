//! What crosses the wire: requests, responses, problems and the route table.
//!
//! The route table is the one list of what the control plane offers: the router, the OpenAPI file and the coverage
//! test are made from it. Unknown fields are refused in every request but those of `orcheo` and `authzen`; a fresh secret stands in
//! `FreshSecret` and in the one type of `orcheo` only.

pub mod access;
pub mod accounts;
pub mod alerts;
pub mod approvals;
pub mod audit;
pub mod authzen;
pub mod batch;
pub mod context;
pub mod credentials;
pub mod events;
pub mod oauth;
pub mod openapi;
pub mod orcheo;
pub mod page;
pub mod pipelines;
pub mod policies;
pub mod problem;
pub mod roster;
pub mod route;
pub mod status;
pub mod tasks;
pub mod usage;
pub mod webhooks;

pub use page::Page;
pub use problem::{Code, Details, Problem};
pub use route::{Access, Endpoint, Method, Route};
