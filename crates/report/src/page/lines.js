// Curves over a common x axis, with the values under the pointer or, by arrow keys, at the next point.

// `series`: [{ name, colour, points: [[x, y]], width, opacity, dash, dots, line, quiet }]; `quiet` ones are not read out.
// `y.log` takes logarithms here; `y.decades` says that the values are logarithms already. `bands`: [{ from, to, text }];
// `levels`: [{ at, text }] across; `marks`: [{ at, text }] upright; `x.phases`: x is the step, and the beginnings of phases are
// marked. Values that cannot be drawn are marked at the edge.
function lineChart(width, { height = 260, x, y, series, bands = [], levels = [], marks = [], margin, read }) {
  const logs = y.log || y.decades;
  const place = (value) => (y.log ? (value < 0 ? NaN : Math.log10(value)) : value);
  const drawn = series.map((s) => ({ ...s, points: s.points.map(([px, py]) => [px, place(Number(py)), Number(py)]) }));
  const xs = drawn.flatMap((s) => s.points.map((p) => p[0]));
  const xDomain = x.domain ? [...x.domain] : xs.length ? [Math.min(...xs), Math.max(...xs)] : [0, 1];
  if (xDomain[0] === xDomain[1]) xDomain[0] -= 0.5, xDomain[1] += 0.5;
  const values = drawn.flatMap((s) => s.points.map((p) => p[1]));
  const yDomain = y.domain ?? extent([...values, ...(y.include ?? [])]);
  const f = frame(width, height, { ...x, domain: xDomain }, { ...y, decades: logs, domain: yDomain }, margin);
  const { X, Y, inner } = f;
  for (const band of bands) {
    const top = Y(Math.min(band.to, yDomain[1])), bottom = Y(Math.max(band.from, yDomain[0]));
    f.plot.append(svg("rect", { class: "band", x: 0, width: inner.width, y: top, height: Math.max(bottom - top, 0) }));
    if (band.text) f.above.append(svg("text", { class: "note", x: inner.width - 4, y: top + 14, "text-anchor": "end" }, band.text));
  }
  for (const level of levels) {
    if (level.at < yDomain[0] || level.at > yDomain[1]) continue;
    f.plot.append(svg("line", { class: "level", x1: 0, x2: inner.width, y1: Y(level.at), y2: Y(level.at) }));
    // At the right, where a line that comes from the left leaves room; under the upper edge, between the marks.
    const high = Y(level.at) < 24;
    f.above.append(svg("text", {
      class: "note", x: high ? inner.width / 2 : inner.width - 4, y: Y(level.at) + (high ? 14 : -5),
      "text-anchor": high ? "middle" : "end",
    }, level.text));
  }
  for (const [i, mark] of marks.entries()) {
    if (mark.at < xDomain[0] || mark.at > xDomain[1]) continue;
    const end = X(mark.at) > inner.width / 2;
    f.plot.append(svg("line", { class: "mark", x1: X(mark.at), x2: X(mark.at), y1: 0, y2: inner.height }));
    f.above.append(svg("text", {
      class: "note", x: X(mark.at) + (end ? -5 : 5), y: (levels.length ? 28 : 11) + 15 * (i % 4), "text-anchor": end ? "end" : "start",
    }, mark.text));
  }
  if (x.phases) {
    const within = (step) => (step < xDomain[0] || step > xDomain[1] ? NaN : X(step));
    phaseLines(f.above, within, inner.height, 9);
  }
  for (const s of drawn) {
    const points = s.points.map(([px, py]) => [X(px), Y(py)]);
    if (s.line !== false) f.plot.append(svg("path", {
      class: "line", d: path(points), stroke: s.colour, "stroke-width": s.width ?? 1.8, "stroke-opacity": s.opacity,
      "stroke-dasharray": s.dash,
    }));
    const finite = s.points.filter((p) => Number.isFinite(p[1]));
    if (s.dots || finite.length === 1) {
      for (const [px, py] of finite) f.plot.append(svg("circle", { cx: X(px), cy: Y(py), r: s.dots ?? 3, fill: s.colour }));
    }
    // NaN and +∞ above the upper edge, zero of a logarithm and −∞ at the lower one.
    if (!s.quiet) {
      let before = -Infinity;
      for (const [px, py] of s.points) {
        if (Number.isFinite(py) || py === undefined || X(px) - before < 6) continue;
        before = X(px);
        const zero = logs && py === -Infinity;
        f.above.append(sign(zero ? "zero" : "broken", X(px), zero || py === -Infinity ? inner.height - 5 : -3));
      }
    }
  }
  reader(f, drawn.filter((s) => !s.quiet), { xName: x.label, xText: x.read ?? x.format ?? short, yText: read ?? y.read ?? (y.decades ? fromLog : short) });
  return f.node;
}

