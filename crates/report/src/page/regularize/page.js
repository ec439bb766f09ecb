// The page from top to bottom: the answer, the pictures behind it, what it cost.
const sections = [];

function section(id, name, ...content) {
  sections.push([id, name]);
  return el("section", { id }, el("h2", {}, name), content);
}

function keyNumbers() {
  const { error, chosen } = data;
  const numbers = [["features that stay", `${whole(data.kept)} of ${whole(data.features)}`]];
  if (error && chosen < error.values.length) {
    numbers.push([error.measure, short(error.values[chosen]), `± ${short(error.standard_errors[chosen])}`]);
  }
  if (data.accuracy) {
    const [value, low, high] = data.accuracy;
    numbers.push(["held-out rows in the right class", percent(value, 1), `95 %: ${percent(low, 1)} to ${percent(high, 1)}`]);
  }
  numbers.push(["lambda", fromLog(data.lambdas[chosen])]);
  return el("dl", { class: "numbers" }, numbers.map(([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value), note ? el("dd", { class: "small" }, note) : null)));
}

function assemble() {
  const page = document.getElementById("page");
  page.append(keyNumbers());
  if (data.notes.length) {
    page.append(section("notes", "To know", data.notes.map((note) => el("p", { class: /^NOT/.test(note) ? "alarm" : null }, note))));
  }
  page.append(section("features", "Features that stay", selectedTable()));
  page.append(section("path", "Path", pathFigure(), data.error ? errorFigure() : null));
  if (data.stability && data.stability.length) page.append(section("stability", "Stability", stabilityFigure()));
  if (data.beside) {
    const { l1, l2 } = data.beside;
    page.append(section("beside", "L1 beside L2",
      el("div", { class: "pair" }, halfFigure(l1, "L1", "var(--orange)"), halfFigure(l2, "L2", "var(--blue)"))));
  }
  if (data.geometry) {
    page.append(section("geometry", "Why L1 leaves zeros",
      el("p", { class: "muted", style: "margin-bottom:1rem" }, `The two strongest features, per standard deviation${data.geometry.class === null ? "" : `, for ${data.geometry.class} against all other classes`}. Along each ellipse the loss is the same; inside the green region is what the penalty's budget allows.`),
      geometryPair()));
  }
  if (data.break_even) page.append(section("pays", "Does it pay?", breakEven()));
  page.append(section("fit", "Fit", pairsTable(data.settings)));
  document.getElementById("contents").append(el("div", { class: "wide" }, sections.map(([id, name]) => el("a", { href: `#${id}` }, name))));
  drawAll();
}

assemble();
