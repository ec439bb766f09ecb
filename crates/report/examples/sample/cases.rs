//! The samples.

use crate::make::*;
use gradiometer_confusion::{Counts, Matrix};
use gradiometer_diagnose::{Rule, Severity};
use gradiometer_report::{Rows, Verdict};
use gradiometer_run::{Architecture, Block, Kind, Record, Task, Units};

pub fn all() -> Vec<Sample> {
    vec![vanishing(), healthy(), recurrent(), exploding(), rules(), crate::levels::levels(), extremes(), empty()]
}

pub fn digits(blocks: Vec<Block>, loss: &str) -> Architecture {
    let parameters = blocks.iter().flat_map(|b| &b.parameters).map(|p| p.shape.iter().product::<usize>() as u64).sum();
    let classes = (0..10).map(|i| i.to_string()).collect();
    let task = Task::Classification { classes, shares: vec![0.1; 10] };
    Architecture { blocks, task, loss: loss.into(), parameters, standardized: true }
}

pub fn digit_rows() -> Rows {
    let parts = [("train", 1257), ("validation", 270), ("test", 270)];
    Rows { read: 1797, parts: parts.map(|(name, n)| (name.to_owned(), n)).to_vec(), excluded: vec![] }
}

fn confusion(random: &mut Random, labels: Vec<String>, rows: usize, skill: f64) -> Matrix {
    let k = labels.len();
    let mut counts = Counts::new(k);
    for _ in 0..rows {
        let actual = (random.uniform() * k as f64) as usize;
        let confused = (actual + 1 + (random.uniform().powi(3) * 4.0) as usize) % k;
        counts.update(actual, if random.uniform() < skill { actual } else { confused }).unwrap();
    }
    Matrix::new(labels, counts).unwrap()
}

pub fn vanishing() -> Sample {
    let mut random = Random(1);
    let names: Vec<String> = (0..21).map(|i| format!("{i:02}.dense")).collect();
    let blocks = names.iter().enumerate().map(|(i, name)| {
        let (input, output) = (if i == 0 { 64 } else { 32 }, if i == 20 { 10 } else { 32 });
        block(name, "dense", (i < 20).then_some("sigmoid"), &[input], &[output])
    });
    let architecture = digits(blocks.collect(), "cross_entropy");
    let records = (0..400u64).map(|step| {
        let t = step as f64 / 400.0;
        let mut record = Record { step, ..Record::default() };
        let mut loss = 2.303 + 0.4 * (-t * 30.0).exp() + 0.012 * random.normal();
        loss = loss.max(2.25);
        record.scalars.extend([
            scalar("loss", loss),
            scalar("accuracy", 0.1 + 0.03 * random.normal()),
            scalar("gradient_norm", 0.08 * (1.0 + 0.2 * random.normal())),
        ]);
        if step % 20 == 19 {
            record.scalars.extend([scalar("validation_loss", 2.304), scalar("validation_accuracy", 0.1)]);
        }
        if step % 4 == 0 {
            for (i, name) in names.iter().enumerate() {
                let depth = 20 - i;
                let gradient = 2e-3 * 0.24f64.powi(depth as i32) * (1.0 + 0.1 * random.normal()).abs();
                let units = Units {
                    inactive: vec![false; 32],
                    saturated: (0..32).map(|u| u as f64 / 32.0 < 0.02 * t * depth as f64).collect(),
                };
                let sizes = Sizes {
                    activation: 0.52,
                    gradient,
                    weight: 0.18,
                    weight_gradient: gradient * 3.0,
                    ratio: gradient * 1.2,
                    broken: 0,
                };
                record.signals.extend(dense_signals(&mut random, name, &sizes, (i < 20).then_some(units)));
            }
        }
        record
    });
    let records = records.collect();
    let mut vanishing = finding(
        Rule::VanishingGradient,
        Severity::Error,
        names[..14].to_vec(),
        (0, 396),
        "The gradient shrinks by a factor of 4.2 at every layer on its way to the input: the first layer gets 4·10⁻¹³ of what the last one gets, and learns nothing.",
    );
    vanishing.evidence = vec![
        evidence("slope_decades_per_layer", 0.6198, Some(0.15)),
        evidence("slope_standard_error", 0.0031, None),
        evidence("first_to_last_ratio", 4.2e-13, Some(1e-3)),
        evidence("layers_below_noise", 14.0, None),
    ];
    vanishing.remedies = vec![
        remedy(
            "relu",
            "Use relu instead of sigmoid: its derivative is 1 wherever the unit is active, not at most a quarter.",
        ),
        remedy("residual", "Put the layers in residual blocks, so that the gradient reaches the input past them."),
        remedy(
            "he_initialization",
            "With relu, initialize with he_normal, which keeps the activations' size from layer to layer.",
        ),
    ];
    let mut underflow = finding(
        Rule::Underflow,
        Severity::Warning,
        vec!["00.dense.weight".into(), "01.dense.weight".into()],
        (0, 396),
        "In f16, 100 % of the gradient of 00.dense.weight would become zero; in bf16 and f32 nothing is lost.",
    );
    underflow.evidence =
        vec![evidence("share_lost_f16", 1.0, Some(0.05)), evidence("share_lost_bf16", 0.0, Some(0.05))];
    underflow.remedies = vec![remedy("bf16", "Train in bf16, which has the exponents of f32.")];
    let mut ratio = finding(
        Rule::UpdateRatio,
        Severity::Warning,
        names[..16].to_vec(),
        (0, 396),
        "The weights of 16 layers change by less than a ten-thousandth of their size at a step.",
    );
    ratio.evidence = vec![evidence("smallest_log10_ratio", -15.2, Some(-4.0))];
    let plateau = finding(
        Rule::LossNotDecreasing,
        Severity::Warning,
        vec![],
        (120, 399),
        "The loss has not decreased since step 120; at 2.30 it is that of a guess.",
    );
    Sample {
        file: "vanishing",
        name: "vanishing".into(),
        status: "finished".into(),
        spec: "name = \"vanishing\"\nseed = 42\n\n[data]\nsource = \"digits\"\n\n[[layers]]\nkind = \"dense\"\nunits = 32\nactivation = \"sigmoid\"\nrepeat = 20\n\n[training]\noptimizer = { kind = \"sgd\", learning_rate = 0.1 }\nsteps = 400\n".into(),
        rows: digit_rows(),
        verdict: Verdict {
            sentence: "It does not learn: the gradient vanishes on its way through 20 sigmoid layers, and the first 14 stand still.".into(),
            severity: Some(Severity::Error),
        },
        held_out: vec![("loss".into(), 2.3041), ("accuracy".into(), 0.1)],
        confusion: Some({
            let mut counts = Counts::new(10);
            for i in 0..270 {
                counts.update(i % 10, 3).unwrap();
            }
            Matrix::new((0..10).map(|i| i.to_string()).collect(), counts).unwrap()
        }),
        versions: versions(),
        seconds: 6.21,
        architecture,
        phases: vec![],
        records,
        findings: vec![vanishing, plateau, underflow, ratio],
    }
}

