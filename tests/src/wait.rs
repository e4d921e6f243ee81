//! Waiting for what a test expects: asked again and again until it is there, never for a fixed time. The deadline is
//! only there to turn a hang into a sentence.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// Generous, because two cores may be building something else.
pub const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Looks until `probe` finds something. An error counts as "not yet"; the last one is told when patience ends.
pub async fn until<T>(what: impl Display, mut probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        let last = match probe().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if began.elapsed() > PATIENCE {
            match last {
                Some(error) => return Err(error.context(format!("waited {PATIENCE:?} for {what}"))),
                None => bail!("waited {PATIENCE:?} for {what}"),
            }
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
