//! The program as a process, against a real control plane.
#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

mod account;
mod alerts;
mod approval;
mod audit;
mod auth;
mod canary;
mod exec;
mod lost_answers;
mod plane;
mod policy;
mod roster;
mod run;
mod serve;
mod signals;
mod standing;
mod telemetry;
mod token;
mod webhook;
