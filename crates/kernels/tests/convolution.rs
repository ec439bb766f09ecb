//! The convolution against its definition, over odd shapes, strides, paddings, dilations and groups.

use gradiometer_kernels::convolution::{Backward, Convolution, Forward, Scratch};
use gradiometer_kernels::number::Number;
use proptest::prelude::*;

/// By the definition, in f64: output, and the gradients of image, weight and bias for this gradient of the output.
fn defined(c: &Convolution, image: &[f64], weight: &[f64], bias: &[f64], gradient: &[f64]) -> [Vec<f64>; 4] {
    let [height, width] = c.output();
    let (channels, outputs) = (c.channels / c.groups, c.outputs / c.groups);
    let mut output = vec![0.0; c.output_size()];
    let (mut of_image, mut of_weight, mut of_bias) =
        (vec![0.0; image.len()], vec![0.0; weight.len()], vec![0.0; c.outputs]);
    for o in 0..c.outputs {
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let at = (o * height + y) * width + x;
            output[at] += bias[o];
            of_bias[o] += gradient[at];
            for i in 0..channels {
                let channel = o / outputs * channels + i;
                for (ky, kx) in (0..c.kernel[0]).flat_map(|y| (0..c.kernel[1]).map(move |x| (y, x))) {
                    let row = (y * c.stride[0] + ky * c.dilation[0]).checked_sub(c.padding[0].0);
                    let column = (x * c.stride[1] + kx * c.dilation[1]).checked_sub(c.padding[1].0);
                    let (Some(row), Some(column)) = (row, column) else { continue };
                    if row >= c.image[0] || column >= c.image[1] {
                        continue;
                    }
                    let from = (channel * c.image[0] + row) * c.image[1] + column;
                    let by = ((o * channels + i) * c.kernel[0] + ky) * c.kernel[1] + kx;
                    output[at] += image[from] * weight[by];
                    of_image[from] += gradient[at] * weight[by];
                    of_weight[by] += gradient[at] * image[from];
                }
            }
        }
    }
    [output, of_image, of_weight, of_bias]
}

fn convolutions() -> impl Strategy<Value = Convolution> {
    let pair = |range: std::ops::Range<usize>| [range.clone(), range];
    let paddings = [(0_usize..4, 0_usize..4), (0_usize..4, 0_usize..4)];
    (1_usize..4, 1_usize..20, 1_usize..20, pair(1..12), pair(1..5), pair(1..4), pair(1..4), paddings).prop_map(
        |(groups, channels, outputs, image, kernel, stride, dilation, padding)| Convolution {
            channels: channels * groups,
            outputs: outputs * groups,
            image,
            kernel,
            stride,
            dilation,
            padding,
            groups,
        },
    )
}

/// Those that are computed two by two outputs at a time, and some at the edge of it.
fn of_many_channels() -> impl Strategy<Value = Convolution> {
    let channels = || prop_oneof![Just(32_usize), Just(48), Just(64), Just(33)];
    let pair = |range: std::ops::Range<usize>| [range.clone(), range];
    let paddings = [(0_usize..4, 0_usize..4), (0_usize..4, 0_usize..4)];
    (channels(), channels(), pair(2..24), paddings).prop_map(|(channels, outputs, image, padding)| Convolution {
        channels,
        outputs,
        image,
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding,
        groups: 1,
    })
}

