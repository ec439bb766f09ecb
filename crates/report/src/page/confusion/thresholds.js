// What scores are worth: ROC, precision against recall, calibration, and the threshold of least cost.

const shareAxis = (label) => ({ domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], format: (v) => percent(v, 0), label });
const interval = (e) => (e.undefined !== undefined ? `undefined: ${e.undefined}` : digits(e.value) + (e.low === undefined ? "" : ` (95 %: ${digits(e.low)} to ${digits(e.high)})`));
const binned = (error) => (error ? ` Binning the scores changes it by at most ${short(error)}.` : "");
const colourOf = (i) => COLOURS[i % COLOURS.length];
const keyOf = (curves) => (curves.length > 1 ? key(curves.map((c, i) => ({ name: seen(c.class), colour: colourOf(i) }))) : null);

function rocFigure(curves) {
  return figure({
    title: "ROC: true against false positives",
    note: curves.map((c) => `${seen(c.class)}: area ${interval(c.area)}.${binned(c.bin_error)}`).join(" "), controls: [keyOf(curves)].filter(Boolean),
    draw: (width) => lineChart(width, {
      height: 320, x: shareAxis("false positive rate"), y: shareAxis("true positive rate"), read: (v) => percent(v),
      series: [{ name: "guessing", colour: "var(--muted)", dash: "3 4", width: 1.2, quiet: true, points: [[0, 0], [1, 1]] },
        ...curves.map((c, i) => ({ name: seen(c.class), colour: colourOf(i), points: c.false_positive_rate.map((x, j) => [x, c.true_positive_rate[j]]) }))],
    }),
  });
}

function precisionRecallFigure(curves) {
  return figure({
    title: "Precision against recall",
    note: curves.map((c) => `${seen(c.class)}: average precision ${interval(c.average_precision)}, where guessing has ${percent(c.prevalence)}.${binned(c.bin_error)}`).join(" "),
    controls: [keyOf(curves)].filter(Boolean),
    draw: (width) => lineChart(width, {
      height: 320, x: shareAxis("recall"), y: shareAxis("precision"), read: (v) => percent(v),
      series: [...curves.map((c, i) => ({ name: `${seen(c.class)}, guessing`, colour: colourOf(i), dash: "3 4", width: 1.2, quiet: true, points: [[0, c.prevalence], [1, c.prevalence]] })),
        ...curves.map((c, i) => ({ name: seen(c.class), colour: colourOf(i), points: c.recall.map((x, j) => [x, c.precision[j]]) }))],
    }),
  });
}

function calibrationFigure(calibration) {
  const { bins } = calibration, most = Math.max(...bins.map((b) => b.rows), 1);
  return figure({
    title: `Calibration: ${seen(calibration.class)}`,
    note: `On the dashed line scores mean what they say. Expected error ${interval(calibration.expected_error)}; Brier score ${interval(calibration.brier)}. Bars: rows in the bin.`,
    draw: (width) => {
      const f = frame(width, 320, shareAxis("mean score"), shareAxis("share of positive rows"));
      for (const b of bins) {
        const height = (b.rows / most) * f.inner.height * 0.25;
        f.plot.append(svg("rect", { class: "totals", x: f.X(b.low) + 0.5, width: Math.max(f.X(b.high) - f.X(b.low) - 1, 0.5), y: f.inner.height - height, height }));
      }
      f.plot.append(svg("path", { class: "line", d: path([[f.X(0), f.Y(0)], [f.X(1), f.Y(1)]]), stroke: "var(--muted)", "stroke-dasharray": "3 4" }));
      const known = bins.filter((b) => b.share.value !== undefined);
      f.plot.append(svg("path", { class: "line", d: path(known.map((b) => [f.X(b.mean_score), f.Y(b.share.value)])), stroke: "var(--blue)", "stroke-width": 1.4 }));
      for (const b of known) {
        const x = f.X(b.mean_score);
        if (b.share.low !== undefined) f.above.append(svg("line", { x1: x, x2: x, y1: f.Y(b.share.low), y2: f.Y(b.share.high), stroke: "var(--blue)", "stroke-width": 1.2 }));
        const dot = svg("circle", { class: "dot", cx: x, cy: f.Y(b.share.value), r: 4.5, fill: "var(--blue)", tabindex: "0" });
        const tell = (left, top) => showTip([`scores ${short(b.low)} to ${short(b.high)}`, `${amount(b.rows)} rows, mean score ${digits(b.mean_score)}`, `positive: ${interval(b.share)}`], left, top);
        dot.addEventListener("pointermove", (event) => tell(event.clientX, event.clientY));
        dot.addEventListener("pointerleave", hideTip);
        dot.addEventListener("focus", () => { const at = dot.getBoundingClientRect(); tell(at.right, at.bottom); });
        dot.addEventListener("blur", hideTip);
        f.above.append(dot);
      }
      return f.node;
    },
  });
}

function costFigure(cost) {
  const { thresholds, mean_cost: costs, least, class: name } = cost, best = thresholds[least];
  const [[tp, fn], [fp, tn]] = cost.costs;
  return figure({
    title: "Mean cost of a row by threshold",
    note: `Least at ${short(best)}: ${short(costs[least])} a row. A missed ${seen(name)} costs ${short(fn)}, a false alarm ${short(fp)}${tp || tn ? `, a hit ${short(tp)}, a right rejection ${short(tn)}` : ""}.`,
    draw: (width) => lineChart(width, {
      height: 320, x: { label: "threshold" }, y: { label: "mean cost", include: [0] }, marks: [{ at: best, text: `least: ${short(best)}` }],
      series: [{ name: "mean cost", colour: "var(--blue)", points: thresholds.map((t, i) => [t, costs[i]]) }],
    }),
  });
}
