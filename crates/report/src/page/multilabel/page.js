// The page of rows with any number of labels: the guard's answer, averages, every label, and where the rows went.
const sections = [];

function section(id, name, ...content) {
  sections.push([id, name]);
  return el("section", { id }, el("h2", {}, name), content);
}

function keyNumbers() {
  const sure = `${short(data.level * 100)} %`;
  const estimate = (name, e) => [name, e.undefined === undefined ? digits(e.value) : "undefined",
    e.undefined ?? (e.low === undefined ? null : `${sure}: ${digits(e.low)} to ${digits(e.high)}`)];
  const perRow = data.labels_per_row;
  const numbers = [["labels", whole(data.labels.length)],
    perRow ? ["labels of a row", digits(perRow[0]), `${digits(perRow[1])} are given`] : null,
    estimate("subset accuracy", data.subset_accuracy), estimate("Hamming loss", data.hamming_loss)].filter(Boolean);
  return el("dl", { class: "numbers" }, numbers.map(([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value), note ? el("dd", { class: "small" }, note) : null)));
}

function assemble() {
  const page = document.getElementById("page"), intervals = `with ${short(data.level * 100)} % intervals`;
  page.append(keyNumbers(), guardBlock(data.guard) ?? "");
  page.append(section("averages", `Averages, ${intervals}`, averageTable()));
  page.append(section("labels", `Labels, ${intervals}`, labelTable()));
  page.append(section("account", "Rows and notes", accountTable(data.rows), data.notes.map((note) => el("p", { class: "muted" }, note))));
  document.getElementById("contents").append(el("div", { class: "wide" }, sections.map(([id, name]) => el("a", { href: `#${id}` }, name))));
  drawAll();
}

assemble();