pub fn healthy() -> Sample {
    let mut random = Random(2);
    let names: Vec<String> = [
        "00.conv2d",
        "01.residual",
        "01.residual.00.conv2d",
        "01.residual.01.conv2d",
        "02.residual",
        "03.pool",
        "04.dense",
    ]
    .map(String::from)
    .to_vec();
    let mut blocks: Vec<Block> =
        names.iter().map(|n| block(n, n.rsplit('.').next().unwrap(), Some("relu"), &[16, 8, 8], &[16, 8, 8])).collect();
    for inner in [2, 3] {
        blocks[inner].parent = Some("01.residual".into());
    }
    blocks[5].parameters.clear();
    blocks[5].activation = None;
    let records = (0..6000u64).map(|step| {
        let t = step as f64 / 6000.0;
        let mut record = Record { step, ..Record::default() };
        let loss = 2.4 * (-t * 9.0).exp() + 0.02;
        record.scalars.extend([
            scalar("loss", loss * (0.28 * random.normal()).exp()),
            scalar("accuracy", (1.0 - loss * 0.35 + 0.02 * random.normal()).clamp(0.0, 1.0)),
            scalar(
                "gradient_norm",
                (0.4 + loss) * (0.3 * random.normal()).exp() * if step == 3100 { 14.0 } else { 1.0 },
            ),
            scalar("learning_rate", 0.5e-3 * (1.0 + (std::f64::consts::PI * t).cos())),
        ]);
        if step % 250 == 249 {
            let v = 2.3 * (-t * 8.0).exp() + 0.06;
            record
                .scalars
                .extend([scalar("validation_loss", v), scalar("validation_accuracy", 0.985 - 0.4 * v + 0.02)]);
            record.scalars.push(scalar("train_loss", loss * 1.04));
        }
        if step % 25 == 0 {
            for (i, name) in names.iter().enumerate() {
                let spike = if step == 3100 { 14.0 } else { 1.0 };
                let units = Units { inactive: (0..16).map(|u| u == 3 && i == 2).collect(), saturated: vec![false; 16] };
                let gradient = 4e-3 * loss * 0.8f64.powi(6 - i as i32) * (0.15 * random.normal()).exp() * spike;
                let sizes = Sizes {
                    activation: 0.9,
                    gradient,
                    weight: 0.12,
                    weight_gradient: gradient * 2.0,
                    ratio: 2e-3 * (1.2 - t),
                    broken: 0,
                };
                record.signals.extend(dense_signals(&mut random, name, &sizes, Some(units)));
            }
        }
        record
    });
    let records = records.collect();
    let mut converged = finding(
        Rule::Converged,
        Severity::Info,
        vec![],
        (5200, 5999),
        "The gradient is small everywhere and the loss is good: this is the bottom of the curve.",
    );
    converged.evidence = vec![evidence("loss", 0.021, Some(0.1)), evidence("gradient_to_initial", 0.06, Some(0.1))];
    let labels = (0..10).map(|i| i.to_string()).collect();
    let matrix = confusion(&mut random, labels, 540, 0.965);
    Sample {
        file: "healthy",
        name: "residual on 8×8 digits".into(),
        status: "finished".into(),
        spec: "name = \"residual\"\nseed = 42\n".into(),
        architecture: digits(blocks, "cross_entropy"),
        phases: vec![],
        rows: digit_rows(),
        verdict: Verdict { sentence: "It learned the task and converged; nothing is wrong.".into(), severity: None },
        held_out: vec![("loss".into(), 0.0871), ("accuracy".into(), matrix.accuracy().value().unwrap())],
        confusion: Some(matrix),
        versions: versions(),
        seconds: 48.3,
        records,
        findings: vec![converged],
    }
}

