//! How long work says where it stands. The command line maps this to a bar on a terminal and to log lines elsewhere.

/// Told of every step of long work. Units are the step's own (rows, tables, bytes).
pub trait Progress: Send + Sync {
    /// A step begins; `total` units of it are to come, `None` when that is not known.
    fn start(&self, name: &str, total: Option<u64>);
    /// As [`Progress::start`], for a step whose units are bytes.
    fn start_bytes(&self, name: &str, total: Option<u64>) {
        self.start(name, total);
    }
    /// So many units of the step are to come in all, as is known by now.
    fn expect(&self, _total: u64) {}
    /// `units` more of the step are done.
    fn inc(&self, units: u64);
    /// The step is over.
    fn finish(&self);
}

/// Says nothing: for tests and for callers that show nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _name: &str, _total: Option<u64>) {}
    fn inc(&self, _units: u64) {}
    fn finish(&self) {}
}
