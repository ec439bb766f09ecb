//! The convolution against its definition, over odd shapes, strides, paddings, dilations and groups.

use gradiometer_kernels::convolution::{Backward, Convolution, Forward};
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
    let mut room = forward.room();
    // Another sample before it leaves nothing behind.
    forward.sample(&mut room, &vec![to(3.0); image.len()], None, &mut output);
    forward.sample(&mut room, &image, Some(&bias), &mut output);
    let backward = Backward::new(*c, &weight);
    let mut room = backward.room();
    let mut of_image = vec![to(7.0); image.len()];
    backward.add(&mut room, &vec![to(3.0); image.len()], &vec![to(0.0); gradient.len()]);
    backward.image(&mut room, &vec![to(1.0); gradient.len()], &mut of_image);
    backward.add(&mut room, &image, &gradient);
    backward.image(&mut room, &gradient, &mut of_image);
    [up(&output), up(&of_image), up(&backward.weight(&room)), up(backward.bias(&room))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_is_what_the_definition_says(c in convolutions(), salt in any::<u64>()) {
        let image = numbers(c.image_size(), salt);
        let weight = numbers(c.weight_size(), salt ^ 1);
        let bias = numbers(c.outputs, salt ^ 2);
        let gradient = numbers(c.output_size(), salt ^ 3);
        let expected = defined(&c, &image, &weight, &bias, &gradient);
        let given = [&image[..], &weight[..], &bias[..], &gradient[..]];
        // Sums of products of eighths are exact in both types.
        prop_assert_eq!(&computed::<f64>(&c, given, |x| x, |x| x), &expected);
        prop_assert_eq!(&computed::<f32>(&c, given, |x| x as f32, f64::from), &expected);
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
    forward.sample(&mut forward.room(), &image, None, &mut output);
    for (at, value) in output.iter().enumerate() {
        let near = (at / 6).abs_diff(2) <= 1 && (at % 6).abs_diff(5) <= 1;
        assert_eq!(value.is_nan(), near, "{at}");
    }
    // The last row is out of reach of the kernel's first, and so is the last place of a row of its first column.
    image = vec![1.0; 36];
    image[35] = f32::INFINITY;
    let backward = Backward::new(c, &[1.0; 9]);
    let mut room = backward.room();
    backward.add(&mut room, &image, &[1.0; 36]);
    let out_of_reach = |tap: usize| tap < 3 || tap.is_multiple_of(3);
    let weight = backward.weight(&room);
    assert!((0..9).all(|tap| weight[tap].is_finite() == out_of_reach(tap)), "{weight:?}");
}
