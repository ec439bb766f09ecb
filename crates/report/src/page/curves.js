// Losses and metrics over the steps: training and validation in one picture, the raw values always visible.
const PARTS = [["validation_", "validation"], ["test_", "test"], ["train_", "training"]];

function curveGroups() {
  const groups = new Map();
  for (const curve of data.curves) {
    const [prefix, part] = PARTS.find(([start]) => curve.name.startsWith(start)) ?? ["", "training"];
    const name = curve.name.slice(prefix.length);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push({ ...curve, part });
  }
  return groups;
}

const curvePoints = (curve) => curve.steps.map((step, i) => [step, Number(curve.values[i])]);

// Exponential smoothing over steps, not over points, since points may be missing; what is not finite is passed over.
function smooth(points, steps) {
  let mean = NaN, before = 0;
  return points.map(([step, value]) => {
    if (!Number.isFinite(value)) return [step, NaN];
    const keep = Math.exp(-(step - before) / steps);
    mean = Number.isFinite(mean) ? keep * mean + (1 - keep) * value : value;
    before = step;
    return [step, mean];
  });
}

function curveFigure(name, curves) {
  const colours = { training: "var(--blue)", validation: "var(--orange)", test: "var(--green)" };
  const values = curves.flatMap((c) => c.values.map(Number)).filter(Number.isFinite);
  const positive = values.length > 0 && values.every((v) => v > 0);
  // A loss or norm that falls by more than a factor of 50 is a line along the floor on a linear axis.
  const median = [...values].sort((a, b) => a - b)[values.length >> 1];
  let log = positive && /norm|rate|loss/.test(name) && Math.max(...values) / median > 50;
  const spanOf = (c) => (c.steps[c.steps.length - 1] ?? 0) - (c.steps[0] ?? 0);
  const span = Math.max(...curves.map(spanOf), 1);
  const dense = curves.some((c) => c.steps.length > 40) && name !== "learning_rate";
  let share = dense ? 0.02 : 0;
  const thinned = curves.filter((c) => c.recorded > c.steps.length);
  const draw = (width) => {
    const series = curves.flatMap((c) => {
      const points = curvePoints(c), colour = colours[c.part];
      const few = points.length <= 40;
      if (!share || few) return [{ name: c.part, colour, points, dots: few ? 2.6 : 0 }];
      return [
        { name: `${c.part}, raw`, colour, points, opacity: 0.35, width: 1 },
        { name: c.part, colour, points: smooth(points, share * span), width: 2.2, quiet: false },
      ];
    });
    return lineChart(width, {
      height: width > 700 ? 280 : 240, series,
      x: { label: "step", read: whole },
      y: { label: log ? `${words(name)}, log scale` : words(name), log, read: short },
    });
  };
  const controls = [];
  if (positive) controls.push(toggle("log scale", log, (on) => { log = on; node.redraw(); }));
  if (dense) {
    controls.push(slider("smoothing", {
      min: 0, max: 0.2, step: 0.005, value: share, text: (s) => (s ? `${Math.round(s * span)} steps` : "off"),
    }, (s) => { share = s; node.redraw(); }));
  }
  if (curves.length > 1) controls.push(key(curves.map((c) => ({ name: c.part, colour: colours[c.part] }))));
  const broken = curves.some((c) => c.values.some((v) => !Number.isFinite(Number(v))));
  const note = [
    thinned.length ? `Of ${whole(thinned[0].recorded)} recorded steps the extremes and medians are drawn.` : null,
    broken ? "A cross marks a value that is NaN or infinite." : null,
  ].filter(Boolean).join(" ");
  const node = figure({ title: title(name), note, controls, draw, label: `${words(name)} over the training steps` });
  return node;
}
