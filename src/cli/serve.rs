//! `quaver serve`: the API, and the embedded warehouse unless another is configured.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Ended, output, progress, shutdown};
use crate::api;
use crate::app::{App, AppError, Sharing};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address and port to answer on, port 0 for a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<String>,
}

pub(super) async fn run(config: Config) -> anyhow::Result<Ended> {
    // Before anything that takes time: a port that is taken is told at once.
    let listener = bind(config.server.listen).await?;
    let address = listener.local_addr()?;
    let stop = shutdown::on_signal()?;
    let grace = config.server.shutdown_grace;
    let mut app = tokio::select! {
        app = App::start(config, Sharing::Own, progress::shown()) => app?,
        () = stop.cancelled() => return Ok(Ended::Done),
    };
    let mut serving = tokio::spawn(api::serve(listener, app.api_state(), stop.clone(), grace));
    tokio::select! {
        announced = announce(&mut app, address, &stop) => announced?,
        ended = &mut serving => ended?.context("the HTTP server failed")?,
    }
    app.begin_stop();
    if !serving.is_finished() {
        serving.await?.context("the HTTP server failed")?;
    }
    app.close().await;
    tracing::info!("stopped");
    Ok(Ended::Done)
}

/// Says where questions are answered once they are, and waits for the end.
async fn announce(app: &mut App, address: SocketAddr, stop: &CancellationToken) -> anyhow::Result<()> {
    tokio::select! {
        ready = app.ready() => ready?,
        () = stop.cancelled() => return Ok(()),
    }
    output::print(&format!("listening on http://{address}"))?;
    stop.cancelled().await;
    Ok(())
}

/// A listener, or why there is none.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, AppError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => AppError::PortTaken { address },
        _ => AppError::Listen { address, source },
    })
}
