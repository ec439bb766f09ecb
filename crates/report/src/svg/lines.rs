//! Lines over a logarithmic axis, before and after a change: a gradient from layer to layer, or a loss from step to step.

use super::drawing::{Anchor, Drawing, INK, MUTED, Text, short, width};
use super::logarithmic::Axis;
use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const MARGIN: f64 = 18.0;
/// The height of the part that holds the lines.
const PLOT: f64 = 210.0;
const FONT: f64 = 12.0;
const GRID: &str = "#e3e7ea";
/// The room below the lines for numbers that are 0, which no logarithm has.
const ZERO: f64 = 26.0;
/// Marks on an axis at most, about.
const MARKS: usize = 6;
/// Fewer points than this are drawn as dots on their line.
const FEW: usize = 30;

/// A picture of some lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What goes from left to right, with its unit.
    pub across: &'a str,
    /// What goes up, with its unit.
    pub up: &'a str,
    /// The lines; those that come later lie over the others.
    pub series: &'a [Series<'a>],
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<'a> {
    /// What it is called in the legend.
    pub name: &'a str,
    /// Before or after the change: its colour.
    pub side: Side,
    /// Whether it is the second of its side.
    pub dashed: bool,
    /// From left to right.
    pub points: &'a [Point],
}

/// On which side of a change a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Side {
    Before,
    After,
}

/// A point of a line, with the range in which others like it lie.
///
/// A `middle` of 0 is drawn below the axis, at a mark of its own. One that is not finite ends the line, with a cross
/// where it was finite last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where it is from left to right.
    pub at: f64,
    /// The least.
    pub low: f64,
    /// The one that the line goes through.
    pub middle: f64,
    /// The greatest.
    pub high: f64,
}

impl Side {
    fn color(self) -> &'static str {
        match self {
            Self::Before => "#c2410c",
            Self::After => "#0b6bab",
        }
    }
}

/// The picture as the text of an SVG file, on white. It refers to nothing outside itself.
pub fn lines(picture: &Lines<'_>) -> String {
    let points = || picture.series.iter().flat_map(|series| series.points);
    let zeros = points().any(|point| point.middle == 0.0);
    let axis = Axis::new(points().flat_map(|point| [point.low, point.middle, point.high]), MARKS);
    let finite = points().map(|point| point.at).filter(|at| at.is_finite());
    let (first, last) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let (first, last) = if first < last { (first, last) } else { (0.0, 1.0) };

    let mut drawing = Drawing::default();
    let title = Text { x: MARGIN, y: MARGIN + 14.0, size: 15.0, bold: true, ..Text::default() };
    drawing.text(&title, picture.title);
    let mut top = legend(&mut drawing, picture.series, MARGIN + 36.0) + 14.0;
    drawing.text(&Text { x: MARGIN, y: top, fill: MUTED, ..Text::default() }, picture.up);
    top += 14.0;
    let marks = axis.marks.iter().map(|(_, text)| width(text, FONT)).fold(width("0", FONT), f64::max);
    let frame = Frame { left: MARGIN + marks + 8.0, right: WIDTH - MARGIN - 8.0, top, first, last, axis: &axis };
    frame.grid(&mut drawing, zeros);
    for series in picture.series {
        frame.veil(&mut drawing, series);
    }
    for series in picture.series {
        frame.line(&mut drawing, series);
    }
    let foot = frame.foot(zeros) + 20.0;
    for at in whole_marks(first, last) {
        let style = Text { x: frame.x(at), y: foot, anchor: Anchor::Middle, fill: MUTED, ..Text::default() };
        drawing.text(&style, &format!("{at}"));
    }
    let style = Text { x: frame.right, y: foot + 20.0, anchor: Anchor::End, fill: MUTED, ..Text::default() };
    drawing.text(&style, picture.across);
    let names: Vec<&str> = picture.series.iter().map(|series| series.name).collect();
    let description = format!("{}, by {}: {}.", picture.up, picture.across, names.join("; "));
    drawing.finish(WIDTH, foot + 20.0 + MARGIN, picture.title, &description)
}

