// The findings, each beside the picture that shows it.

function lossPicture(width, finding) {
  const curves = (curveGroups().get("loss") ?? []).filter((c) => c.part === "training" || c.part === "validation");
  const colours = { training: "var(--blue)", validation: "var(--orange)" };
  const all = curves.flatMap((c) => c.values.map(Number));
  const finite = all.filter((v) => Number.isFinite(v) && v > 0);
  const log = finite.length === all.length && Math.max(...finite) / Math.min(...finite) > 50;
  return lineChart(width, {
    height: 260, x: { label: "step", whole: true, read: whole }, y: { label: log ? "loss, log scale" : "loss", log },
    marks: [{ at: finding.first_step, text: `since ${whole(finding.first_step)}` }],
    series: curves.map((c) => ({ name: c.part, colour: colours[c.part], points: curvePoints(c), dots: c.steps.length < 30 ? 2.4 : 0, width: c.part === "training" ? 1.2 : 2 })),
  });
}

// The loss of a guess that knows nothing but how often each answer occurs.
function guessLoss() {
  const { task, loss } = data.network;
  if (task.kind !== "classification") return task.guess_loss;
  if (!/cross_entropy/.test(loss)) return undefined;
  const total = task.shares.reduce((s, p) => s + p, 0) || 1;
  return task.shares.reduce((s, p) => s - (p > 0 ? (p / total) * Math.log(p / total) : 0), 0);
}

function guessPicture(width, finding) {
  const curve = curveNamed("loss");
  const guess = finding.evidence.find((e) => e.name === "guess_loss")?.value ?? guessLoss();
  const points = curvePoints(curve).slice(0, 40), values = points.map((p) => p[1]).filter(Number.isFinite);
  const log = values.every((v) => v > 0) && Math.max(...values) > 50 * Math.max(values[0] ?? 1, guess ?? 0);
  const include = (guess === undefined ? [0] : [0, guess]).map((v) => (log ? Math.log10(v) : v)).filter(Number.isFinite);
  return lineChart(width, {
    height: 250, x: { label: "step", whole: true, read: whole },
    y: { label: log ? "loss, first steps, log scale" : "loss, first steps", include, log },
    levels: guess === undefined ? [] : [{ at: log ? Math.log10(guess) : guess, text: `a guess by the answers' frequencies: ${short(guess)}` }],
    series: [{ name: "loss", colour: "var(--blue)", points, dots: 2.6 }],
  });
}

function gridPicture(finding, options, kind) {
  const grid = kind ? gridOf(kind) : gradientGrid();
  // The last step at which it held: the finding's sentence gives the numbers of that step.
  let at = nearest(grid.steps, finding.last_step);
  const node = figure({
    ...options, controls: [stepper(grid.steps, at, (index) => { at = index; node.redraw(); })],
    draw: (width) => profile(width, { grid, c: at, fit: true, forwards: kind === "activation", marked: finding.layers, label: `RMS of the ${kind ? KINDS[kind] : "gradient"} by depth`, height: 260 }),
  });
  return node;
}

function notFinitePicture(finding) {
  const [kind, grid] = data.grids.find(([, g]) => g.cells.some((row) => row.some((v) => Number.isNaN(Number(v)) || Number(v) === Infinity))) ?? data.grids[0];
  let at = nearest(grid.steps, finding.first_step);
  return figure({
    title: `Where the ${KINDS[kind]} cease to be finite`, label: "Layers and steps that hold NaN or infinity",
    draw: (width) => heatmap(width, {
      rows: grid.tensors, columns: grid.steps, cells: grid.cells, domain: colourDomain(grid.cells), legend: "RMS",
      read: (v) => `RMS ${fromLog(v)}`, detail: gridDetail(grid), at, pick: () => {},
    }),
  });
}

function underflowPicture(finding) {
  const names = new Set(finding.layers);
  const gradients = data.exponents.filter((h) => /gradient/.test(h.kind));
  const entry = gradients.find((h) => names.has(h.tensor)) ?? gradients.find((h) => names.has(blockOf(h.tensor))) ?? gradients[0];
  if (!entry) return null;
  let at = nearest(entry.at.map((h) => h.step), finding.last_step);
  const node = figure({
    title: `Sizes of the ${KINDS[entry.kind]} of ${entry.tensor}`, label: "Histogram of binary exponents",
    controls: [stepper(entry.at.map((h) => h.step), at, (index) => { at = index; node.redraw(); })],
    draw: (width) => el("div", {}, exponentPicture(width, entry, at, 240), exponentWords(entry, at)),
  });
  return node;
}

