// The share of each layer's units that did not respond, or stood at a bound, in a step's batch.
const UNIT_WORDS = {
  inactive: { name: "inactive", note: "output exactly zero for the whole batch" },
  saturated: { name: "saturated", note: "output at a bound for at least 95 % of the batch" },
};

// Whether there is nothing to see: empty bars, at every step.
const unitsRespond = () => Object.keys(UNIT_WORDS).every((what) => !data.units[what].flat().some(Number));

function unitPicture(width, what, c, marked = []) {
  const { tensors, steps, units } = data.units, cells = data.units[what], names = new Set(marked);
  const row = Math.min(Math.max(420 / tensors.length, 5), 24), room = Math.max(8, Math.floor(width / 30));
  const f = frame(width, tensors.length * row + 66, {
    domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], format: (v) => percent(v, 0), label: `share of ${UNIT_WORDS[what].name} units`,
  }, { domain: [0, tensors.length], ticks: [], label: `step ${whole(steps[c])}` }, {
    left: 12 + Math.max(...tensors.map((t) => textWidth(clip(t, room)))), right: 52,
  });
  const every = Math.max(1, Math.ceil(13 / row));
  tensors.forEach((name, r) => {
    const y = r * row, value = cells[r][c], start = cells[r][0];
    const line = svg("g", {});
    line.append(svg("rect", { class: "track", x: 0, y: y + row * 0.14, width: f.inner.width, height: row * 0.72 }));
    if (value !== null) {
      line.append(svg("rect", {
        class: names.has(name) ? "bar gone" : "bar", x: 0, y: y + row * 0.14, width: f.X(Number(value)), height: row * 0.72,
      }));
    }
    if (start !== null && c > 0) {
      line.append(svg("line", { class: "mark start", x1: f.X(Number(start)), x2: f.X(Number(start)), y1: y + 1, y2: y + row - 1 }));
    }
    if (r % every === 0) {
      line.append(
        svg("text", { class: "tick", x: -7, y: y + row / 2 + 4, "text-anchor": "end" }, clip(name, room)),
        svg("text", { class: "tick", x: f.inner.width + 6, y: y + row / 2 + 4 }, value === null ? "–" : percent(value, 0)),
      );
    }
    line.addEventListener("pointermove", (event) => showTip([
      name, value === null ? "not measured at this step" : `${Math.round(value * units[r])} of ${plural(units[r], "unit")} ${UNIT_WORDS[what].name}`,
      start === null ? null : `${percent(start)} at step ${whole(steps[0])}`,
    ].filter(Boolean), event.clientX, event.clientY));
    line.addEventListener("pointerleave", hideTip);
    f.above.append(line);
  });
  return f.node;
}

// With a slider of its own; `what`: inactive or saturated.
function unitFigure(what, { marked = [], start, heading } = {}) {
  const { steps } = data.units;
  let at = start === undefined ? steps.length - 1 : nearest(steps, start);
  const controls = [stepper(steps, at, (index) => { at = index; node.redraw(); })];
  if (what === undefined) {
    what = data.units.saturated.flat().some(Number) && !data.units.inactive.flat().some(Number) ? "saturated" : "inactive";
    controls.unshift(choice("show", Object.entries(UNIT_WORDS).map(([k, w]) => [k, w.name]), what, (value) => {
      what = value;
      node.redraw();
    }));
  }
  const node = figure({
    title: heading,
    note: `${title(UNIT_WORDS[what].name)}: ${UNIT_WORDS[what].note}. The upright line is the first step.`,
    controls, label: "Share of units that do not respond, by layer",
    draw: (width) => unitPicture(width, what, at, marked),
  });
  return node;
}
