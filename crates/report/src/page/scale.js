// From values to places and colours.

// Round steps: 1, 2 or 5 times a power of ten; about `count` of them.
function ticks(low, high, count) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

// Whole powers of ten, thinned to about `count`; finer ones where the range spans less than two.
function decadeTicks(low, high, count) {
  if (high - low < 1.5) return ticks(low, high, count);
  const every = Math.max(1, Math.ceil((high - low) / Math.max(count, 1)));
  const found = [];
  for (let p = Math.ceil(low / every) * every; p <= high; p += every) found.push(p);
  return found;
}

const decade = (log) => (Number.isInteger(log) ? `10${raised(log)}` : fromLog(log));

const linear = (low, high, from, to) => {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
};

// The finite range of values, widened where it is a point.
function extent(values, pad = 0.05) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const room = high > low ? (high - low) * pad : Math.abs(low) * 0.1 || 0.5;
  return [low - room, high + room];
}

// Viridis (Smith and van der Walt 2015) at nine equidistant places; even in lightness, safe for colour-blind readers.
const VIRIDIS = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99],
  [170, 220, 50], [253, 231, 37],
];

function viridis(share) {
  const place = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return VIRIDIS[i].map((from, c) => Math.round(from + (VIRIDIS[i + 1][c] - from) * (place - i)));
}

// A line's colour by depth: the darkest and the brightest end would be lost against a dark or a light page.
const byDepth = (share) => `rgb(${viridis(0.12 + 0.7 * share).join(" ")})`;

// Okabe and Ito's colours, as style sheet variables so that a dark page has lighter ones.
const COLOURS = ["var(--blue)", "var(--orange)", "var(--green)", "var(--purple)", "var(--sky)", "var(--red)"];