fn numbers(n: usize, salt: u64) -> Vec<f64> {
    let mut state = salt.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Few digits, so that f32 holds them exactly.
        ((state >> 20) % 17) as f64 / 8.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn computed<T: Number>(
    c: &Convolution,
    [image, weight, bias, gradient]: [&[f64]; 4],
    to: fn(f64) -> T,
    from: fn(T) -> f64,
) -> [Vec<f64>; 4] {
    let down = |values: &[f64]| values.iter().map(|x| to(*x)).collect::<Vec<T>>();
    let up = |values: &[T]| values.iter().map(|x| from(*x)).collect::<Vec<f64>>();
    let (image, weight, bias, gradient) = (down(image), down(weight), down(bias), down(gradient));
    let mut output = vec![to(7.0); c.output_size()];
    let forward = Forward::new(*c, &weight);
    let mut scratch = Scratch::default();
    let mut room = forward.room(&mut scratch);
    // Another sample before it leaves nothing behind.
    forward.sample(&mut room, &vec![to(3.0); image.len()], None, &mut output);
    forward.sample(&mut room, &image, Some(&bias), &mut output);
    let backward = Backward::new(*c, &weight);
    // In memory in which something has been left.
    let mut room = backward.room(&mut scratch);
    let mut of_image = vec![to(7.0); image.len()];
    backward.add(&mut room, &vec![to(3.0); image.len()], &vec![to(0.0); gradient.len()]);
    backward.image(&mut room, &vec![to(1.0); gradient.len()], &mut of_image);
    backward.add(&mut room, &image, &gradient);
    backward.image(&mut room, &gradient, &mut of_image);
    let (of_weight, of_bias) = backward.take_sums(&mut room);
    [up(&output), up(&of_image), up(&of_weight), up(&of_bias)]
}

/// Exactly: sums of products of eighths, and of quarters of them, are exact in both types.
fn is_defined(c: &Convolution, salt: u64) -> Result<(), TestCaseError> {
    let image = numbers(c.image_size(), salt);
    let weight = numbers(c.weight_size(), salt ^ 1);
    let bias = numbers(c.outputs, salt ^ 2);
    let gradient = numbers(c.output_size(), salt ^ 3);
    let expected = defined(c, &image, &weight, &bias, &gradient);
    let given = [&image[..], &weight[..], &bias[..], &gradient[..]];
    prop_assert_eq!(&computed::<f64>(c, given, |x| x, |x| x), &expected);
    prop_assert_eq!(&computed::<f32>(c, given, |x| x as f32, f64::from), &expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_is_what_the_definition_says(c in convolutions(), salt in any::<u64>()) {
        is_defined(&c, salt)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn it_is_what_the_definition_says_of_many_channels(c in of_many_channels(), salt in any::<u64>()) {
        is_defined(&c, salt)?;
    }
}

#[test]
fn what_is_not_finite_comes_out_where_the_kernel_reaches() {
    let c = Convolution {
        channels: 1,
        outputs: 1,
        image: [6, 6],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [(1, 1); 2],
        groups: 1,
    };
    let mut image = vec![1.0_f32; 36];
    image[2 * 6 + 5] = f32::NAN;
    let mut output = vec![0.0; 36];
    let forward = Forward::new(c, &[1.0; 9]);
    forward.sample(&mut forward.room(&mut Scratch::default()), &image, None, &mut output);
    for (at, value) in output.iter().enumerate() {
        let near = (at / 6).abs_diff(2) <= 1 && (at % 6).abs_diff(5) <= 1;
        assert_eq!(value.is_nan(), near, "{at}");
    }
    // The last row is out of reach of the kernel's first, and so is the last place of a row of its first column.
    image = vec![1.0; 36];
    image[35] = f32::INFINITY;
    let backward = Backward::new(c, &[1.0; 9]);
    let mut scratch = Scratch::default();
    let mut room = backward.room(&mut scratch);
    backward.add(&mut room, &image, &[1.0; 36]);
    let out_of_reach = |tap: usize| tap < 3 || tap.is_multiple_of(3);
    let (weight, _) = backward.take_sums(&mut room);
    assert!((0..9).all(|tap| weight[tap].is_finite() == out_of_reach(tap)), "{weight:?}");
}

/// The same convolution beside a channel and an output of zeros, which make of it one that is computed by the definition; without what
/// those add.
fn computed_directly<T: Number>(
    c: &Convolution,
    given: [&[f64]; 4],
    to: fn(f64) -> T,
    from: fn(T) -> f64,
) -> [Vec<f64>; 4] {
    let with = |values: &[f64], more: usize| [values, &vec![0.0; more]].concat();
    let [image, weight, bias, gradient] = given;
    let wide = Convolution { channels: c.channels + 1, outputs: c.outputs + 1, ..*c };
    let taps = c.kernel[0] * c.kernel[1];
    let rows = weight.chunks(c.channels * taps).map(|row| with(row, taps));
    let weight = with(&rows.collect::<Vec<_>>().concat(), wide.channels * taps);
    let image = with(image, wide.image_size() - image.len());
    let gradient = with(gradient, wide.output_size() - gradient.len());
    let bias = with(bias, 1);
    let mut all = computed(&wide, [&image, &weight, &bias, &gradient], to, from);
    all[2] = all[2].chunks(wide.channels * taps).flat_map(|row| &row[..c.channels * taps]).copied().collect();
    for (all, length) in all.iter_mut().zip([c.output_size(), c.image_size(), c.weight_size(), c.outputs]) {
        all.truncate(length);
    }
    all
}

/// Finite, infinite with its sign, or NaN.
fn kind(x: f64) -> (bool, bool, bool) {
    (x.is_nan(), x == f64::INFINITY, x == f64::NEG_INFINITY)
}

#[test]
fn of_many_channels_too_what_is_not_finite_comes_out_where_the_kernel_reaches_and_what_is_large_stays_finite() {
    let c = Convolution {
        channels: 48,
        outputs: 64,
        image: [7, 6],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [(1, 1); 2],
        groups: 1,
    };
    let plain = [c.image_size(), c.weight_size(), c.outputs, c.output_size()].map(|n| numbers(n, n as u64));
    // Two in a row of a tile whose difference is more than the largest f32, and the sum of their products is not.
    let large = |values: &mut [f64]| [values[8], values[10]] = [3e38, -3e38];
    let spoiled = |of: usize, at: usize, value: f64| {
        let mut given = plain.clone();
        given[of][at] = value;
        given
    };
    let mut cases = Vec::new();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        cases.extend([spoiled(0, 100, value), spoiled(1, 77, value), spoiled(2, 5, value), spoiled(3, 200, value)]);
    }
    let mut given = plain.clone();
    large(&mut given[0]);
    // Small enough that what comes out of 3e38 is an f32.
    given[1].iter_mut().for_each(|weight| *weight /= 64.0);
    given[3].iter_mut().for_each(|gradient| *gradient /= 64.0);
    cases.push(given);
    for (number, given) in cases.iter().enumerate() {
        let [image, weight, bias, gradient] = given;
        let given = [&image[..], &weight[..], &bias[..], &gradient[..]];
        let in_f64 = [computed(&c, given, |x| x, |x| x), computed_directly(&c, given, |x| x, |x| x)];
        let in_f32 =
            [computed(&c, given, |x| x as f32, f64::from), computed_directly(&c, given, |x| x as f32, f64::from)];
        for [computed, expected] in [in_f64, in_f32] {
            for (part, (computed, expected)) in computed.iter().zip(&expected).enumerate() {
                // What rounding loses is a share of the largest number about, not of each.
                let finite = expected.iter().filter(|x| x.is_finite());
                let largest = finite.fold(0.0_f64, |largest, x| largest.max(x.abs()));
                for (at, (computed, expected)) in computed.iter().zip(expected).enumerate() {
                    let what = format!("case {number}, part {part}, {at}: {computed} {expected}");
                    assert_eq!(kind(*computed), kind(*expected), "{what}");
                    let near = (computed - expected).abs() <= 1e-6 * largest;
                    assert!(near || !expected.is_finite(), "{what}");
                }
            }
        }
    }
}

#[test]
fn two_by_two_outputs_at_a_time_lose_a_few_ulp_of_the_largest() {
    let c = Convolution {
        channels: 64,
        outputs: 64,
        image: [14, 14],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [(1, 1); 2],
        groups: 1,
    };
    // Of 53 digits, so that products and sums are rounded.
    let uniform = |n: usize, salt: u64| {
        let low = numbers(n, salt ^ 99);
        numbers(n, salt).iter().zip(low).map(|(a, b)| f64::from((a * 0.37 + b * 0.011) as f32)).collect::<Vec<_>>()
    };
    let [image, weight] = [uniform(c.image_size(), 1), uniform(c.weight_size(), 2)];
    let [bias, gradient] = [uniform(c.outputs, 3), uniform(c.output_size(), 4)];
    let expected = defined(&c, &image, &weight, &bias, &gradient);
    let given = [&image[..], &weight[..], &bias[..], &gradient[..]];
    let far = |computed: &[Vec<f64>; 4], epsilon: f64| -> Vec<f64> {
        let parts = computed.iter().zip(&expected);
        let of_part = |(computed, expected): (&Vec<f64>, &Vec<f64>)| {
            let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
            let errors = computed.iter().zip(expected).map(|(a, b)| (a - b).abs());
            errors.fold(0.0_f64, f64::max) / largest / epsilon
        };
        parts.map(of_part).collect()
    };
    let in_f32 = far(&computed(&c, given, |x| x as f32, f64::from), f64::from(f32::EPSILON));
    let directly = far(&computed_directly(&c, given, |x| x as f32, f64::from), f64::from(f32::EPSILON));
    println!("{in_f32:?} {directly:?}");
    assert!(in_f32.iter().all(|ulp| *ulp < 8.0), "{in_f32:?}, by the definition {directly:?}");
    let in_f64 = far(&computed(&c, given, |x| x, |x| x), f64::EPSILON);
    assert!(in_f64.iter().all(|ulp| *ulp < 16.0), "{in_f64:?}");
}
