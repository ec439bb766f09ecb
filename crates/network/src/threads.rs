//! The threads that operations divide their work among.

/// Makes the calling thread one of them, and sets how many there are; gives their number. To be called once, before anything is computed,
/// by the thread that trains: it then begins each operation with its own part at once, where it would hand all parts over, sleep, and
/// be woken again. Without it everything works as well, a little slower.
///
/// `count`: where nothing is given, what the environment variable `RAYON_NUM_THREADS` says, else as many as the machine has cores. Where
/// threads have been made already, they stay as they are.
pub fn with_this_one(count: Option<usize>) -> usize {
    let from_environment = || std::env::var("RAYON_NUM_THREADS").ok()?.parse().ok().filter(|count| *count > 0);
    let of_the_machine = || std::thread::available_parallelism().map_or(1, usize::from);
    let count = count.or_else(from_environment).unwrap_or_else(of_the_machine);
    let mut builder = rayon::ThreadPoolBuilder::new().num_threads(count);
    if count > 1 {
        // Alone it could not answer other threads that compute.
        builder = builder.use_current_thread();
    }
    // Fails only where something has computed before.
    let _ = builder.build_global();
    rayon::current_num_threads()
}
