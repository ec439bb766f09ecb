//! The picture of a case: the median over the seeds before and after, with the range.

use gradiometer_report::svg::{Lines, Point, Series, Side, lines};

use crate::cases::{Case, Picture};
use crate::training::{Curve, Run, Trained};

/// Most points of a line; those between are averaged.
const MOST: usize = 60;

/// The picture as the text of an SVG file.
pub fn draw(case: &Case, before: Option<&Trained>, after: &Trained) -> String {
    let name = case.remedy.name().replace('-', " ");
    let (curve, what, across): (fn(&Run) -> &Curve, _, _) = match case.picture {
        Picture::ByLayer => (
            |run| &run.gradients.by_layer,
            "gradient of a layer's weights, RMS, before the first step",
            "layer, from the input",
        ),
        Picture::ByLag => (
            |run| &run.gradients.by_lag,
            "gradient of the recurrent state, RMS, before the first step",
            "steps before the last",
        ),
        Picture::Loss => (|run| &run.losses, "training loss", "step"),
        Picture::ValidationLoss => (|run| &run.validation, "loss on the validation part", "step"),
        Picture::Mistakes => (|run| &run.mistakes, "share of the validation part that is wrong", "step"),
    };
    let points =
        |trained: &Trained| across_seeds(&trained.runs.iter().map(|run| curve(run).clone()).collect::<Vec<_>>());
    let (old, new) = (before.map(points).unwrap_or_default(), points(after));
    let mut series = Vec::new();
    if before.is_some() {
        series.push(Series { name: "before", side: Side::Before, dashed: false, points: &old });
    }
    let with = format!("with {name}");
    series.push(Series { name: &with, side: Side::After, dashed: false, points: &new });
    lines(&Lines { title: &name, across, up: what, series: &series })
}

/// The median and the range over the seeds at each place that most of them have. Where more than half are not finite, so is
/// the median.
fn across_seeds(curves: &[Curve]) -> Vec<Point> {
    let longest = curves.iter().map(Vec::len).max().unwrap_or(0);
    let window = longest.div_ceil(MOST).max(1);
    let averaged: Vec<Curve> = curves.iter().map(|curve| averaged(curve, window)).collect();
    (0..longest.div_ceil(window))
        .map_while(|place| {
            let here: Vec<(f64, f64)> = averaged.iter().filter_map(|curve| curve.get(place)).copied().collect();
            let mut values: Vec<f64> = here.iter().map(|point| point.1).collect();
            // NaN is above all: a training that broke is its last word.
            values.sort_by(f64::total_cmp);
            let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            let middle = values[values.len() / 2];
            let ends = (finite.first().copied(), finite.last().copied());
            (here.len() * 2 > curves.len()).then_some(Point {
                at: here[0].0,
                low: ends.0.unwrap_or(f64::NAN),
                middle,
                high: ends.1.unwrap_or(f64::NAN),
            })
        })
        .collect()
}

/// The mean of every `window` points, at the place of the middle one.
fn averaged(curve: &Curve, window: usize) -> Curve {
    let mean = |values: &mut dyn Iterator<Item = f64>, n: usize| values.sum::<f64>() / n as f64;
    curve
        .chunks(window)
        .map(|chunk| {
            let n = chunk.len();
            (mean(&mut chunk.iter().map(|p| p.0), n), mean(&mut chunk.iter().map(|p| p.1), n))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_goes_on_as_far_as_most_seeds_do_and_breaks_where_most_break() {
        let long: Curve = vec![(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)];
        let short: Curve = vec![(1.0, 5.0), (2.0, f64::NAN)];
        let points = across_seeds(&[long.clone(), short.clone(), short.clone()]);
        assert_eq!(points.len(), 2);
        assert_eq!((points[0].low, points[0].middle, points[0].high), (1.0, 5.0, 5.0));
        assert!(points[1].middle.is_nan());
        assert_eq!(across_seeds(&[long.clone(), long, short]).len(), 3);
    }

    #[test]
    fn a_long_curve_becomes_means() {
        let curve: Curve = (0..120).map(|i| (f64::from(i), f64::from(i % 2))).collect();
        let points = across_seeds(&[curve]);
        assert_eq!(points.len(), 60);
        assert_eq!((points[3].at, points[3].middle), (6.5, 0.5));
    }
}