pub fn recurrent() -> Sample {
    let mut random = Random(3);
    let blocks =
        vec![block("00.rnn", "rnn", Some("tanh"), &[100, 2], &[64]), block("01.dense", "dense", None, &[64], &[1])];
    let records = (0..600u64).map(|step| {
        let mut record = Record { step, ..Record::default() };
        record.scalars.extend([
            scalar("loss", 0.167 + 0.4 * (-(step as f64) / 30.0).exp() + 0.012 * random.normal()),
            scalar("gradient_norm", 0.3 * (0.4 * random.normal()).exp()),
        ]);
        if step % 100 == 99 {
            record.scalars.push(scalar("validation_loss", 0.168));
        }
        if step % 10 == 0 {
            for name in ["00.rnn", "01.dense"] {
                let sizes = Sizes {
                    activation: 0.6,
                    gradient: 1e-2,
                    weight: 0.2,
                    weight_gradient: 1e-2,
                    ratio: 1.5e-3,
                    broken: 0,
                };
                record.signals.extend(dense_signals(&mut random, name, &sizes, None));
            }
            for lag in 0..100u32 {
                let size =
                    1e-2 * (0.86 - 0.04 * (step as f64 / 600.0)).powi(lag as i32) * (0.1 * random.normal()).exp();
                let mut s = signal("00.rnn", Kind::StateGradient, random.summary(size, 64, 0));
                s.lag = Some(lag);
                record.signals.push(s);
            }
        }
        record
    });
    let records = records.collect();
    let mut time = finding(
        Rule::VanishingThroughTime,
        Severity::Error,
        vec!["00.rnn".into()],
        (10, 590),
        "The gradient of 00.rnn halves every 4.2 steps back in time: of what happened 100 steps ago it learns nothing.",
    );
    time.evidence =
        vec![evidence("decades_per_step", -0.072, Some(-0.02)), evidence("horizon_steps", 6.0, Some(100.0))];
    time.remedies = vec![
        remedy("lstm", "Use an lstm: its cell carries the gradient through time without a factor at every step."),
        remedy("orthogonal_initialization", "Initialize the recurrent weights orthogonal."),
    ];
    Sample {
        file: "recurrent",
        name: "rnn-adding".into(),
        status: "finished".into(),
        spec: "[data]\nsource = \"adding\"\nlength = 100\n".into(),
        architecture: Architecture { blocks, task: Task::Regression { targets: vec!["sum".into()], guess_loss: 0.1667 }, loss: "mse".into(), parameters: 4353, standardized: false },
        phases: vec![],
        rows: Rows { read: 5000, parts: vec![("train".into(), 4000), ("test".into(), 900)], excluded: vec![("target is missing".into(), 97)] },
        verdict: Verdict { sentence: "It does no better than a guess: the gradient vanishes through time and reaches only 6 of 100 steps back.".into(), severity: Some(Severity::Error) },
        held_out: vec![("loss".into(), 0.1682), ("mae".into(), 0.349)],
        confusion: None,
        versions: versions(),
        seconds: 131.0,
        records,
        findings: vec![time],
    }
}

