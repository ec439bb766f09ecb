//! Trains remedies.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
#[allow(dead_code)]
mod training;
use gradiometer_network::{remedy::Remedy, spec::Spec};
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let spec = Spec::load(&arguments[0])?;
    let show = |name: &str, spec: &Spec| {
        let started = std::time::Instant::now();
        match training::train(spec) {
            Ok(t) => {
                let g = &t.runs[0].gradients.by_layer;
                let s: Vec<String> = t.scores().iter().map(|s| format!("{s:.3}")).collect();
                println!(
                    "{name:28} {} steps {} p {} {:.1}s found {:?} grad {:.1e}..{:.1e}",
                    s.join(" "),
                    t.runs[0].steps,
                    t.parameters,
                    started.elapsed().as_secs_f64(),
                    t.found(),
                    g[0].1,
                    g.last().unwrap().1
                );
            }
            Err(e) => println!("{name:28} {e}"),
        }
    };
    if arguments.iter().any(|a| a == "toml") {
        println!("{}", spec.to_toml()?);
    }
    show("before", &spec);
    for remedy in Remedy::catalogue(&spec) {
        if arguments.len() > 1 && !arguments[1..].iter().any(|a| remedy.name().contains(a.as_str())) {
            continue;
        }
        match remedy.apply(&spec) {
            Ok(after) => {
                if arguments.iter().any(|a| a == "toml") {
                    println!("{}", after.to_toml()?);
                }
                show(&format!("{} {}", remedy.name(), serde_json::to_string(&remedy)?.len()), &after)
            }
            Err(e) => println!("{e}"),
        }
    }
    Ok(())
}