/// Draws the names of the lines from `y` on; gives the foot of the last row of them.
fn legend(drawing: &mut Drawing, series: &[Series<'_>], mut y: f64) -> f64 {
    let mut x = MARGIN;
    for series in series {
        let room = 30.0 + width(series.name, FONT) + 18.0;
        if x > MARGIN && x + room > WIDTH - MARGIN {
            x = MARGIN;
            y += 20.0;
        }
        drawing.line(&format!("M{} {}h22", short(x), short(y - 4.0)), series.side.color(), 2.2, series.dashed);
        drawing.text(&Text { x: x + 30.0, y, fill: INK, ..Text::default() }, series.name);
        x += room;
    }
    y + 8.0
}

/// Where numbers lie in the picture.
struct Frame<'a> {
    left: f64,
    right: f64,
    top: f64,
    first: f64,
    last: f64,
    axis: &'a Axis,
}

impl Frame<'_> {
    fn x(&self, at: f64) -> f64 {
        self.left + (at - self.first) / (self.last - self.first) * (self.right - self.left)
    }

    /// Of a positive number, or of 0.
    fn y(&self, value: f64) -> f64 {
        if value == 0.0 { self.top + PLOT + ZERO } else { self.top + PLOT * (1.0 - self.axis.share(value)) }
    }

    fn foot(&self, zeros: bool) -> f64 {
        self.top + PLOT + if zeros { ZERO } else { 0.0 }
    }

    fn grid(&self, drawing: &mut Drawing, zeros: bool) {
        let across = |y: f64| format!("M{} {}H{}", short(self.left), short(y), short(self.right));
        let style = Text { x: self.left - 6.0, anchor: Anchor::End, fill: MUTED, ..Text::default() };
        let mut commands = String::new();
        for (log, text) in &self.axis.marks {
            let y = self.top + PLOT * (self.axis.high - log) / (self.axis.high - self.axis.low);
            commands.push_str(&across(y));
            drawing.text(&Text { y: y + 4.0, ..style }, text);
        }
        if zeros {
            drawing.text(&Text { y: self.y(0.0) + 4.0, ..style }, "0");
        }
        drawing.line(&commands, GRID, 1.0, false);
        drawing.line(&across(self.foot(zeros)), MUTED, 1.0, false);
    }

    /// The range around a line, where it is one.
    fn veil(&self, drawing: &mut Drawing, series: &Series<'_>) {
        let has_range = |point: &&Point| {
            point.low > 0.0 && point.high.is_finite() && point.high > point.low && point.middle.is_finite()
        };
        let points: Vec<&Point> = series.points.iter().filter(has_range).collect();
        if series.dashed || points.len() < 2 {
            return;
        }
        let place = |at: f64, value: f64| format!("{} {}", short(self.x(at)), short(self.y(value)));
        let there: Vec<String> = points.iter().map(|point| place(point.at, point.high)).collect();
        let back: Vec<String> = points.iter().rev().map(|point| place(point.at, point.low)).collect();
        drawing.veil(&format!("M{}L{}z", there.join("L"), back.join("L")), series.side.color());
    }

    fn line(&self, drawing: &mut Drawing, series: &Series<'_>) {
        let (mut commands, mut dots) = (String::new(), String::new());
        let mut end = None;
        let mut broke = false;
        for point in series.points {
            if !(point.middle.is_finite() && point.middle >= 0.0 && point.at.is_finite()) {
                broke = true;
                break;
            }
            let (x, y) = (short(self.x(point.at)), short(self.y(point.middle)));
            let _ = write!(commands, "{}{x} {y}", if end.is_none() { "M" } else { "L" });
            let _ = write!(dots, "M{} {y}h4.4", short(x - 2.2));
            end = Some((x, y));
        }
        let Some((x, y)) = end else { return };
        let color = series.side.color();
        drawing.line(&commands, color, 2.2, series.dashed);
        if series.points.len() < FEW && !series.dashed {
            drawing.line(&dots, color, 4.4, false);
        }
        if broke {
            drawing.line(&format!("M{} {}l10 10m0 -10l-10 10", short(x - 5.0), short(y - 5.0)), color, 2.2, false);
            let anchor = if x > self.right - 80.0 { Anchor::End } else { Anchor::Start };
            let away = if x > self.right - 80.0 { -10.0 } else { 10.0 };
            drawing.text(&Text { x: x + away, y: y + 4.0, anchor, fill: color, ..Text::default() }, "not finite");
        }
    }
}

