// The size of each layer's tensor by depth, at one step, with the straight line that fits it.

// Least squares of log10 RMS on depth: slope in decades a layer. None with fewer than three values.
function fitLine(points) {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  if (finite.length < 3) return null;
  const n = finite.length;
  const mx = finite.reduce((s, p) => s + p[0], 0) / n, my = finite.reduce((s, p) => s + p[1], 0) / n;
  const sxx = finite.reduce((s, p) => s + (p[0] - mx) ** 2, 0);
  const sxy = finite.reduce((s, p) => s + (p[0] - mx) * (p[1] - my), 0);
  const slope = sxy / sxx;
  return { slope, at: (x) => my + slope * (x - mx), from: finite[0][0], to: finite[n - 1][0] };
}

const column = (grid, c) => grid.tensors.map((_, r) => [r, grid.cells[r][c] === null ? undefined : Number(grid.cells[r][c])]);
const measured = (points) => points.filter(([, y]) => y !== undefined);

function depthAxis(names, width) {
  // `00.dense.weight`, `01.dense.weight`, …: what all have in common need not be said at every tick.
  const ending = /\.[^.]+$/.exec(names[0] ?? "")?.[0];
  const shared = ending && names.length > 1 && names.every((n) => n.endsWith(ending) && n.split(".").length > 2);
  const texts = names.map((n) => clip(shared ? n.slice(0, -ending.length) : n, 14));
  const every = Math.ceil((names.length * (Math.max(...texts.map(textWidth)) + 10)) / Math.max(width - 80, 60));
  return {
    domain: [-0.4, names.length - 0.6], ticks: names.map((_, i) => i).filter((i) => i % every === 0),
    format: (i) => texts[i] ?? "", read: (i) => names[i] ?? "", label: "input → output",
  };
}

// `grid`: log10 RMS by tensor and step; `c`: the column; `marked`: names of layers to show; `fit`: draw the line;
// `forwards`: the values are computed from the input to the output.
function profile(width, { grid, c, fit = false, marked = [], height = 280, first = true, label = "RMS", forwards = false }) {
  const points = measured(column(grid, c));
  const series = [];
  if (first && c > 0) {
    series.push({ name: `step ${whole(grid.steps[0])}`, colour: "var(--muted)", points: measured(column(grid, 0)), width: 1.2, dash: "3 3" });
  }
  series.push({ name: `step ${whole(grid.steps[c])}`, colour: "var(--blue)", points, dots: grid.tensors.length > 60 ? 1.8 : 3.2 });
  if (marked.length) {
    const names = new Set(marked);
    const chosen = points.filter(([r]) => names.has(grid.tensors[r]));
    series.push({ name: "in this finding", colour: "var(--red)", points: chosen, line: false, dots: 4, quiet: true });
  }
  const line = fit ? fitLine(points) : null;
  if (line) {
    series.push({
      name: "fit", colour: "var(--red)", dash: "6 4", width: 1.6, quiet: true,
      points: [[line.from, line.at(line.from)], [line.to, line.at(line.to)]],
    });
  }
  const all = grid.cells.flat().filter((v) => v !== null).map(Number).filter(Number.isFinite);
  const node = lineChart(width, {
    height, series, x: depthAxis(grid.tensors, width),
    y: { decades: true, label, domain: extent(all) },
  });
  if (line) {
    const factor = 10 ** Math.abs(line.slope), times = `${Number(factor.toPrecision(3))}×`;
    // Activations go forwards, gradients backwards; each is told in its own direction.
    const grows = (line.slope > 0) === forwards;
    const text = Math.abs(line.slope) < 0.005
      ? "as large at the input as at the output"
      : `${grows ? "grows" : "shrinks"} ${times} a layer towards the ${forwards ? "output" : "input"}`;
    node.append(remark(width, text, line.slope > 0 ? "left" : "right"));
  }
  return node;
}

const gridOf = (kind) => data.grids.find(([name]) => name === kind)?.[1];

// The gradients by depth: of the activations, or where these were not recorded, of the weights.
const gradientGrid = () => gridOf("activation_gradient") ?? gridOf("weight_gradient");

const gridDetail = (grid) => {
  const found = new Map(grid.not_finite.map(([r, c, nan, infinite, count]) => [`${r} ${c}`, [nan, infinite, count]]));
  return (r, c) => {
    const counts = found.get(`${r} ${c}`);
    return counts && counts[2] > 1
      ? `${whole(counts[0])} NaN and ${whole(counts[1])} infinite of ${plural(counts[2], "value")}` : null;
  };
};