function reader(f, series, { xName, xText, yText }) {
  const { X, Y, inner, margin, node } = f;
  const places = [...new Set(series.flatMap((s) => s.points.map((p) => p[0])))].sort((a, b) => a - b);
  if (!places.length) return;
  const lookup = series.map((s) => new Map(s.points.map((p) => [p[0], p])));
  const cursor = svg("line", { class: "cursor", y1: 0, y2: inner.height, visibility: "hidden" });
  const dots = svg("g", {});
  f.above.append(cursor, dots);
  let at = -1;
  const show = (index, clientX, clientY, pointerY) => {
    at = Math.min(Math.max(index, 0), places.length - 1);
    const px = places[at];
    cursor.setAttribute("x1", X(px));
    cursor.setAttribute("x2", X(px));
    cursor.setAttribute("visibility", "visible");
    let found = series.map((s, i) => ({ s, point: lookup[i].get(px) ?? near(s.points, px, places) })).filter((e) => e.point);
    if (found.length > 7 && pointerY !== undefined) {
      const distance = (e) => (Number.isFinite(e.point[1]) ? Math.abs(Y(e.point[1]) - pointerY) : 1e9);
      found = found.sort((a, b) => distance(a) - distance(b)).slice(0, 3);
    }
    found = found.slice(0, 7);
    dots.replaceChildren(...found.filter((e) => Number.isFinite(e.point[1])).map((e) =>
      svg("circle", { class: "dot", cx: X(e.point[0]), cy: Y(e.point[1]), r: 3.6, fill: e.s.colour })));
    showTip([`${xName ? `${xName} ` : ""}${xText(px)}`,
      ...found.map((e) => swatchLine(e.s.colour,
        // A value lent from a neighbouring place says so.
        `${e.s.name}${e.point[0] === px ? "" : ` at ${xText(e.point[0])}`}: ${yText(e.point[2])}`))], clientX, clientY);
  };
  const hide = () => {
    cursor.setAttribute("visibility", "hidden");
    dots.replaceChildren();
    hideTip();
  };
  node.setAttribute("tabindex", "0");
  node.addEventListener("pointermove", (event) => {
    const box = node.getBoundingClientRect();
    const scale = box.width / node.viewBox.baseVal.width;
    const value = ((event.clientX - box.left) / scale - margin.left) / inner.width;
    const low = places[0], high = places[places.length - 1];
    const target = low + (high - low) * ((value * inner.width - X(low)) / (X(high) - X(low) || 1));
    show(nearest(places, target), event.clientX, event.clientY, (event.clientY - box.top) / scale - margin.top);
  });
  node.addEventListener("pointerleave", hide);
  node.addEventListener("blur", hide);
  node.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
    if (!move) return;
    event.preventDefault();
    const box = node.getBoundingClientRect();
    const to = Math.min(Math.max(at + move, 0), places.length - 1);
    show(to, box.left + margin.left + X(places[to]), box.top + margin.top);
  });
}

// A series that has no value at this place lends the nearest one of its own, if it is close.
function near(points, px, places) {
  if (!points.length) return null;
  const point = points[nearest(points.map((p) => p[0]), px)];
  const span = places[places.length - 1] - places[0];
  return Math.abs(point[0] - px) <= span * 0.02 ? point : null;
}
