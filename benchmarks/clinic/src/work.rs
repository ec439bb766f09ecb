//! Work on many cases, several at a time, of which none is done twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clinic::case::Case;
use clinic::ledger::Ledger;
use gradiometer_network::spec::Spec;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the ledger knows of each case by its name, and what `work` makes of those that it does not know, so many at a time.
pub fn each<T>(
    cases: &[&Case],
    threads: usize,
    ledger: &Ledger<T>,
    work: fn(&Spec) -> anyhow::Result<T>,
) -> anyhow::Result<HashMap<String, T>>
where
    T: Clone + Serialize + DeserializeOwned + Send,
{
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Vec<(String, T)>> {
        let mut done = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = match ledger.get(case)? {
                Some(known) => known,
                None => {
                    let started = Instant::now();
                    let outcome = work(&case.spec)?;
                    ledger.put(case, &outcome)?;
                    let number = next.load(Ordering::Relaxed).min(cases.len());
                    let seconds = started.elapsed().as_secs_f64();
                    eprintln!("{number} of {}: {}, {seconds:.1} s", cases.len(), case.name);
                    outcome
                }
            };
            done.push((case.name.clone(), outcome));
        }
        Ok(done)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<Vec<(String, T)>> {
                    // Each has a pool of one: small networks gain nothing from more, and do not wait for each other.
                    rayon::ThreadPoolBuilder::new().num_threads(1).build()?.install(work)
                })
            })
            .collect();
        let mut all = HashMap::new();
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow::anyhow!("a case made its training panic; see above"))??;
            all.extend(done);
        }
        Ok(all)
    })
}
