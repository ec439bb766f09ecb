// The page from top to bottom: what it says first is what the reader most needs.
const sections = [];

function section(id, name, ...content) {
  sections.push([id, name]);
  return el("section", { id }, el("h2", {}, name), content);
}

function assemble() {
  const page = document.getElementById("page");
  page.append(hatchings(), keyNumbers());
  page.append(section("findings", "Findings", data.findings.length
    ? data.findings.map(findingCard)
    : el("p", { class: "muted" }, "None. No rule found anything wrong.")));
  const groups = curveGroups();
  if (groups.size) {
    // The loss over the whole width, the others side by side below it.
    const [first, ...others] = [...groups].sort(([a], [b]) => (b === "loss") - (a === "loss"));
    page.append(section("curves", "Learning curves", curveFigure(...first),
      others.length ? el("div", { class: "pair" }, others.map((group) => curveFigure(...group))) : null));
  }
  if (phases.length) page.append(section("levels", "Levels", levelsTable()));
  if (data.grids.length) page.append(section("flow", "Gradient flow", flowFigure()));
  if (data.lags.length) page.append(section("time", "Gradient through time", lagFigure()));
  if (data.ratios) page.append(section("updates", "Updates against weights", ratioFigure(), ratioLayersFigure()));
  if (data.units) page.append(section("units", "Units that do not respond", unitsRespond()
    ? el("p", { class: "muted" }, "None: at every step that was watched, every unit responded and none stood at a bound.") : unitFigure()));
  if (data.exponents.length) page.append(section("exponents", "Sizes of the values", exponentFigure()));
  if (data.confusion) page.append(section("confusion", "Confusion matrix", matrixExplorer(data.confusion), matrixWords(data.confusion)));
  page.append(section("network", "Network", networkTable()));
  page.append(section("run", "Run",
    el("div", { class: "columns" }, el("div", {}, el("h3", {}, "Environment"), environment()),
      el("div", {}, el("h3", {}, "Rows"), rowsTable()),
      data.held_out.length ? el("div", {}, el("h3", {}, "Held-out metrics"), pairsTable(data.held_out.map(([n, v]) => [words(n), short(v)]))) : null),
    el("details", { class: "all", open: true }, el("summary", {}, "Spec"), el("pre", { tabindex: "0" }, data.spec))));
  document.getElementById("contents").append(el("div", { class: "wide" }, sections.map(([id, name]) => el("a", { href: `#${id}` }, name))));
  drawAll();
}

assemble();
