// Colours of a matrix: a scale for the mistakes, grey for the diagonal, so that many hits do not drown few mistakes.

// Magma (Smith and van der Walt 2015) at ten equidistant places: even in lightness, safe for colour-blind readers, no grey in it.
const MAGMA = [
  [0, 0, 4], [24, 15, 61], [68, 15, 118], [114, 31, 129], [158, 47, 127], [205, 64, 113], [241, 96, 93], [253, 150, 104],
  [254, 202, 141], [252, 253, 191],
];
const darkPage = matchMedia("(prefers-color-scheme: dark)");
const mix = (from, to, share) => from.map((v, c) => Math.round(v + (to[c] - v) * share));

function magma(share) {
  const place = Math.min(Math.max(share, 0), 1) * (MAGMA.length - 1), i = Math.min(Math.floor(place), MAGMA.length - 2);
  return mix(MAGMA[i], MAGMA[i + 1], place - i);
}

// On a light page more is darker, on a dark page brighter.
const scaleColour = (share) => magma(darkPage.matches ? 0.2 + 0.78 * share : 0.99 - 0.84 * share);
const rightColour = (share) => (darkPage.matches ? mix([58, 64, 69], [132, 141, 149], share) : mix([226, 229, 232], [150, 158, 166], share));
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

function inkOn(colour) {
  const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

// The scale of a matrix in a view: `colour(a, p, mass)` gives a colour and how much it outranks others in the same pixel.
function shading(model, view) {
  let low = Infinity, high = 0, right = 0;
  for (let a = 0; a < model.k; a++) {
    for (let at = model.start[a]; at < model.start[a + 1]; at++) {
      const value = model.value(view.normalization, a, model.column[at], model.mass[at]);
      if (!(value > 0)) continue;
      if (model.column[at] === a && view.grey) right = Math.max(right, value);
      else low = Math.min(low, value), high = Math.max(high, value);
    }
  }
  const faintest = 0.06;
  const place = (value) => {
    const share = view.growth === "linear" ? value / high : view.growth === "root" ? Math.sqrt(value / high)
      : high > low ? Math.log(value / low) / Math.log(high / low) : 1;
    return faintest + (1 - faintest) * share;
  };
  return {
    high,
    valueAt: (share) => (view.growth === "linear" ? high * share : view.growth === "root" ? high * share * share : low * (high / low) ** share),
    colour(a, p, mass) {
      const value = model.value(view.normalization, a, p, mass);
      if (a === p && view.grey) return { colour: rightColour(right ? value / right : 0), rank: 1 + (right ? value / right : 0) };
      const share = place(value);
      return { colour: scaleColour(share), rank: 3 + share };
    },
  };
}
