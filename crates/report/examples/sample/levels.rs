//! A training in levels: six sigmoid layers in three levels, then together, which was ended early.

use crate::cases::{digit_rows, digits};
use crate::make::*;
use gradiometer_diagnose::{Rule, Severity};
use gradiometer_report::Verdict;
use gradiometer_run::{Architecture, Block, Phase, Record};

/// Steps of a level, and of all together.
const STEPS: u64 = 60;

pub fn levels() -> Sample {
    let mut random = Random(6);
    let names: Vec<String> = (0..7).map(|i| format!("{i:02}.dense")).collect();
    let blocks: Vec<Block> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let (input, output) = (if i == 0 { 64 } else { 32 }, if i == 6 { 10 } else { 32 });
            block(name, "dense", (i < 6).then_some("sigmoid"), &[input], &[output])
        })
        .collect();
    let head = block("head", "dense", None, &[32], &[10]);
    let architecture = |range: std::ops::Range<usize>, head: Option<&Block>| -> Architecture {
        digits(blocks[range].iter().chain(head).cloned().collect(), "cross_entropy")
    };
    let phase = |name: &str, first_step, range: std::ops::Range<usize>, head: Option<&Block>| Phase {
        name: name.into(),
        first_step,
        blocks: names[range.clone()].to_vec(),
        architecture: architecture(range, head),
    };
    let phases = vec![
        phase("level 1", 0, 0..2, Some(&head)),
        phase("level 2", STEPS, 2..4, Some(&head)),
        phase("level 3", 2 * STEPS, 4..7, None),
        phase("together", 3 * STEPS, 0..7, None),
    ];
    let mut records: Vec<Record> = Vec::new();
    for (index, phase) in phases.iter().enumerate() {
        let last = if index == 3 { STEPS / 2 } else { STEPS };
        for within in 0..last {
            let t = within as f64 / STEPS as f64;
            let mut record = Record { step: phase.first_step + within, ..Record::default() };
            let loss = 2.3 * (-t * 3.0).exp() + 0.4 / (index + 1) as f64 + 0.02 * random.normal().abs();
            record.scalars.push(scalar("loss", loss));
            record.scalars.push(scalar("gradient_norm", 0.5 * (1.0 + 0.2 * random.normal().abs())));
            if within + 1 == STEPS {
                let accuracy = 0.6 + 0.1 * index as f64;
                record.scalars.extend([scalar("validation_loss", loss), scalar("validation_accuracy", accuracy)]);
            }
            if within % 4 == 0 {
                let depth = phase.architecture.blocks.len();
                for (place, block) in phase.architecture.blocks.iter().enumerate() {
                    let gradient = 1e-2 * 0.3f64.powi((depth - 1 - place) as i32);
                    let sizes = Sizes {
                        activation: 0.5,
                        gradient,
                        weight: 0.2,
                        weight_gradient: 2.0 * gradient,
                        ratio: 3e-3,
                        broken: 0,
                    };
                    record.signals.extend(dense_signals(&mut random, &block.name, &sizes, None));
                }
            }
            records.push(record);
        }
    }
    let plateau = finding(
        Rule::Plateau,
        Severity::Warning,
        vec![],
        (STEPS + 20, 2 * STEPS - 1),
        "Level 2: The loss has been flat since step 80.",
    );
    Sample {
        file: "levels",
        name: "levels".into(),
        status: "interrupted".into(),
        spec: "strategy = { kind = \"layerwise\", levels = [2, 4] }\n".into(),
        architecture: architecture(0..7, None),
        phases,
        rows: digit_rows(),
        verdict: Verdict { sentence: "It learned something.".into(), severity: Some(Severity::Warning) },
        records,
        findings: vec![plateau],
        held_out: vec![("loss".into(), 0.4), ("accuracy".into(), 0.9)],
        confusion: None,
        versions: versions(),
        seconds: 1.5,
    }
}