pub fn exploding() -> Sample {
    let mut random = Random(4);
    let names: Vec<String> = (0..8).map(|i| format!("{i:02}.dense")).collect();
    let blocks = names.iter().map(|n| block(n, "dense", Some("relu"), &[32], &[32])).collect();
    let records = (0..44u64).map(|step| {
        let broken = step >= 36;
        let mut record = Record { step, ..Record::default() };
        let size = if broken { f64::NAN } else { 10f64.powf(0.9 * step as f64) };
        record.scalars.extend([
            scalar("loss", 3.0 * size),
            scalar("gradient_norm", if step == 36 { f64::INFINITY } else { size }),
        ]);
        for (i, name) in names.iter().enumerate() {
            let units = Units {
                inactive: (0..32).map(|u| u as u64 * 40 < step * 32 * i as u64 / 6).collect(),
                saturated: vec![false; 32],
            };
            let gradient = 1e-2 * if broken { 1e30 } else { size } * 3f64.powi(7 - i as i32);
            let sizes = Sizes {
                activation: 0.9,
                gradient: gradient.min(1e36),
                weight: 0.3,
                weight_gradient: gradient.min(1e36),
                ratio: (0.03 * 1.4f64.powi(step as i32)).min(1e8),
                broken: if broken && i + 36 >= 43 - (step as usize - 36).min(7) { 40 } else { 0 },
            };
            record.signals.extend(dense_signals(&mut random, name, &sizes, Some(units)));
        }
        record
    });
    let records = records.collect();
    let mut exploding = finding(
        Rule::ExplodingGradient,
        Severity::Error,
        names.clone(),
        (12, 35),
        "The gradient grows by a factor of 7.9 at every step; f32 overflows at step 43.",
    );
    exploding.evidence = vec![evidence("growth_per_step", 7.94, Some(1.5)), evidence("overflow_step", 43.0, None)];
    exploding.remedies = vec![
        remedy("clip_norm", "Clip the gradient's norm at 1."),
        remedy("lower_learning_rate", "Divide the learning rate by ten."),
    ];
    let mut nan = finding(
        Rule::NotFinite,
        Severity::Error,
        vec!["07.dense".into()],
        (36, 43),
        "The activations of 07.dense hold NaN since step 36; it was the first.",
    );
    nan.evidence = vec![evidence("nan_values", 40.0, Some(0.0)), evidence("loss", f64::NAN, None)];
    let dead = finding(
        Rule::DeadUnits,
        Severity::Warning,
        names[4..].to_vec(),
        (20, 43),
        "More than half of the units of four layers answer zero to every sample.",
    );
    let wrong = finding(
        Rule::WrongOutput,
        Severity::Warning,
        vec!["07.dense".into()],
        (0, 0),
        "The first loss, 3.0, is far from that of a guess, 2.3.",
    );
    Sample {
        file: "exploding",
        name: "exploding".into(),
        status: "stopped at step 43: not finite".into(),
        spec: String::new(),
        architecture: digits(blocks, "cross_entropy"),
        phases: vec![],
        rows: digit_rows(),
        verdict: Verdict {
            sentence: "It broke down: the gradient explodes since step 12, and the loss is NaN since step 36.".into(),
            severity: Some(Severity::Error),
        },
        held_out: vec![("loss".into(), f64::NAN), ("accuracy".into(), 0.1)],
        confusion: None,
        versions: versions(),
        seconds: 0.41,
        records,
        findings: vec![exploding, nan, dead, wrong],
    }
}

/// A network with everything that a rule may point at, and one finding of each rule.
pub fn rules() -> Sample {
    const RULES: [Rule; 16] = [
        Rule::NotFinite,
        Rule::ExplodingGradient,
        Rule::VanishingGradient,
        Rule::VanishingThroughTime,
        Rule::DeadUnits,
        Rule::SaturatedUnits,
        Rule::WrongOutput,
        Rule::PoorInitialization,
        Rule::UnchangedWeights,
        Rule::UpdateRatio,
        Rule::Underflow,
        Rule::LossNotDecreasing,
        Rule::OscillatingLoss,
        Rule::Plateau,
        Rule::Overfitting,
        Rule::Converged,
    ];
    let mut sample = recurrent();
    let finite = Units { inactive: vec![true, false, false, false], saturated: vec![false, true, true, false] };
    for record in sample.records.iter_mut().filter(|r| !r.signals.is_empty()) {
        record.signals[0].units = Some(finite.clone());
    }
    sample.findings = RULES
        .into_iter()
        .map(|rule| {
            let text = "One finding of each rule, to see that each has its picture.";
            let mut found = finding(rule, Severity::Warning, vec!["00.rnn".into()], (10, 590), text);
            found.evidence = match rule {
                Rule::ExplodingGradient => vec![evidence("predicted_overflow_step", 900.0, None)],
                Rule::PoorInitialization => vec![evidence("activations_factor_per_block", 0.3, Some(0.5))],
                Rule::WrongOutput => vec![evidence("guess_loss", 0.1667, None)],
                _ => vec![],
            };
            found
        })
        .collect();
    Sample { file: "rules", name: "a finding of every rule".into(), ..sample }
}

