//! Where the model will be: the service answers health checks while the weights are still being fetched and read.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::AskError;
use crate::model::SqlGenerator;

/// How far the model is.
#[derive(Clone)]
pub enum GeneratorState {
    Loading,
    Ready(Arc<dyn SqlGenerator>),
    /// It will not come by itself; the message is for the log.
    Failed(String),
}

/// The reading end of a model's place.
#[derive(Debug, Clone)]
pub struct GeneratorSlot {
    state: watch::Receiver<GeneratorState>,
}

impl GeneratorSlot {
    /// An empty place and the end that fills it.
    #[must_use]
    pub fn loading() -> (watch::Sender<GeneratorState>, Self) {
        let (sender, state) = watch::channel(GeneratorState::Loading);
        (sender, Self { state })
    }

    /// A model that is there already.
    #[must_use]
    pub fn ready(generator: Arc<dyn SqlGenerator>) -> Self {
        Self { state: watch::channel(GeneratorState::Ready(generator)).1 }
    }

    /// How far the model is now.
    #[must_use]
    pub fn state(&self) -> GeneratorState {
        self.state.borrow().clone()
    }

    /// Waits until the model is there or has failed; for programs that ask one question and end.
    ///
    /// # Errors
    /// [`AskError::ModelFailed`].
    pub async fn wait(&self) -> Result<Arc<dyn SqlGenerator>, AskError> {
        let mut state = self.state.clone();
        match state.wait_for(|state| !matches!(state, GeneratorState::Loading)).await {
            Ok(state) => generator(&state),
            Err(_) => Err(AskError::ModelFailed { message: "loading was given up".to_owned() }),
        }
    }

    /// The model.
    ///
    /// # Errors
    /// [`AskError::ModelLoading`] and [`AskError::ModelFailed`].
    pub fn generator(&self) -> Result<Arc<dyn SqlGenerator>, AskError> {
        generator(&self.state.borrow())
    }
}

fn generator(state: &GeneratorState) -> Result<Arc<dyn SqlGenerator>, AskError> {
    match state {
        GeneratorState::Loading => Err(AskError::ModelLoading),
        GeneratorState::Ready(generator) => Ok(Arc::clone(generator)),
        GeneratorState::Failed(message) => Err(AskError::ModelFailed { message: message.clone() }),
    }
}

impl fmt::Debug for GeneratorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loading => f.write_str("Loading"),
            Self::Ready(generator) => f.debug_tuple("Ready").field(&generator.info()).finish(),
            Self::Failed(message) => f.debug_tuple("Failed").field(message).finish(),
        }
    }
}
