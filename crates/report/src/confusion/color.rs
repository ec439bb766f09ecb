//! Colours of the pictures, and what a screen with 256 of them shows.

use super::shade::Shade;

/// Red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// Magma (Smith and van der Walt 2015) at ten equidistant places: even in lightness, safe for colour-blind readers, and
/// without a grey, which is the diagonal's.
const MAGMA: [Rgb; 10] = [
    [0, 0, 4],
    [24, 15, 61],
    [68, 15, 118],
    [114, 31, 129],
    [158, 47, 127],
    [205, 64, 113],
    [241, 96, 93],
    [253, 150, 104],
    [254, 202, 141],
    [252, 253, 191],
];

fn between(from: Rgb, to: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|c| (f64::from(from[c]) + (f64::from(to[c]) - f64::from(from[c])) * share).round() as u8)
}

fn magma(share: f64) -> Rgb {
    let place = share.clamp(0.0, 1.0) * (MAGMA.len() - 1) as f64;
    let i = (place as usize).min(MAGMA.len() - 2);
    between(MAGMA[i], MAGMA[i + 1], place - i as f64)
}

/// What the picture stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// Paper: the more, the darker.
    Light,
    /// A screen: the more, the brighter.
    Dark,
}

impl Ground {
    /// The colour along the scale, from 0 to 1.
    pub(super) fn scale(self, share: f64) -> Rgb {
        match self {
            Self::Light => magma(0.99 - 0.84 * share),
            Self::Dark => magma(0.3 + 0.68 * share),
        }
    }

    /// The colour of a shade; what is undefined is hatched over the ground of what is empty.
    pub(super) fn of(self, shade: Shade) -> Rgb {
        match (self, shade) {
            (_, Shade::Colored(share)) => self.scale(share),
            (Self::Light, Shade::Right(strength)) => between([226, 229, 232], [150, 158, 166], strength),
            (Self::Dark, Shade::Right(strength)) => between([58, 64, 69], [132, 141, 149], strength),
            (Self::Light, _) => [246, 246, 244],
            (Self::Dark, _) => [30, 33, 36],
        }
    }
}

/// Relative luminance (WCAG 2).
fn luminance(color: Rgb) -> f64 {
    let [r, g, b] = color.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Black or white, whichever is easier to read on a colour.
pub(super) fn ink_on(color: Rgb) -> Rgb {
    // Where the contrast (L₁ + 0.05) / (L₂ + 0.05) to both is the same.
    if luminance(color) > 0.179 { [0, 0, 0] } else { [255, 255, 255] }
}

/// `#rrggbb`.
pub(crate) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The nearest of the 240 colours that screens with 256 colours agree on: a cube of 6 × 6 × 6 and 24 greys.
pub(super) fn nearest_of_256(color: Rgb) -> u8 {
    const LEVELS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let distance = |other: [i32; 3]| -> i32 { (0..3).map(|c| (other[c] - i32::from(color[c])).pow(2)).sum() };
    let level = color.map(|c| (0..6).min_by_key(|&i| (LEVELS[i] - i32::from(c)).abs()).unwrap_or(0));
    let cube = level.map(|i| LEVELS[i]);
    let mean = color.iter().map(|c| i32::from(*c)).sum::<i32>() / 3;
    let grey = ((mean - 3) / 10).clamp(0, 23);
    if distance([8 + 10 * grey; 3]) < distance(cube) {
        232 + grey as u8
    } else {
        (16 + 36 * level[0] + 6 * level[1] + level[2]) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_always_darker_on_paper_and_brighter_on_a_screen() {
        let steps: Vec<f64> = (0..=100).map(|i| f64::from(i) / 100.0).collect();
        for pair in steps.windows(2) {
            let [low, high] = [pair[0], pair[1]];
            assert!(luminance(Ground::Light.scale(low)) > luminance(Ground::Light.scale(high)), "{low}");
            assert!(luminance(Ground::Dark.scale(low)) < luminance(Ground::Dark.scale(high)), "{low}");
        }
    }

    #[test]
    fn ink_can_be_read_on_every_colour_of_the_scale() {
        for ground in [Ground::Light, Ground::Dark] {
            for i in 0..=100 {
                let strength = f64::from(i) / 100.0;
                for shade in [Shade::Colored(strength), Shade::Right(strength), Shade::Empty] {
                    let (a, b) = (luminance(ground.of(shade)), luminance(ink_on(ground.of(shade))));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 4.5, "{ground:?} {shade:?}: {contrast}");
                }
            }
        }
    }

    #[test]
    fn exact_colours_of_the_256_are_found() {
        assert_eq!(nearest_of_256([255, 0, 0]), 196);
        assert_eq!(nearest_of_256([8, 8, 8]), 232);
        assert_eq!(nearest_of_256([238, 238, 238]), 255);
        assert_eq!(nearest_of_256([95, 135, 175]), 67);
    }
}
