//! Serving until the end: the listener closes first, requests under way get their time, the rest are answered that the service
//! stops, and their jobs are cancelled.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::router::router;
use super::state::ApiState;

/// After requests were told to stop: for their answers to be written, and for cancels to reach the warehouse.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Answers requests until `shutdown` is cancelled, and then those under way for at most `grace`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: CancellationToken, grace: Duration) -> std::io::Result<()> {
    let stop = state.settings.stop.clone();
    let listening = axum::serve(listener, router(state)).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let mut serving = tokio::spawn(listening.into_future());
    tokio::select! {
        ended = &mut serving => return flatten(ended),
        () = shutdown.cancelled() => {}
    }
    if let Ok(ended) = tokio::time::timeout(grace, &mut serving).await {
        return flatten(ended);
    }
    tracing::warn!("requests outlived the time for shutting down, ending them");
    stop.cancel();
    // Connections that are still open after this are cut when the process ends.
    match tokio::time::timeout(LAST_WORDS, &mut serving).await {
        Ok(ended) => flatten(ended),
        Err(_) => Ok(()),
    }
}

fn flatten(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> std::io::Result<()> {
    ended.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
