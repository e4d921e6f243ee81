//! Replay as its users meet it: recorded decisions in, a report out, and the report is that of asking one by one.
#![expect(clippy::unwrap_used, clippy::format_collect, reason = "a test that meets a surprise should stop there")]

mod exact;
mod export;
mod fixtures;
mod naive;
mod report;
