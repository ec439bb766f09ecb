//! The same picture as pixels.

use super::view::View;
use super::{Input, InputError, svg};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};
use std::sync::Arc;

/// DejaVu Sans (see `fonts/LICENSE`), reduced to Latin, Greek, Cyrillic and some signs: on every machine the same picture,
/// and one also where no font is installed.
const FONTS: [&[u8]; 2] =
    [include_bytes!("../../fonts/DejaVuSans-subset.ttf"), include_bytes!("../../fonts/DejaVuSans-Bold-subset.ttf")];

/// Pixels of a side beyond which a picture is refused: such an image takes 1.6 GB, and hardly a program opens it.
const LONGEST_SIDE: f64 = 20_000.0;

/// The picture of [`svg`] as a PNG file, `scale` pixels for each of its units; 2 suits screens of today.
///
/// Letters that the embedded font does not have are taken from the system's fonts; one that no font has is left out.
///
/// # Errors
/// As [`svg`], and [`PngError::Size`] where the scale is not positive or the picture becomes too large.
pub fn png(input: &Input<'_>, view: &View, scale: f64) -> Result<Vec<u8>, PngError> {
    let text = svg(input, view)?;
    let mut fonts = fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    if !text.chars().all(is_embedded) {
        fonts.load_system_fonts();
    }
    let options = usvg::Options { fontdb: Arc::new(fonts), font_family: "DejaVu Sans".into(), ..Default::default() };
    let tree = usvg::Tree::from_str(&text, &options).map_err(|error| PngError::Render(error.to_string()))?;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|side| (f64::from(side) * scale).ceil());
    let too_large = || PngError::Size { scale, width, height };
    // Not a number is neither.
    if !(width >= 1.0 && height >= 1.0 && width <= LONGEST_SIDE && height <= LONGEST_SIDE) {
        return Err(too_large());
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PngError::Render(error.to_string()))
}

/// Whether the embedded fonts have a character: the ranges that they were reduced to.
fn is_embedded(c: char) -> bool {
    matches!(c,
        '\n' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}'
        | '\u{2010}'..='\u{2027}' | '\u{202f}'..='\u{203a}' | '\u{2070}'..='\u{209c}' | '\u{20ac}' | '\u{2190}'..='\u{2199}'
        | '\u{2200}'..='\u{2265}' | '\u{fffd}')
}

/// Why there is no PNG.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// The input does not fit together.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The picture would have no pixel, or too many.
    #[error(
        "a picture of {width} × {height} pixels cannot be made: choose a scale above 0, and smaller than {scale} if sides are beyond 20000 pixels"
    )]
    Size {
        /// The scale asked for.
        scale: f64,
        /// The width it gives.
        width: f64,
        /// The height it gives.
        height: f64,
    },
    /// The renderer refused.
    #[error("the picture cannot be drawn: {0}")]
    Render(String),
}
