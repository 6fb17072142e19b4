//! Stands in for `bigquery_emulator` until its front door is there.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
#[derive(Debug)]
pub struct EmulatorOptions {
    pub data_dir: PathBuf,
    pub project_id: String,
    pub location: String,
    pub memory_limit_bytes: u64,
}
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("in use")]
    InUse { address: Option<SocketAddr> },
    #[error("not yet")]
    NotYet,
}
#[derive(Debug)]
pub struct Emulator;
impl Emulator {
    pub async fn open(_options: EmulatorOptions) -> Result<Self, OpenError> {
        Err(OpenError::NotYet)
    }
    pub fn announce(&self, _address: SocketAddr) -> std::io::Result<()> {
        Ok(())
    }
    pub fn owner_of(_dir: &Path) -> Option<SocketAddr> {
        None
    }
    pub async fn serve(self, _listener: tokio::net::TcpListener, _stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        Ok(())
    }
}
