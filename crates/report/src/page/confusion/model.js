// A matrix from the page's data: cells by actual class in typed arrays, so that a thousand classes stay light.

const AXES = { actual: "predicted", predicted: "actual" };
const RIGHT = { actual: "recall", predicted: "precision" };

// What is not seen, or turns the direction of writing, is replaced: a label must not disturb its neighbours.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;
const seen = (label) => (label === "" ? "(empty)" : label.replace(UNSEEN, "\ufffd"));

function matrixModel(source) {
  const k = source.labels.length, { lengths, steps } = source.cells;
  const start = new Uint32Array(k + 1), column = new Uint32Array(steps.length);
  const mass = Float64Array.from(source.cells.mass);
  for (let i = 0, at = 0; i < k; i++) {
    for (let n = 0, predicted = -1; n < lengths[i]; n++, at++) column[at] = predicted += steps[at];
    start[i + 1] = at;
  }
  const margins = { actual: Float64Array.from(source.actual), predicted: Float64Array.from(source.predicted) };
  const names = source.labels.map(seen);
  // The mass of one cell, found by halving.
  const get = (actual, predicted) => {
    let low = start[actual], high = start[actual + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (column[middle] < predicted) low = middle + 1;
      else high = middle;
    }
    return low < start[actual + 1] && column[low] === predicted ? mass[low] : 0;
  };
  const total = Number(source.total);
  // What a cell's share is of; null for counts.
  const whole = { actual: (a) => margins.actual[a], predicted: (_, p) => margins.predicted[p], all: () => total, counts: () => null };
  const model = {
    source, k, names, start, column, mass, margins, total, get, whole,
    hit: (c) => get(c, c),
    value: (normalization, a, p, m) => {
      const of = whole[normalization](a, p);
      return of === null ? m : of ? m / of : NaN;
    },
  };
  model.hits = Array.from({ length: k }, (_, c) => model.hit(c)).reduce((sum, n) => sum + n, 0);
  return model;
}

// Wilson's interval of a share of n: see `Estimate::proportion`.
function wilson(share, n) {
  const z = 1.959963984540054, z2 = (z * z) / n;
  const centre = share + z2 / 2, half = z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n));
  return [Math.max(0, Math.min(share, (centre - half) / (1 + z2))), Math.min(1, Math.max(share, (centre + half) / (1 + z2)))];
}

// A count with its thousands apart, or a sum of weights with four digits.
const amount = (x) => (Number.isInteger(x) && Math.abs(x) < 2 ** 53 ? whole(x) : short(x));

// What is not 0 or 1 is never written as such.
function shareText(share) {
  if (!Number.isFinite(share)) return "undefined";
  if (share > 0 && share < 0.0005) return "<0.1 %";
  if (share < 1 && share > 0.9995) return ">99.9 %";
  return percent(share);
}

const unitOf = (model, m) => (model.source.weighted ? "of weight" : m === 1 ? "row" : "rows");
