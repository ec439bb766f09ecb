//! Times of the three products of a convolution, on one thread, medians of thirty: `conv_time CHANNELS SIDE BATCH [KERNEL STRIDE]`.

use std::time::Instant;

use gradiometer_kernels::convolution::{Backward, Convolution, Forward, Scratch};

fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let [channels, side, batch] = [arguments[0], arguments[1], arguments[2]];
    let (kernel, stride) = (arguments.get(3).copied().unwrap_or(3), arguments.get(4).copied().unwrap_or(1));
    let c = Convolution {
        channels,
        outputs: channels,
        image: [side; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        dilation: [1; 2],
        padding: [(kernel / 2, kernel / 2); 2],
        groups: 1,
    };
    let weight = vec![0.01_f32; c.weight_size()];
    let images = vec![0.5_f32; c.image_size() * batch];
    let mut outputs = vec![0.0_f32; c.output_size() * batch];
    let mut gradients = vec![0.0_f32; c.image_size() * batch];
    let work = (c.operations() * batch) as f64;
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..30 {
        let t = Instant::now();
        let forward = Forward::new(c, &weight);
        let mut scratch = Scratch::default();
        let mut room = forward.room(&mut scratch);
        for (image, output) in images.chunks_exact(c.image_size()).zip(outputs.chunks_exact_mut(c.output_size())) {
            forward.sample(&mut room, image, None, output);
        }
        times[0].push(t.elapsed().as_secs_f64());
        let backward = Backward::new(c, &weight);
        let mut scratch = Scratch::default();
        let mut room = backward.room(&mut scratch);
        let (mut a, mut b) = (0.0, 0.0);
        for ((image, output), gradient) in images
            .chunks_exact(c.image_size())
            .zip(outputs.chunks_exact(c.output_size()))
            .zip(gradients.chunks_exact_mut(c.image_size()))
        {
            let t = Instant::now();
            backward.add(&mut room, image, output);
            a += t.elapsed().as_secs_f64();
            let t = Instant::now();
            backward.image(&mut room, output, gradient);
            b += t.elapsed().as_secs_f64();
        }
        times[1].push(a);
        times[2].push(b);
    }
    for (name, mut times) in ["forward", "weight", "image"].into_iter().zip(times) {
        times.sort_by(f64::total_cmp);
        println!("{name}: {:.3} ms, {:.1} GFLOP/s", times[15] * 1e3, work / times[15] / 1e9);
    }
}
