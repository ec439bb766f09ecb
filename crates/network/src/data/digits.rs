//! The embedded handwritten digits; `assets/README.md` tells where they come from.

use std::io::Read;

use flate2::read::GzDecoder;

use super::DataError;
use super::part::Known;
use super::samples::Samples;

const COMPRESSED: &[u8] = include_bytes!("../../assets/digits.gz");
const ROWS: usize = 1797;
const PIXELS: usize = 64;

/// All digits: 64 pixels of 0 to 16 a row, and the classes `0` to `9`.
pub(super) fn digits() -> Result<Samples, DataError> {
    let damaged = |reason: String| DataError::Embedded { reason };
    let mut bytes = Vec::with_capacity(ROWS * (PIXELS + 1));
    GzDecoder::new(COMPRESSED).read_to_end(&mut bytes).map_err(|error| damaged(error.to_string()))?;
    if bytes.len() != ROWS * (PIXELS + 1) {
        return Err(damaged(format!("{} bytes instead of {}", bytes.len(), ROWS * (PIXELS + 1))));
    }
    let (pixels, labels) = bytes.split_at(ROWS * PIXELS);
    Ok(Samples {
        features: pixels.iter().map(|pixel| f32::from(*pixel)).collect(),
        feature_names: (0..PIXELS).map(|pixel| format!("pixel_{}_{}", pixel / 8, pixel % 8)).collect(),
        targets: Known::Classes(labels.iter().map(|label| i32::from(*label)).collect()),
        target_names: (0..10).map(|digit| digit.to_string()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, 64 bits (Fowler, Noll & Vo).
    fn checksum(bytes: impl Iterator<Item = u8>) -> u64 {
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    #[test]
    fn the_embedded_digits_are_those_of_the_repository() {
        let digits = digits().unwrap();
        let Known::Classes(classes) = &digits.targets else { panic!("classes") };
        let mut counts = [0; 10];
        classes.iter().for_each(|class| counts[*class as usize] += 1);
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(checksum(digits.features.iter().map(|x| *x as u8)), 0x493f_a2f6_7df5_50a1);
        assert_eq!(checksum(classes.iter().map(|x| *x as u8)), 0x5c66_ed87_5b0a_9785);
        assert_eq!(digits.features.iter().sum::<f32>(), 561_718.0);
    }
}
