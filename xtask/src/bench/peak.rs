//! `bench peak`: how fast one core multiplies and adds, and which share of that the large products reach. The program is the
//! example `peak` of gradiometer-kernels.

use super::json_line::Line;
use super::machine;
use super::options::Options;
use super::statistics::Spread;
use super::step_time::{BLOCKS_A_TURN, build, example, json_lines};
use super::training::cell;
use crate::failure::Failure;

/// The share of the peak that a large product is to reach, in percent.
const GOAL: f64 = 70.0;

/// What was measured of one product, turn by turn; the first of them is the peak itself.
#[derive(Debug, Default, PartialEq)]
struct Product {
    name: String,
    gflops: Vec<f64>,
    percent: Vec<f64>,
}

pub fn measure(options: &Options) -> Result<String, Failure> {
    if options.peers {
        return Err(Failure::failed("`peak` measures our own products only; it has no peer's side"));
    }
    build("peak")?;
    let mut products = Vec::new();
    for turn in 1..=options.pairs {
        eprintln!("peak: turn {turn} of {}", options.pairs);
        let mut command = example("peak")?;
        command.args(["--blocks", &BLOCKS_A_TURN.to_string(), "--seconds", &options.seconds.to_string()]);
        let lines = json_lines(&mut command)?;
        add(&mut products, &lines)
            .map_err(|error| Failure::failed(format!("{command:?} printed a line without sense: {error}")))?;
    }
    Ok(format!("{}\n\n{}", machine::facts(1, &[]), table(&products)))
}

/// Adds one turn's lines, which come in the same order every time.
fn add(products: &mut Vec<Product>, lines: &[Line]) -> Result<(), String> {
    for line in lines {
        let name = line.text("product")?;
        let known = products.iter().position(|product| product.name == name).unwrap_or_else(|| {
            products.push(Product { name: name.to_owned(), ..Product::default() });
            products.len() - 1
        });
        products[known].gflops.push(line.number("gflops_median")?);
        products[known].percent.push(100.0 * line.number("share")?);
    }
    Ok(())
}

fn table(products: &[Product]) -> String {
    let mut text = String::from(
        "GFLOP/s in f32 on one core, median (least – greatest) over the turns; a share is taken of the peak in the same moment.\n\n\
         | | GFLOP/s | share of the peak, % | goal |\n|---|---|---|---|\n",
    );
    for (place, product) in products.iter().enumerate() {
        let gflops = cell(Spread::of(product.gflops.iter().copied()));
        let (share, goal) = match place {
            0 => ("–".to_owned(), "–".to_owned()),
            _ => (cell(Spread::of(product.percent.iter().copied())), format!("≥ {GOAL}")),
        };
        text.push_str(&format!("| {} | {gflops} | {share} | {goal} |\n", product.name));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Line, add, table};

    #[test]
    fn the_peak_comes_first_and_has_no_share_of_itself() {
        let turn = [
            r#"{"product":"peak, Avx2","gflops_median":100.0,"share":1}"#,
            r#"{"product":"matrix","gflops_median":72.5,"share":0.725}"#,
        ]
        .map(|line| Line::parse(line).unwrap());
        let mut products = Vec::new();
        add(&mut products, &turn).unwrap();
        add(&mut products, &turn).unwrap();
        let table = table(&products);
        assert!(table.contains("| peak, Avx2 | 100 (100 – 100) | – | – |"), "{table}");
        assert!(table.contains("| matrix | 72.5 (72.5 – 72.5) | 72.5 (72.5 – 72.5) | ≥ 70 |"), "{table}");
        assert!(add(&mut products, &[Line::parse(r#"{"product":"matrix"}"#).unwrap()]).is_err());
    }
}
