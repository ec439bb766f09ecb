use super::*;

/// batch, steps, features, units: one of everything, odd sizes, several chunks, and long.
const SIZES: [[usize; 4]; 6] =
    [[1, 1, 1, 1], [1, 7, 3, 5], [5, 1, 2, 17], [33, 3, 7, 9], [18, 20, 5, 33], [3, 100, 2, 8]];

fn compare(dtype: DType, tolerance: f64) {
    for cell in CELLS {
        for (index, sizes) in SIZES.into_iter().enumerate() {
            for output in [Output::Last, Output::All] {
                let case = Case::random(cell, output, sizes, index as u64);
                let fused = case.run(Run::new(dtype));
                let composed = case.run(Run { composed: true, ..Run::new(dtype) });
                fused.assert_close(&composed, tolerance, &format!("{cell:?} {output:?} {sizes:?} {dtype:?}"));
                let lags: Vec<u32> = fused.states.iter().map(|(lag, _)| *lag).collect();
                assert_eq!(lags, (0..sizes[1] as u32).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn fused_and_composed_layers_agree_in_f64() {
    compare(DType::F64, 1e-12);
}

#[test]
fn fused_and_composed_layers_agree_in_f32() {
    compare(DType::F32, 2e-5);
}

#[test]
fn the_state_gradients_are_what_autodiff_gives_for_each_hidden_state() {
    // Summing output·cotangent over all steps: the direct part at lag 0 is the whole of it there.
    for cell in CELLS {
        let case = Case::random(cell, Output::All, [4, 6, 3, 5], 9);
        let seen = case.run(Run::new(DType::F64)).states;
        let last: Vec<f64> = (0..4).flat_map(|row| &case.cotangent[(row * 6 + 5) * 5..][..5]).copied().collect();
        assert_eq!(seen[0], (0, facts_of(&last)));
        // With the output at the last step only, what reaches lag T−1 came through every step.
        let case = Case::random(cell, Output::Last, [4, 6, 3, 5], 9);
        let fused = case.run(Run::new(DType::F64)).states;
        let composed = case.run(Run { composed: true, ..Run::new(DType::F64) }).states;
        assert_eq!((fused[0].0, &fused[0].1), (0, &facts_of(&case.cotangent)));
        assert_eq!(fused[5].0, 5);
        assert_near(&fused[5].1, &composed[5].1, 1e-12, &format!("{cell:?} at lag 5"));
    }
}

#[test]
fn a_probe_changes_no_gradient() {
    for cell in CELLS {
        let case = Case::random(cell, Output::Last, [20, 9, 4, 12], 3);
        let probed = case.run(Run::new(DType::F32));
        let plain = case.run(Run { probed: false, ..Run::new(DType::F32) });
        assert_eq!(plain, Outcome { states: Vec::new(), ..probed });
    }
}

#[test]
fn the_bits_are_the_same_again_and_on_any_number_of_threads() {
    for cell in [Cell::Rnn(Activation::Tanh), Cell::Lstm, Cell::Gru] {
        for (output, batch) in [(Output::Last, 32), (Output::All, 37)] {
            // Large enough for the parallel path of every product.
            let case = Case::random(cell, output, [batch, 40, 33, 96], 5);
            let extent = extent::Extent { batch, steps: 40, features: 33, units: 96, gates: cell.gates() };
            assert!(extent.parallel());
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| case.run(Run::new(DType::F32)))
            };
            let one = on(1);
            assert_eq!(one, on(1), "{cell:?} twice on one thread");
            assert_eq!(one, on(2), "{cell:?} on two threads");
            assert_eq!(one, on(5), "{cell:?} on five threads");
        }
    }
}

#[test]
fn half_precision_runs_composed_and_shows_its_states() {
    let device = Device::flex().autodiff();
    let case = Case::random(Cell::Gru, Output::Last, [2, 4, 3, 5], 1);
    let run = Run::new(DType::F16);
    let layer = case.layer(run);
    let x = case.tensor(&case.x, [2, 4, 3], run);
    assert!(!has_fused_kernels(&x));
    assert!(has_fused_kernels(&Tensor::<3>::zeros([2, 4, 3], (&device, DType::F32))));
    let seen = Arc::new(Mutex::new(0));
    let keep = Arc::clone(&seen);
    let states = StateProbe::new(move |_, gradient| {
        assert_eq!((gradient.count(), gradient.is_finite()), (10, true));
        *keep.lock().unwrap() += 1;
    });
    let half = layer.forward_last(x, Some(states));
    drop(half.clone().sum().backward());
    assert_eq!(*seen.lock().unwrap(), 4);
    let full = case.run(Run::new(DType::F64)).value;
    assert_near(&numbers(half.into_data()), &full, 5e-3, "f16 against f64");
}
