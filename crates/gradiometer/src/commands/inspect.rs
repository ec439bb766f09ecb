//! `gradiometer inspect`: how far a gradient will reach, before any training step.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use gradiometer_network::device;
use gradiometer_network::session::Session;

use super::{exit_code, spec, threads};
use crate::cli::{Global, Inspect};
use crate::document::{InspectDocument, Number};
use crate::output::Output;

pub(super) fn run(options: &Inspect, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let spec = spec(&options.config, &options.set, global)?;
    threads(global)?;
    let device = device::named(&options.device)?;
    let data = gradiometer_network::data::load(&spec.data, spec.seed)?;
    let name = spec.name.clone();
    let batch_size = spec.training.batch_size;
    let mut session = Session::new(spec, data, &device)?;
    let inspection = session.inspect();
    let memory = session.plan().memory(batch_size).total();
    let parameters = session.plan().parameters();
    let document = InspectDocument::new(&name, parameters, memory, &inspection, started.elapsed().as_secs_f64());
    output.result(|| text(&document), &document)?;
    Ok(exit_code(options.fail_on, &document.findings))
}

fn text(document: &InspectDocument) -> String {
    let mut text = format!("{}: {} parameters, before the first step\n\n", document.name, document.parameters);
    let width = document.blocks.iter().map(|b| b.name.chars().count()).max().unwrap_or(5).max(5);
    let theory = document.blocks.iter().any(|block| block.theory.is_some());
    let _ = write!(text, "{:width$}  {:>11}  {:>11}", "block", "activation×", "gradient×");
    if theory {
        let _ = write!(text, "  {:>11}  {:>8}  {:>15}", "predicted×", "χ₁", "trainable depth");
    }
    text.push('\n');
    for block in &document.blocks {
        let gradient = block.gradient_gain.map_or_else(String::new, number);
        let _ = write!(text, "{:width$}  {:>11}  {gradient:>11}", block.name, number(block.activation_gain));
        if let Some(theory) = &block.theory {
            let chi = theory.chi_1.map_or_else(|| "diverges".to_owned(), number);
            let depth = theory.trainable_depth.map_or_else(|| "none".to_owned(), number);
            let _ = write!(text, "  {:>11}  {chi:>8}  {depth:>15}", number(theory.gradient_gain));
        }
        text.push('\n');
    }
    let ratio = number(document.predicted_gradient_ratio);
    let source = match document.prediction {
        "theory" => {
            format!("by mean-field theory; {} in one measured pass", number(document.measured_gradient_ratio))
        }
        _ => "as one pass measures".to_owned(),
    };
    // A first block without weights, such as dropout, has nothing in front of it that a gradient would go to.
    let _ = match document.predicted_gradient_ratio.0.is_nan() {
        true => writeln!(
            text,
            "\nWhat of the last block's gradient reaches the first one was not measured: no gradient goes there."
        ),
        false => writeln!(text, "\nOf the last block's gradient, the first one gets {ratio} times ({source})."),
    };
    if document.findings.is_empty() {
        text.push_str("Nothing speaks against training it.\n");
    }
    for finding in &document.findings {
        let _ = writeln!(text, "\n{:?}: {}", finding.severity, finding.message);
        for remedy in &finding.remedies {
            let _ = writeln!(text, "  - {}", remedy.action);
        }
    }
    text
}

fn number(Number(x): Number) -> String {
    match x {
        x if x == f64::INFINITY => "unlimited".to_owned(),
        x if !x.is_finite() => "-".to_owned(),
        x if x != 0.0 && !(1e-3..1e4).contains(&x.abs()) => format!("{x:.2e}"),
        x => format!("{x:.3}"),
    }
}
