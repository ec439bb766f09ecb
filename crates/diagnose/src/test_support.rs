//! Architectures for unit tests.

use gradiometer_run::{Architecture, Block, ParameterInfo, Task};

/// `depth` dense layers of 32 units and a linear output, for ten balanced classes.
pub(crate) fn dense_net(depth: usize, activation: &str, initializer: &str) -> Architecture {
    let blocks = (0..depth)
        .map(|i| {
            let last = i + 1 == depth;
            let (inputs, outputs) = (32, if last { 10 } else { 32 });
            let name = format!("{i:02}.dense");
            Block {
                parameters: vec![
                    ParameterInfo { path: format!("{name}.weight"), shape: vec![inputs, outputs] },
                    ParameterInfo { path: format!("{name}.bias"), shape: vec![outputs] },
                ],
                name,
                kind: "dense".into(),
                activation: (!last).then(|| activation.to_string()),
                parent: None,
                input: vec![inputs],
                output: vec![outputs],
                initializer: Some(initializer.into()),
            }
        })
        .collect();
    Architecture {
        blocks,
        task: Task::Classification { classes: (0..10).map(|c| c.to_string()).collect(), shares: vec![0.1; 10] },
        loss: "cross_entropy".into(),
        parameters: 0,
        standardized: true,
    }
}
