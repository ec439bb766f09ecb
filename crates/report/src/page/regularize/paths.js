// Lines along the strength of the penalty: strong on the left, so that features come in from left to right.

const strength = (lambdas, count = lambdas.length) => {
  const places = lambdas.slice(0, count).map((l) => -l);
  const low = Math.min(...places), high = Math.max(...places);
  return {
    label: "lambda, the strength of the penalty",
    domain: low < high ? [low, high] : [low - 0.5, high + 0.5],
    ticks: decadeTicks(-high, -low, 7).map((t) => -t).reverse(),
    // Powers of ten only where they would be long.
    format: (v) => (Math.abs(v) <= 3 ? short(Number((10 ** -v).toPrecision(3))) : decade(-v)),
    read: (v) => fromLog(-v),
  };
};

const GREY = "var(--muted)";

// The first few in colour and by name, the others in grey.
function coloured(list, lambdas, named = COLOURS.length) {
  return list.map((s, i) => ({
    name: s.name,
    colour: i < named ? COLOURS[i] : GREY,
    width: i < named ? 2 : 1,
    opacity: i < named ? 1 : 0.45,
    points: s.values.map((v, at) => [-lambdas[at], v]),
  })).reverse();
}

const legend = (list, named = COLOURS.length) => key(
  list.slice(0, named).map((s, i) => ({ name: clip(s.name, 28), colour: COLOURS[i] })),
  list.length > named ? { name: `${plural(list.length - named, "other")}`, colour: GREY } : null,
);

function marksOf() {
  const marks = [];
  if (data.error) {
    const { minimum, one_standard_error: simple } = data.error;
    marks.push({ at: -data.lambdas[simple], text: "1se" });
    if (minimum !== simple) marks.push({ at: -data.lambdas[minimum], text: "min" });
  }
  if (!data.error || ![data.error.minimum, data.error.one_standard_error].includes(data.chosen)) {
    marks.push({ at: -data.lambdas[data.chosen], text: "chosen" });
  }
  return marks;
}

function pathFigure() {
  const more = data.taken - data.paths.length;
  return figure({
    title: "Coefficients along the path",
    note: "Per standard deviation of each feature. From left to right the penalty weakens, and features come in." +
      (more > 0 ? ` ${plural(more, "weaker feature")} not drawn.` : ""),
    controls: [legend(data.paths)],
    draw: (width) => lineChart(width, {
      height: 340, x: strength(data.lambdas), y: { label: "coefficient", include: [0] },
      series: coloured(data.paths, data.lambdas), marks: marksOf(),
    }),
  });
}

function errorFigure() {
  const { values, standard_errors: errors, nonzero, measure } = data.error;
  const line = (shift) => values.map((v, at) => [-data.lambdas[at], v + shift * errors[at]]);
  const features = new Map(values.map((_, at) => [-data.lambdas[at], nonzero[at]]));
  return figure({
    title: `Cross-validated ${measure}`,
    note: "The line is the mean over the folds, between one standard error above and below. 1se marks the simplest model that cannot be told from the best.",
    draw: (width) => lineChart(width, {
      height: 300,
      x: { ...strength(data.lambdas, values.length), read: (v) => `${fromLog(-v)}, ${plural(features.get(v) ?? 0, "feature")}` },
      y: { label: measure },
      series: [
        { name: "one above", colour: "var(--blue)", points: line(1), width: 1, opacity: 0.5, dash: "3 3", quiet: true },
        { name: "one below", colour: "var(--blue)", points: line(-1), width: 1, opacity: 0.5, dash: "3 3", quiet: true },
        { name: measure, colour: "var(--blue)", points: line(0), width: 2.2 },
      ],
      marks: marksOf(),
    }),
  });
}

function stabilityFigure() {
  const count = Math.max(...data.stability.map((s) => s.values.length));
  const kept = data.stability.filter((s) => s.kept), lost = data.stability.filter((s) => !s.kept);
  const series = [
    ...lost.map((s) => ({ name: s.name, colour: GREY, width: 1, opacity: 0.4, points: s.values.map((v, at) => [-data.lambdas[at], v]) })),
    ...coloured(kept, data.lambdas).map((s) => (s.colour === GREY ? { ...s, colour: "var(--ink)", opacity: 0.5 } : s)),
  ];
  return figure({
    title: "How often the choice falls on each feature again",
    note: "Of random halves of the rows, the share that chooses it. In colour what stays in the chosen model, in grey what does not.",
    controls: [legend(kept)],
    draw: (width) => lineChart(width, {
      height: 300, x: strength(data.lambdas, count), series,
      y: { label: "share of halves", domain: [0, 1.03], ticks: [0, 0.25, 0.5, 0.75, 1], format: (v) => percent(v, 0), read: (v) => percent(v, 0) },
      marks: marksOf(),
    }),
  });
}

function halfFigure(half, name, colour) {
  const { coefficients } = data.beside;
  const error = half.error === null ? "" : ` Its error is ${short(half.error)}${half.standard_error === null ? "" : ` ± ${short(half.standard_error)}`}.`;
  return figure({
    title: `${name}: ${whole(half.zeros)} of ${whole(coefficients)} coefficients are exactly zero`,
    note: `${data.error ? "At its least cross-validated error" : "At the end of its path"}, lambda ${fromLog(half.lambdas[half.minimum])}.${error}`,
    draw: (width) => lineChart(width, {
      height: 280, x: strength(half.lambdas), y: { label: "coefficient", include: [0] },
      series: half.paths.map((s) => ({ name: s.name, colour, width: 1.2, opacity: 0.6, points: s.values.map((v, at) => [-half.lambdas[at], v]) })),
      marks: [{ at: -half.lambdas[half.minimum], text: "least error" }],
    }),
  });
}
