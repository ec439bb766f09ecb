// A row for each label: a bar of what is right and wrong, its counts and its scores; sorted by any column, the first ones alone where
// there are many.
const MOST_ROWS = 50;
const SCORES = ["precision", "recall", "F1", "Jaccard"];
const TALLIES = [["right", "given rightly"], ["missed", "missed"], ["wrong", "given wrongly"]];

// The three counts that are of the label, as long as the longest is of `most` rows.
function tallies(counts, most) {
  const part = (n, i) => el("i", { class: `tally-${TALLIES[i][0]}`, style: `width:${most ? ((100 * n) / most).toFixed(2) : 0}%` });
  const words = TALLIES.map(([, name], i) => `${whole(counts[i])} ${name}`).join(", ");
  return el("span", { class: "tallies", role: "img", "aria-label": words, title: words }, counts.map(part));
}

const scoreCells = (scores) => scores.map((e) => el("td", { class: "number" },
  e.undefined === undefined ? estimateText(e) : el("span", { class: "undefined", title: e.undefined }, "undefined")));

function labelTable() {
  const labels = data.labels, total = ({ counts }) => counts[0] + counts[1] + counts[2], most = labels.reduce((most, label) => Math.max(most, total(label)), 0);
  const columns = [
    { name: "label", text: true, of: (l) => seen(l.name), cell: (l) => el("th", { scope: "row" }, seen(l.name)) },
    { name: "rows", of: total, cell: (l) => el("td", {}, tallies(l.counts, most)) },
    ...[["support", (l) => l.counts[0] + l.counts[1]], ["missed", (l) => l.counts[1]], ["given wrongly", (l) => l.counts[2]]].map(([name, of]) =>
      ({ name, of, cell: (l) => el("td", { class: "number" }, whole(of(l))) })),
    ...SCORES.map((name, i) => ({ name, of: (l) => l.scores[i].value ?? null, cell: (l) => scoreCells([l.scores[i]]) })),
  ];
  let sorted = null, falling = false, all = false, search = "";
  const holder = el("div", { class: "scroll" }), more = el("button", { type: "button", class: "wordy", onclick: () => { all = !all; draw(); } });
  const draw = () => {
    let list = labels.filter((l) => seen(l.name).toLowerCase().includes(search));
    const by = columns.find((c) => c.name === sorted), sign = falling ? -1 : 1;
    // What is undefined stands last, whichever way the others are sorted.
    if (by) list.sort((x, y) => {
      const a = by.of(x), b = by.of(y);
      if (a === null || b === null) return (a === null) - (b === null);
      return by.text ? sign * a.localeCompare(b, undefined, { numeric: true }) : sign * (a - b);
    });
    more.hidden = list.length <= MOST_ROWS;
    more.textContent = all ? `Only ${MOST_ROWS}` : `All ${whole(list.length)}`;
    if (!all) list = list.slice(0, MOST_ROWS);
    const head = ({ name, text }) => el("th", { scope: "col", class: text || name === "rows" ? null : "number", "aria-sort": name === sorted ? (falling ? "descending" : "ascending") : "none" },
      el("button", { type: "button", class: "link", title: `Sort by ${name}`, onclick: () => { falling = sorted === name ? !falling : false; sorted = name; draw(); } },
        name, name === sorted ? (falling ? " ↓" : " ↑") : ""));
    holder.replaceChildren(el("table", { class: "plain classes labels" }, el("thead", {}, el("tr", {}, columns.map(head))),
      el("tbody", {}, list.map((l) => el("tr", {}, columns.map((c) => c.cell(l)))))));
  };
  draw();
  return el("div", {},
    el("div", { class: "controls" }, key(TALLIES.map(([kind, name]) => ({ name, colour: `var(--${{ right: "right", missed: "hot", wrong: "purple" }[kind]})` }))),
      labels.length > MOST_ROWS ? el("label", {}, "find", el("input", { type: "search", oninput: (event) => { search = event.target.value.toLowerCase(); draw(); } })) : null),
    holder, more);
}

const AVERAGES = {
  micro: "over all pairs of a row and a label", macro: "over labels, each the same", weighted: "over labels, by support", samples: "over rows",
};

function averageTable() {
  return el("div", { class: "scroll" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, ["", ...SCORES].map((name, i) => el("th", { scope: "col", class: i ? "number" : null }, name)))),
    el("tbody", {}, data.averages.map(([name, scores]) => el("tr", {}, el("th", { scope: "row" }, name, el("small", {}, AVERAGES[name])), scoreCells(scores))))));
}
