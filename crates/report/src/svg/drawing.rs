//! The elements of an SVG file as text. All that comes from outside is escaped here.

use crate::confusion::color::{Rgb, hex};
use crate::confusion::text::hundredths;
use crate::escape::markup;
use std::fmt::Write as _;

pub(crate) const INK: &str = "#1c2024";
pub(crate) const MUTED: &str = "#5c666e";

/// Where a text stands at its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text and how it is set.
pub(crate) struct Text<'a> {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) fill: &'a str,
    pub(crate) bold: bool,
    /// Turned around its place by so many degrees.
    pub(crate) turned: i32,
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, size: 12.0, anchor: Anchor::Start, fill: INK, bold: false, turned: 0 }
    }
}

/// The body of a picture under construction.
#[derive(Default)]
pub(crate) struct Drawing {
    definitions: String,
    body: String,
}

impl Drawing {
    /// Defines a hatching that fills areas as `url(#name)`.
    pub(crate) fn hatching(&mut self, name: &str) {
        let _ = writeln!(
            self.definitions,
            "<pattern id=\"{name}\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"7\" height=\"7\" fill=\"#ffffff\"/>\
             <path d=\"M-1 8L8 -1M-1 1L1 -1M6 8L8 6\" stroke=\"#8d979f\" stroke-width=\"1.2\"/></pattern>"
        );
    }

    pub(crate) fn text(&mut self, style: &Text<'_>, text: &str) {
        let Text { x, y, size, fill, bold, turned, .. } = *style;
        let _ = write!(self.body, "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" fill=\"{fill}\"", short(x), short(y));
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str(" text-anchor=\"end\""),
        }
        if bold {
            self.body.push_str(" font-weight=\"bold\"");
        }
        if turned != 0 {
            let _ = write!(self.body, " transform=\"rotate({turned} {} {})\"", short(x), short(y));
        }
        let _ = writeln!(self.body, ">{}</text>", markup(text));
    }

    pub(crate) fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, radius: f64) {
        let radius = if radius > 0.0 { format!(" rx=\"{radius}\"") } else { String::new() };
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"{radius}/>",
            short(x),
            short(y),
            short(width),
            short(height)
        );
    }

    /// Areas with sharp edges in one colour, from path commands that the program itself has made.
    pub(crate) fn area(&mut self, commands: &str, fill: &str) {
        let _ = writeln!(self.body, "<path d=\"{commands}\" fill=\"{fill}\" shape-rendering=\"crispEdges\"/>");
    }

    /// A line through path commands that the program itself has made; `dashed`: broken into dashes.
    pub(crate) fn line(&mut self, commands: &str, stroke: &str, width: f64, dashed: bool) {
        let dashes = if dashed { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<path d=\"{commands}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\" \
             stroke-linejoin=\"round\"{dashes}/>"
        );
    }

    /// An area that what lies under it shines through.
    pub(crate) fn veil(&mut self, commands: &str, fill: &str) {
        let _ = writeln!(self.body, "<path d=\"{commands}\" fill=\"{fill}\" fill-opacity=\"0.16\"/>");
    }

    /// A bar whose colour runs through `colors` from left to right.
    pub(crate) fn gradient(&mut self, [x, y, width, height]: [f64; 4], colors: &[Rgb]) {
        self.body.push_str("<linearGradient id=\"scale\">");
        for (i, color) in colors.iter().enumerate() {
            let offset = i as f64 / (colors.len() - 1).max(1) as f64;
            let _ = write!(self.body, "<stop offset=\"{}\" stop-color=\"{}\"/>", short(offset), hex(*color));
        }
        self.body.push_str("</linearGradient>\n");
        self.rect([x, y, width, height], "url(#scale)", 2.0);
    }

    /// The file. `title` and `description` are for those who hear the picture.
    pub(crate) fn finish(self, width: f64, height: f64, title: &str, description: &str) -> String {
        let (width, height) = (width.ceil(), height.ceil());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"'DejaVu Sans', Verdana, Arial, sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n{}\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            markup(title),
            markup(description),
            self.definitions,
            self.body
        )
    }
}

/// About how wide a text is at a font size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    hundredths(text) as f64 * size / 100.0
}

/// A coordinate to a hundredth.
pub(crate) fn short(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}