pub fn extremes() -> Sample {
    let mut random = Random(5);
    let names: Vec<String> = (0..200).map(|i| format!("{i:03}.<b>dense</b>")).collect();
    let blocks: Vec<Block> = names.iter().map(|n| block(n, "dense", Some("tanh"), &[8], &[8])).collect();
    let records = (0..900u64).map(|step| {
        let mut record = Record { step, ..Record::default() };
        record.scalars.push(scalar("loss", if step % 97 == 13 { f64::INFINITY } else { 1.0 + 0.1 * random.normal() }));
        if step % 3 == 0 {
            for (i, name) in names.iter().enumerate() {
                let broken = usize::from(i == 120 && step > 600);
                let size = if i == 60 { 0.0 } else { 1e-3 * 1.05f64.powi(i as i32) };
                for kind in [Kind::ActivationGradient, Kind::Activation] {
                    record.signals.push(signal(name, kind, random.summary(size, 24, broken)));
                }
            }
        }
        record
    });
    let records = records.collect();
    let labels: Vec<String> = (0..100)
        .map(|i| match i {
            0 => "</script><script>throw 1</script>".to_owned(),
            1 => "<img src=x onerror=alert(1)>".to_owned(),
            2 => "naïve 日本語 \u{2028} 🙂".to_owned(),
            i => format!("class {i}"),
        })
        .collect();
    let matrix = confusion(&mut random, labels.clone(), 20_000, 0.8);
    let mut broken = finding(
        Rule::NotFinite,
        Severity::Error,
        vec![names[120].clone()],
        (603, 899),
        "<b>Bold</b> & \"quoted\": </script> is only text.",
    );
    broken.evidence = vec![evidence("share_<i>", f64::NAN, Some(0.0))];
    let parameters = 14_400;
    Sample {
        file: "extremes",
        name: "200 layers, 100 classes & <b>HTML</b> in every name".into(),
        status: "finished".into(),
        spec: "# </script><script>throw 2</script>\n".into(),
        architecture: Architecture {
            blocks,
            task: Task::Classification { classes: labels, shares: vec![0.01; 100] },
            loss: "cross_entropy".into(),
            parameters,
            standardized: true,
        },
        phases: vec![],
        rows: Rows {
            read: 20_010,
            parts: vec![("test".into(), 20_000)],
            excluded: vec![("missing <value>".into(), 9)],
        },
        verdict: Verdict {
            sentence: "Line one & <script>alert(1)</script> is a label like any other.".into(),
            severity: Some(Severity::Warning),
        },
        held_out: vec![("loss".into(), f64::INFINITY), ("accuracy".into(), 0.8)],
        confusion: Some(matrix),
        versions: versions(),
        seconds: 4000.0,
        records,
        findings: vec![broken],
    }
}

pub fn empty() -> Sample {
    Sample {
        file: "empty",
        name: "one step".into(),
        status: "killed".into(),
        spec: String::new(),
        architecture: Architecture {
            blocks: vec![],
            task: Task::NextToken { vocabulary: 1, guess_loss: 0.0 },
            loss: "mse".into(),
            parameters: 0,
            standardized: false,
        },
        phases: vec![],
        rows: Rows::default(),
        records: vec![Record {
            step: 0,
            scalars: vec![scalar("loss", 0.0)],
            signals: vec![signal("a", Kind::ActivationGradient, Random(6).summary(0.0, 8, 0))],
        }],
        findings: vec![finding(Rule::Plateau, Severity::Warning, vec![], (0, 0), "Nothing moves.")],
        verdict: Verdict { sentence: "There is too little to say.".into(), severity: Some(Severity::Info) },
        held_out: vec![],
        confusion: Some(Matrix::new(vec!["only".into()], Counts::new(1)).unwrap()),
        versions: vec![],
        seconds: f64::NAN,
    }
}
