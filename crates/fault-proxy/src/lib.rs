//! An HTTP proxy that breaks what goes through it, for tests of clients.
//!
//! It stands in front of a real server, so that what is not broken is a real answer, and what arrived before an answer was lost has
//! really happened. It is written on the bare socket, since most of what it does no HTTP library would do. It speaks as much of
//! HTTP/1.1 as such tests need: bodies with a length, one request a connection.

mod message;
mod proxy;

pub use message::Request;
pub use proxy::{Fault, Proxy};
