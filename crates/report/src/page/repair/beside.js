// Before and after, side by side: gradients by depth, the loss, what the doctor says.

const SIDES = ["before", "after"];

// Gradients at the last look that shows them all finite, or the last one at all.
function lastColumn(grid) {
  for (let c = grid.steps.length - 1; c >= 0; c--) {
    const values = grid.cells.map((row) => row[c]).filter((v) => v !== null);
    if (values.length && values.every((v) => Number.isFinite(Number(v)))) return c;
  }
  return grid.steps.length - 1;
}

function gradientsFigure(side, name, domain) {
  const grid = side.gradients;
  const c = lastColumn(grid);
  const draw = (width) => {
    const first = measured(column(grid, 0)), last = measured(column(grid, c));
    return lineChart(width, {
      height: 270, x: depthAxis(grid.tensors, width), y: { decades: true, label: "RMS", domain },
      series: [
        { name: `step ${whole(grid.steps[0])}`, colour: "var(--muted)", points: first, width: 1.2, dash: "3 3" },
        { name: `step ${whole(grid.steps[c])}`, colour: name === "before" ? "var(--orange)" : "var(--blue)", points: last, dots: grid.tensors.length > 60 ? 1.8 : 3.2 },
      ],
    });
  };
  return figure({
    title: title(name), note: `Gradients by depth at step ${whole(grid.steps[0])} (dashed) and step ${whole(grid.steps[c])}.`,
    draw, label: `Gradients by depth, ${name}`,
  });
}

function lossFigure(measure) {
  const sides = data.sides.map((side) => side?.curves.find((curve) => curve.name === measure));
  if (!sides[0] || !sides[1]) return null;
  const points = (curve) => curve.steps.map((step, i) => [step, Number(curve.values[i])]);
  const values = sides.flatMap((curve) => curve.values.map(Number)).filter((v) => Number.isFinite(v));
  const log = /loss/.test(measure) && values.every((v) => v > 0) && Math.max(...values) > 50 * Math.min(...values);
  const draw = (width) => lineChart(width, {
    height: 250, x: { label: "step", whole: true, read: whole },
    y: { label: `${words(measure)}${log ? ", log scale" : ""}`, log, read: short },
    series: sides.map((curve, i) => ({
      name: SIDES[i], colour: i ? "var(--blue)" : "var(--orange)", points: points(curve), dots: curve.steps.length <= 40 ? 2.6 : 0,
    })),
  });
  return figure({
    title: title(words(measure)),
    controls: [key({ name: "before", colour: "var(--orange)" }, { name: "after", colour: "var(--blue)" })],
    draw, label: `${words(measure)} before and after`,
  });
}

function gradientPair() {
  const sides = data.sides.filter((side) => side?.gradients);
  if (!sides.length) return null;
  const shown = sides.flatMap((side) => [0, lastColumn(side.gradients)].flatMap((c) =>
    measured(column(side.gradients, c)).map(([, y]) => y))).filter(Number.isFinite);
  const domain = extent(shown);
  return el("div", { class: "pair" }, data.sides.map((side, i) => (side?.gradients ? gradientsFigure(side, SIDES[i], domain) : null)));
}

function findingsPair() {
  return el("div", { class: "pair" }, data.sides.map((side, i) => side && el("div", {},
    el("h3", {}, title(SIDES[i])),
    side.findings.length
      ? el("ul", { class: "remedies" }, side.findings.map((finding) => el("li", {},
        el("b", {}, `${SEVERITIES[finding.severity]}:`), " ", finding.message)))
      : el("p", { class: "muted" }, "Nothing was found."),
    el("p", { class: "facts" }, el("a", { href: side.report }, `The whole report of the training ${SIDES[i]}`)))));
}