function timePicture(finding) {
  const layer = data.lags.find((l) => finding.layers.includes(l.tensor)) ?? data.lags[0];
  let at = nearest(layer.steps, finding.last_step);
  const node = figure({
    title: `How far back the gradient of ${layer.tensor} reaches`, label: "Gradient of the hidden state against the lag",
    controls: [stepper(layer.steps, at, (index) => { at = index; node.redraw(); })],
    draw: (width) => lagPicture(width, layer, at),
  });
  return node;
}

function ratioPicture(finding) {
  let at = nearest(data.ratios.steps, finding.last_step);
  const node = figure({
    title: "Update / weight by layer", label: "Update-to-weight ratio of each parameter",
    controls: [stepper(data.ratios.steps, at, (index) => { at = index; node.redraw(); })],
    draw: (width) => ratiosByLayer(width, at, { marked: finding.layers }),
  });
  return node;
}

const drawn = (name, draw, controls) => figure({ title: name, label: name, draw, controls });

// Each rule's picture; null where what it needs was not recorded.
function pictureOf(finding) {
  const lossKey = () => (curveNamed("validation_loss")
    ? [key({ name: "training", colour: "var(--blue)" }, { name: "validation", colour: "var(--orange)" })] : []);
  const loss = () => curveNamed("loss") && drawn("Loss", (width) => lossPicture(width, finding), lossKey());
  const depth = (name) => () => gradientGrid() && gridPicture(finding, { title: name, label: name });
  const ratios = () => data.ratios && ratioPicture(finding);
  const pictures = {
    vanishing_gradient: depth("The gradient on its way from the output to the input"),
    // It grows over the steps, or over the depth: the evidence says which.
    exploding_gradient: () => (finding.evidence.some((e) => /overflow|growth/.test(e.name)) && curveNamed("gradient_norm")
      ? drawn("The gradient's norm over the steps", (width) => normPicture(width, finding))
      : depth("The gradient on its way from the output to the input")()),
    poor_initialization: () => (finding.evidence.some((e) => /^activations/.test(e.name)) && gridOf("activation")
      ? gridPicture(finding, { title: "The activations by depth" }, "activation")
      : depth("The gradient by depth")()),
    vanishing_through_time: () => data.lags.length && timePicture(finding),
    not_finite: () => data.grids.length && notFinitePicture(finding),
    dead_units: () => data.units && unitFigure("inactive", { marked: finding.layers, start: finding.last_step, heading: "Dead units by layer" }),
    saturated_units: () => data.units && unitFigure("saturated", { marked: finding.layers, start: finding.last_step, heading: "Saturated units by layer" }),
    update_ratio: ratios,
    unchanged_weights: ratios,
    slow_learning: ratios,
    underflow: () => data.exponents.length && underflowPicture(finding),
    wrong_output: () => curveNamed("loss") && drawn("The first loss against that of a guess", (width) => guessPicture(width, finding)),
  };
  return (pictures[finding.rule] ?? loss)() || loss() || null;
}

function evidenceTable(evidence) {
  if (!evidence.length) return null;
  return el("table", { class: "evidence" },
    el("thead", {}, el("tr", {}, ["evidence", "value", "limit"].map((t) => el("th", { scope: "col" }, t)))),
    el("tbody", {}, evidence.map((e) => el("tr", {}, el("th", { scope: "row" }, words(e.name)),
      el("td", {}, e.value === null ? "not finite" : short(e.value)),
      el("td", {}, e.threshold === null ? "" : short(e.threshold))))));
}

function findingCard(finding) {
  const when = finding.first_step === finding.last_step
    ? `at step ${whole(finding.first_step)}` : `steps ${whole(finding.first_step)} to ${whole(finding.last_step)}`;
  const facts = [when, finding.layers.length ? layersInWords(finding.layers) : null, `${Math.round(finding.confidence * 100)} % sure`];
  return el("article", { class: `finding ${finding.severity}` },
    el("div", { class: "said" },
      el("h3", {}, el("span", { class: "badge" }, SEVERITIES[finding.severity]), " ", RULES[finding.rule] ?? title(finding.rule)),
      el("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
      el("p", { class: "message" }, finding.message),
      finding.remedies.length
        ? [el("h4", {}, "What would help"), el("ol", { class: "remedies" }, finding.remedies.map((r) =>
          el("li", {}, el("b", {}, named(r.name)), " ", el("span", {}, r.action))))] : null,
      evidenceTable(finding.evidence),
      finding.layers.length > 3
        ? el("details", {}, el("summary", {}, plural(finding.layers.length, "layer")), el("p", { class: "names" }, finding.layers.join(", "))) : null),
    pictureOf(finding));
}
