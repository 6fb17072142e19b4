//! Long work on the terminal: a bar where somebody looks, log lines elsewhere.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest::Progress;

/// A bar on a terminal, log lines elsewhere.
pub(super) fn shown() -> Arc<dyn Progress> {
    if std::io::stderr().is_terminal() { Arc::new(Bar::default()) } else { Arc::new(Lines::default()) }
}

#[derive(Default)]
struct Bar {
    bar: Mutex<Option<ProgressBar>>,
}

impl Bar {
    fn begin(&self, bar: ProgressBar, template: &str, name: &str) {
        let style = ProgressStyle::with_template(template).expect("the templates are constants");
        let bar = bar.with_style(style).with_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.replace(Some(bar));
    }

    fn replace(&self, bar: Option<ProgressBar>) {
        let old = std::mem::replace(&mut *self.bar.lock().unwrap_or_else(PoisonError::into_inner), bar);
        if let Some(old) = old {
            old.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn start(&self, name: &str, total: Option<u64>) {
        match total {
            Some(total) => self.begin(ProgressBar::new(total), "{msg} {wide_bar} {human_pos} of {human_len}, {per_sec}, {eta} left", name),
            None => self.begin(ProgressBar::new_spinner(), "{spinner} {msg} {human_pos}, {per_sec}", name),
        }
    }

    fn start_bytes(&self, name: &str, total: Option<u64>) {
        match total {
            Some(total) => {
                let template = "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
                self.begin(ProgressBar::new(total), template, name);
            }
            None => self.begin(ProgressBar::new_spinner(), "{spinner} {msg} {binary_bytes}, {binary_bytes_per_sec}", name),
        }
    }

    fn expect(&self, total: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_length(total);
        }
    }

    fn inc(&self, units: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.inc(units);
        }
    }

    fn finish(&self) {
        self.replace(None);
    }
}

/// A line every few seconds of a step, and at its end if it took so long.
#[derive(Default)]
struct Lines {
    step: Mutex<Option<Step>>,
}

struct Step {
    name: String,
    total: Option<u64>,
    done: u64,
    begun: Instant,
    told: Instant,
}

const BETWEEN_LINES: Duration = Duration::from_secs(5);

impl Progress for Lines {
    fn start(&self, name: &str, total: Option<u64>) {
        // Quiet: where nobody looks, only what takes long says where it stands.
        tracing::debug!(target: "quaver::progress", total, "{name}");
        let now = Instant::now();
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Step { name: name.to_owned(), total, done: 0, begun: now, told: now });
    }

    fn expect(&self, total: u64) {
        if let Some(step) = &mut *self.step.lock().unwrap_or_else(PoisonError::into_inner) {
            step.total = Some(total);
        }
    }

    fn inc(&self, units: u64) {
        if let Some(step) = &mut *self.step.lock().unwrap_or_else(PoisonError::into_inner) {
            step.done += units;
            if step.told.elapsed() >= BETWEEN_LINES {
                step.told = Instant::now();
                let per_s = step.done as f64 / step.begun.elapsed().as_secs_f64();
                let left_s = step.total.map(|total| (total.saturating_sub(step.done) as f64 / per_s.max(1e-9)) as u64);
                let (done, total, per_s) = (step.done, step.total, format!("{per_s:.1}"));
                tracing::info!(target: "quaver::progress", done, total, per_s, left_s, "{}", step.name);
            }
        }
    }

    fn finish(&self) {
        if let Some(step) = self.step.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let ms = step.begun.elapsed().as_millis() as u64;
            if step.begun.elapsed() >= BETWEEN_LINES {
                tracing::info!(target: "quaver::progress", done = step.done, ms, "{}: done", step.name);
            } else {
                tracing::debug!(target: "quaver::progress", done = step.done, ms, "{}: done", step.name);
            }
        }
    }
}
