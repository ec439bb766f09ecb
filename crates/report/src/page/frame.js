// The frame of a picture: axes with few ticks, faint rules, names of the axes in plain sight.

// `x`, `y`: { domain: [low, high], label, ticks: [values], format, decades }. Returns the SVG, the group to draw in
// (clipped), one that is not clipped, and the scales.
let frames = 0;
const typesetter = document.createElement("canvas").getContext("2d");

// The width of a label in pixels, in the font that the style sheet gives to pictures.
function textWidth(text) {
  typesetter.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return typesetter.measureText(text).width;
}

function frame(width, height, x, y, margin = {}) {
  const yTicks = y.ticks ?? (y.decades ? decadeTicks : ticks)(...y.domain, Math.max(2, Math.round(height / 50)));
  const yText = y.format ?? (y.decades ? decade : short);
  const longest = Math.max(12, ...yTicks.map((t) => textWidth(yText(t))));
  const m = { top: 26, right: 14, bottom: 40, left: Math.min(14 + longest, width * 0.5), ...margin };
  const inner = { width: Math.max(width - m.left - m.right, 40), height: Math.max(height - m.top - m.bottom, 30) };
  const X = linear(...x.domain, 0, inner.width), Y = linear(...y.domain, inner.height, 0);
  const xTicks = (x.ticks ?? (x.decades ? decadeTicks : ticks)(...x.domain, Math.max(2, Math.round(inner.width / 90))))
    .filter((t) => !x.whole || Number.isInteger(t));
  const xText = x.format ?? (x.whole ? whole : x.decades ? decade : short);
  const id = `clip${frames++}`;
  // Wider than the axes, so that a point at the first or last step is a whole one.
  const plot = svg("g", { "clip-path": `url(#${id})` });
  const above = svg("g", {});
  const body = svg("g", { transform: `translate(${m.left} ${m.top})` });
  body.append(svg("clipPath", { id }, svg("rect", { x: -5, y: -5, width: inner.width + 10, height: inner.height + 10 })));
  for (const t of yTicks) {
    body.append(
      svg("line", { class: "rule", x1: 0, x2: inner.width, y1: Y(t), y2: Y(t) }),
      svg("text", { class: "tick", x: -8, y: Y(t) + 4, "text-anchor": "end" }, yText(t)),
    );
  }
  let last = -Infinity;
  for (const t of xTicks) {
    const text = xText(t), half = textWidth(text) / 2;
    // A label that would run into its neighbour is left out.
    if (X(t) - half < last + 6) continue;
    last = X(t) + half;
    const shift = X(t) + half > inner.width + m.right ? inner.width + m.right - half - X(t) : 0;
    body.append(
      svg("line", { class: "tickmark", x1: X(t), x2: X(t), y1: inner.height, y2: inner.height + 4 }),
      svg("text", { class: "tick", x: X(t) + shift, y: inner.height + 17, "text-anchor": "middle" }, text),
    );
  }
  body.append(
    svg("line", { class: "axis", x1: 0, x2: inner.width, y1: inner.height, y2: inner.height }),
    svg("text", { class: "axisname", x: inner.width, y: inner.height + 33, "text-anchor": "end" }, x.label ?? ""),
    svg("text", { class: "axisname", x: -m.left + 4, y: -12 }, y.label ?? ""),
    plot,
    above,
  );
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" }, body);
  return { node, plot, above, X, Y, inner, margin: m };
}

// A path through points; a gap in the data is a gap in the line.
function path(points) {
  let text = "", pen = false;
  for (const [x, y] of points) {
    const drawn = Number.isFinite(x) && Number.isFinite(y);
    if (drawn) text += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = drawn;
  }
  return text;
}

// The sign for a value that cannot be drawn where it belongs: a cross for NaN and ∞, a ring for an exact zero.
function sign(kind, x, y) {
  if (kind === "zero") return svg("circle", { class: "zero", cx: x, cy: y, r: 3.5 });
  return svg("path", { class: "broken", d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` });
}

// What a fitted line says, in the corner that the line leaves free.
const remark = (width, text, side = "right") => svg("text", side === "right"
  ? { class: "note strong", x: width - 18, y: 42, "text-anchor": "end" }
  : { class: "note strong", x: Math.min(76, width * 0.2), y: 42 }, text);

const key = (...items) =>
  el("div", { class: "key" }, items.flat().filter(Boolean).map(({ name, colour, dash, shape }) =>
    el("span", {}, el("i", { class: `swatch ${shape ?? (dash ? "dash" : "")}`, style: `--c:${colour}` }), name)));
