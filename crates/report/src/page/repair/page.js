// The page from top to bottom: the answer, its proof, how it was found.
const sections = [];

function section(id, name, ...content) {
  sections.push([id, name]);
  return el("section", { id }, el("h2", {}, name), content);
}

function changesList() {
  return el("dl", { class: "changes" }, data.changes.map((change) => [
    el("dt", {}, change.name),
    el("dd", {}, change.why, " ", el("span", { class: "muted" }, `Cost: ${change.cost} (${change.source})`)),
  ]));
}

function pairsTable(pairs) {
  return el("table", { class: "plain" }, el("tbody", {}, pairs.map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function assemble() {
  const page = document.getElementById("page");
  const numbers = proofNumbers();
  if (numbers) page.append(numbers);
  if (data.notes.length) page.append(section("notes", "To know", data.notes.map((note) => el("p", {}, note))));
  if (data.changes.length) page.append(section("changes", "What was changed", changesList()));
  if (data.pairs.length) page.append(section("proof", "Proof", pairsFigure()));
  if (data.sides.some(Boolean)) {
    const both = data.sides.every(Boolean);
    page.append(section("beside", both ? "Before and after" : "The training",
      gradientPair(),
      both ? el("div", { class: "pair" }, ["validation_loss", "validation_accuracy"].map(lossFigure)) : null,
      findingsPair()));
  }
  if (data.runners.length) page.append(section("race", "Race", raceFigure(), triesTable()));
  if (data.skipped.length) page.append(section("skipped", "Could not apply", pairsTable(data.skipped)));
  if (data.spec) page.append(section("spec", "The repaired spec", el("pre", { tabindex: 0 }, data.spec)));
  page.append(section("settings", "How it was done", pairsTable(data.settings)));
  document.getElementById("contents").append(el("div", { class: "wide" }, sections.map(([id, name]) => el("a", { href: `#${id}` }, name))));
  drawAll();
}

assemble();
