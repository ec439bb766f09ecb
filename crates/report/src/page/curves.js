// Losses and metrics over the steps: training and validation in one picture, the raw values always visible.
const PARTS = [["validation_", "validation"], ["test_", "test"], ["train_", "mean between validations"]];

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

// Exponential smoothing, over steps and not over points, since points may be missing. Forwards and backwards, so that
// the curve does not lag behind; on a log scale of the logarithms. What is not finite is passed over.
function smooth(points, steps, log) {
  const finite = points.filter(([, value]) => Number.isFinite(value));
  const pass = (list) => {
    let mean = log ? Math.log(list[0]?.[1]) : list[0]?.[1], before = list[0]?.[0];
    return list.map(([step, value]) => {
      const keep = Math.exp(-Math.abs(step - before) / steps);
      mean = keep * mean + (1 - keep) * (log ? Math.log(value) : value);
      before = step;
      return mean;
    });
  };
  const there = pass(finite), back = pass([...finite].reverse()).reverse();
  return finite.map(([step], i) => [step, log ? Math.exp((there[i] + back[i]) / 2) : (there[i] + back[i]) / 2]);
}

function curveFigure(name, curves) {
  const colours = { training: "var(--blue)", validation: "var(--orange)", test: "var(--green)", "mean between validations": "var(--purple)" };
  const values = curves.flatMap((c) => c.values.map(Number)).filter(Number.isFinite);
  const positive = values.length > 0 && values.every((v) => v > 0);
  // A loss or norm that falls by more than a factor of 50 is a line along the floor on a linear axis.
  const median = [...values].sort((a, b) => a - b)[values.length >> 1];
  let log = positive && /norm|rate|loss/.test(name) && Math.max(...values) / median > 50;
  const spanOf = (c) => (c.steps[c.steps.length - 1] ?? 0) - (c.steps[0] ?? 0);
  const span = Math.max(...curves.map(spanOf), 1);
  const dense = curves.some((c) => c.steps.length > 40) && name !== "learning_rate";
  let share = dense ? 0.01 : 0;
  const thinned = curves.filter((c) => c.recorded > c.steps.length);
  const draw = (width) => {
    const series = curves.flatMap((c) => {
      const points = curvePoints(c), colour = colours[c.part];
      const few = points.length <= 40;
      if (!share || few) return [{ name: c.part, colour, points, dots: few ? 2.6 : 0 }];
      return [
        { name: `${c.part}, raw`, colour, points, opacity: 0.35, width: 1 },
        { name: c.part, colour, points: smooth(points, share * span, log), width: 2.2 },
      ];
    });
    return lineChart(width, {
      height: width > 700 ? 280 : 240, series,
      x: { label: "step", whole: true, read: whole, phases: true },
      y: { label: log ? `${words(name)}, log scale` : words(name), log, read: short },
    });
  };
  const controls = [];
  if (positive) controls.push(toggle("log scale", log, (on) => { log = on; node.redraw(); }));
  if (dense) {
    controls.push(slider("smoothing", {
      min: 0, max: 0.2, step: 0.005, value: share, text: (s) => (s ? plural(Math.max(Math.round(s * span), 1), "step") : "off"),
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