/// Whole numbers, evenly apart, six or so.
fn whole_marks(first: f64, last: f64) -> Vec<f64> {
    let rough = ((last - first) / MARKS as f64).max(1.0);
    let decade = 10_f64.powf(rough.log10().floor());
    let apart = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * decade).into_iter().find(|apart| *apart >= rough);
    let apart = apart.unwrap_or(rough).round().max(1.0);
    let mut marks = Vec::new();
    let mut at = (first / apart).ceil() * apart;
    while at <= last {
        marks.push(at);
        at += apart;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(middles: &[f64]) -> Vec<Point> {
        let point =
            |(at, &middle): (usize, &f64)| Point { at: at as f64, low: middle / 2.0, middle, high: middle * 2.0 };
        middles.iter().enumerate().map(point).collect()
    }

    fn drawn(before: &[f64], after: &[f64]) -> String {
        let (before, after) = (points(before), points(after));
        lines(&Lines {
            title: "a < b & c",
            across: "layer",
            up: "gradient, RMS",
            series: &[
                Series { name: "before", side: Side::Before, dashed: false, points: &before },
                Series { name: "after", side: Side::After, dashed: false, points: &after },
            ],
        })
    }

    #[test]
    fn a_picture_is_xml_names_its_axes_and_lines_and_refers_to_nothing_outside() {
        let text = drawn(&[1e-9, 1e-6, 1e-3], &[1e-3, 2e-3, 3e-3]);
        let tree = roxmltree::Document::parse(&text).unwrap();
        let texts: Vec<&str> =
            tree.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect();
        for expected in ["a < b & c", "layer", "gradient, RMS", "before", "after", "10⁻⁸", "0", "2"] {
            assert!(texts.contains(&expected), "{expected} in {texts:?}");
        }
        assert!(!text.contains("href") && !text.contains("url("));
    }

    #[test]
    fn a_line_that_breaks_ends_with_a_cross_and_zeros_have_a_mark_of_their_own() {
        let broken = drawn(&[1.0, 2.0, f64::NAN, 3.0], &[1.0, 0.5, 0.1, 0.1]);
        assert!(broken.contains("not finite"));
        let whole = drawn(&[1.0, 2.0, 4.0], &[1.0, 0.5, 0.1]);
        assert!(!whole.contains("not finite") && !whole.contains("NaN"));
        let height =
            |text: &str| text.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
        assert_eq!(height(&drawn(&[1.0, 0.0, 4.0], &[1.0, 0.5, 0.1])) - height(&whole), ZERO);
    }

    #[test]
    fn nothing_lies_outside_of_the_picture_whatever_the_numbers() {
        for (before, after) in
            [(&[][..], &[][..]), (&[1.0], &[2.0]), (&[0.0, 0.0], &[f64::NAN]), (&[1e-30, 1e30], &[1.0, 1.0])]
        {
            let text = drawn(before, after);
            let tree = roxmltree::Document::parse(&text).unwrap();
            for node in tree.descendants().filter(|node| node.has_tag_name("path")) {
                let commands = node.attribute("d").unwrap();
                for number in commands.split(|c: char| c.is_ascii_alphabetic() || c == ' ').filter(|n| !n.is_empty()) {
                    let number: f64 = number.parse().unwrap();
                    assert!((-20.0..=WIDTH).contains(&number), "{number} in {commands}");
                }
            }
        }
    }

    #[test]
    fn marks_across_are_whole_and_few() {
        assert_eq!(whole_marks(1.0, 21.0), [5.0, 10.0, 15.0, 20.0]);
        assert_eq!(whole_marks(0.0, 3.0), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(whole_marks(0.0, 1000.0), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
    }
}
