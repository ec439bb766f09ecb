// How large each update is against the weight that it changes. Healthy networks learn between 10⁻⁴ and 10⁻¹.
const RATIO_BAND = { from: -4, to: -1, text: "usual range" };

const matrices = () => new Set(data.network.blocks.flatMap((b) => b.parameters)
  .filter((p) => p.shape.length > 1).map((p) => p.path));

// Rows of the ratio grid that are matrices; biases, which often begin at zero, only when asked for.
function ratioRows(biases) {
  const grid = data.ratios, wanted = matrices();
  const rows = grid.tensors.map((_, r) => r).filter((r) => biases || wanted.has(grid.tensors[r]));
  return rows.length ? rows : grid.tensors.map((_, r) => r);
}

function pickRows(grid, rows) {
  return { ...grid, tensors: rows.map((r) => grid.tensors[r]), cells: rows.map((r) => grid.cells[r]), not_finite: [] };
}

function ratiosByLayer(width, c, { biases = false, marked = [], height = 260 } = {}) {
  const names = new Set(marked);
  const rows = ratioRows(biases || marked.some((name) => data.ratios.tensors.includes(name)));
  const grid = pickRows(data.ratios, rows);
  const now = measured(column(grid, c));
  const chosen = now.filter(([r]) => names.has(grid.tensors[r]) || names.has(blockOf(grid.tensors[r])));
  const all = grid.cells.flat().filter((v) => v !== null).map(Number);
  return lineChart(width, {
    height, bands: [RATIO_BAND], x: depthAxis(grid.tensors, width),
    y: { decades: true, label: "update / weight, by layer", domain: extent([...all, -4.4, -0.6]) },
    series: [
      { name: `step ${whole(grid.steps[c])}`, colour: "var(--blue)", points: now, line: false, dots: 3.4 },
      chosen.length && { name: "in this finding", colour: "var(--red)", points: chosen, line: false, dots: 4, quiet: true },
    ].filter(Boolean),
  });
}

const blockOf = (path) => data.network.blocks.find((b) => b.parameters.some((p) => p.path === path))?.name;

function ratiosOverSteps(width, biases, height = 280) {
  const grid = pickRows(data.ratios, ratioRows(biases));
  const count = grid.tensors.length;
  const all = grid.cells.flat().filter((v) => v !== null).map(Number);
  return lineChart(width, {
    height, bands: [RATIO_BAND], x: { label: "step", whole: true, read: whole, phases: true },
    y: { decades: true, label: "update / weight", domain: extent([...all, -4.4, -0.6]) },
    read: (v) => (v === Infinity ? "∞: the weight is still zero" : fromLog(v)),
    series: grid.tensors.map((name, r) => ({
      name, colour: byDepth(count > 1 ? r / (count - 1) : 0.5), width: count > 30 ? 1 : 1.5,
      points: grid.steps.map((step, c) => [step, grid.cells[r][c] === null ? undefined : Number(grid.cells[r][c])])
        .filter((p) => p[1] !== undefined),
    })),
  });
}

function ratioLayersFigure() {
  const { steps } = data.ratios;
  let at = steps.length - 1;
  const node = figure({
    title: "By layer",
    controls: [stepper(steps, at, (index) => { at = index; node.redraw(); })],
    label: "Update-to-weight ratio of each layer at one step",
    draw: (width) => ratiosByLayer(width, at),
  });
  return node;
}

function ratioFigure() {
  let biases = false;
  const node = figure({
    note: "The RMS of each step's change over the RMS of the weight, dark near the input and bright near the output. " +
      "Far above the band a layer is overwritten, far below it stands still.",
    controls: [toggle("with biases", biases, (on) => { biases = on; node.redraw(); })],
    label: "Update-to-weight ratio of each parameter over the steps",
    draw: (width) => ratiosOverSteps(width, biases),
  });
  return node;
}
