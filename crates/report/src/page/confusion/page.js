// The page of a confusion matrix: the guard's answer, the matrix, its metrics, and what else is known.
const sections = [];

function section(id, name, ...content) {
  sections.push([id, name]);
  return el("section", { id }, el("h2", {}, name), content);
}

function keyNumbers() {
  const { confusion } = data, look = confusion.guard?.look_at ?? [];
  const metrics = [...confusion.metrics].sort((a, b) => look.includes(b.name) - look.includes(a.name)).slice(0, 4);
  const numbers = [[confusion.weighted ? "weight" : "rows", amount(Number(confusion.total))], ["classes", whole(confusion.labels.length)],
    ...metrics.map(({ name, estimate: e }) => [name, e.undefined === undefined ? digits(e.value) : "undefined",
      e.undefined ?? (e.low === undefined ? null : `95 %: ${digits(e.low)} to ${digits(e.high)}`)])];
  return el("dl", { class: "numbers" }, numbers.map(([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value), note ? el("dd", { class: "small" }, note) : null)));
}

function assemble() {
  const page = document.getElementById("page"), c = data.confusion;
  page.append(keyNumbers());
  if (c.guard) page.append(guardBlock(c.guard) ?? "");
  page.append(section("matrix", "Matrix", matrixExplorer(c)));
  page.append(section("metrics", "Metrics", matrixWords(c)));
  const thresholds = [c.roc.length ? rocFigure(c.roc) : null, c.precision_recall.length ? precisionRecallFigure(c.precision_recall) : null,
    ...c.calibration.map(calibrationFigure), c.cost ? costFigure(c.cost) : null].filter(Boolean);
  if (thresholds.length) page.append(section("scores", "Scores and thresholds", el("div", { class: "pair" }, thresholds)));
  if (c.slices.length) page.append(section("slices", "Slices", c.slices.map(slicesTable)));
  if (c.comparison) page.append(section("comparison", "Two models", comparisonBlock(c.comparison)));
  if (data.rows || c.notes.length) {
    page.append(section("account", "Rows and notes", data.rows ? accountTable(data.rows) : null, c.notes.map((note) => el("p", { class: "muted" }, note))));
  }
  document.getElementById("contents").append(el("div", { class: "wide" }, sections.map(([id, name]) => el("a", { href: `#${id}` }, name))));
  drawAll();
}

assemble();
