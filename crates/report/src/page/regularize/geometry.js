// Why L1 leaves zeros: the loss of the two strongest features, and the region that a penalty's budget allows.

// The ellipse on which the loss is `level` above its least: b = optimum + V diag(√(2 level / e)) (cos t, sin t).
function ellipse({ curvature: [[a, b], [, d]], optimum }, level) {
  const middle = (a + d) / 2, half = Math.hypot((a - d) / 2, b);
  const values = [middle + half, Math.max(middle - half, (middle + half) * 1e-9)];
  const angle = 0.5 * Math.atan2(2 * b, a - d);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  // So many that also a short piece of it, seen from near, is a curve.
  return Array.from({ length: 1441 }, (_, i) => {
    const t = (i / 1440) * 2 * Math.PI;
    const u = Math.sqrt((2 * level) / values[0]) * Math.cos(t), v = Math.sqrt((2 * level) / values[1]) * Math.sin(t);
    return [optimum[0] + c * u - s * v, optimum[1] + s * u + c * v];
  });
}

function above({ curvature: [[a, b], [, d]], optimum }, [x, y]) {
  const u = x - optimum[0], v = y - optimum[1];
  return (a * u * u + 2 * b * u * v + d * v * v) / 2;
}

function geometryFigure(name, region, touch) {
  const g = data.geometry;
  const level = above(g, touch);
  const zero = touch.findIndex((v) => v === 0);
  return figure({
    title: name,
    note: zero >= 0
      ? `The loss touches the region at a corner: the coefficient of ${g.names[zero]} is exactly zero.`
      : `The region has no corners: both coefficients shrink, to ${short(touch[0])} and ${short(touch[1])}, and neither is zero.`,
    draw: (width) => {
      const height = Math.min(width, 440);
      // Where the least loss lies far out, the view stays with the region, and the ellipses run out of it.
      const near = Math.max(...g.optimum.map(Math.abs)) < 7 * g.budget;
      const side = (v) => (near ? 1.25 * Math.abs(v) : 2.2 * g.budget);
      // One unit is as long across as up: a circle has to look like one.
      const span = g.optimum.map((v) => {
        const reach = Math.max(1.35 * g.budget, side(v));
        return [v < 0 ? -reach : -1.35 * g.budget, v > 0 ? reach : 1.35 * g.budget];
      });
      const m = { top: 26, right: 14, bottom: 40, left: 56 };
      const scale = Math.max((span[0][1] - span[0][0]) / (width - m.left - m.right), (span[1][1] - span[1][0]) / (height - m.top - m.bottom));
      const domain = (i, pixels) => {
        const middle = (span[i][0] + span[i][1]) / 2;
        return [middle - (scale * pixels) / 2, middle + (scale * pixels) / 2];
      };
      const f = frame(width, height, { domain: domain(0, width - m.left - m.right), label: clip(g.names[0], 40) },
        { domain: domain(1, height - m.top - m.bottom), label: clip(g.names[1], 40) }, m);
      const { X, Y } = f;
      const place = ([x, y]) => [X(x), Y(y)];
      f.plot.append(
        svg("line", { class: "axis", x1: X(0), x2: X(0), y1: 0, y2: f.inner.height }),
        svg("line", { class: "axis", x1: 0, x2: f.inner.width, y1: Y(0), y2: Y(0) }),
        svg("path", { d: `${path(region.map(place))}Z`, fill: "var(--band)", stroke: "var(--green)", "stroke-width": 1.6 }),
      );
      const closer = g.budget / Math.hypot(...g.optimum);
      const shares = near ? [0.06, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.6, 2] : [-3, -2, -1, 0, 1, 2, 3].map((i) => 1 + 0.7 * i * closer);
      for (const share of shares.filter((share) => share > 0)) {
        f.plot.append(svg("path", {
          class: "line", d: path(ellipse(g, level * share).map(place)), stroke: "var(--blue)",
          "stroke-width": share === 1 ? 2 : 1, "stroke-opacity": share === 1 ? 1 : 0.35,
        }));
      }
      const [ox, oy] = place(g.optimum), [tx, ty] = place(touch);
      if (near) f.above.append(
        svg("circle", { cx: ox, cy: oy, r: 3.5, fill: "var(--blue)" }),
        svg("text", { class: "note", x: ox + (ox > f.inner.width * 0.7 ? -7 : 7), y: oy - 7, "text-anchor": ox > f.inner.width * 0.7 ? "end" : "start" }, "without penalty"),
      );
      f.above.append(
        svg("circle", { cx: tx, cy: ty, r: 5, fill: "var(--red)" }),
      );
      return f.node;
    },
  });
}

function geometryPair() {
  const t = data.geometry.budget;
  const diamond = [[t, 0], [0, t], [-t, 0], [0, -t]];
  const circle = Array.from({ length: 121 }, (_, i) => [t * Math.cos((i / 60) * Math.PI), t * Math.sin((i / 60) * Math.PI)]);
  return el("div", { class: "pair" },
    geometryFigure("L1: the diamond", diamond, data.geometry.l1), geometryFigure("L2: the circle", circle, data.geometry.l2));
}
