//! The number of threads that numeric libraries may use, settled before anything starts.

/// Sees to it that `RAYON_NUM_THREADS` is set, by starting this program again in its own place with it.
///
/// candle 0.11 asks for the number of cores at every matrix product, and without the variable the answer is read from
/// `/proc/cpuinfo` each time, which costs more than a small product. A process cannot safely change its own environment, so it is
/// replaced by itself once; the process id stays. Where that is impossible the program goes on, only slower.
pub fn settle() {
    const VARIABLE: &str = "RAYON_NUM_THREADS";
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let (Ok(cores), Ok(program)) = (std::thread::available_parallelism(), std::env::current_exe()) else { return };
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let mut arguments = std::env::args_os();
        let mut again = std::process::Command::new(program);
        if let Some(name) = arguments.next() {
            again.arg0(name);
        }
        // Returns only when it failed.
        let _ = again.args(arguments).env(VARIABLE, cores.to_string()).exec();
    }
    #[cfg(not(unix))]
    let _ = (cores, program);
}
