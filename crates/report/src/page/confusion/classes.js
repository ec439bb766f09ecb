// A row for each class, sorted by any column; the first ones alone where there are many.
const MOST_ROWS = 50;
const MOST_COLUMNS = 4;

function classTable(source) {
  const names = source.labels.map(seen), k = names.length, metrics = source.class_metrics;
  const columns = [
    { name: "class", of: (c) => names[c], text: true }, { name: source.weighted ? "actual weight" : "actual rows", of: (c) => Number(source.actual[c]) },
    { name: source.weighted ? "predicted weight" : "predicted rows", of: (c) => Number(source.predicted[c]) },
  ];
  let shown = metrics.slice(0, MOST_COLUMNS), sorted = null, falling = false, all = false, search = "";
  const estimate = (m, c) => (typeof m.value[c] === "number" ? { value: m.value[c], low: m.low[c] ?? undefined, high: m.high[c] ?? undefined } : { undefined: m.value[c] });
  const everyColumn = () => [...columns, ...shown.map((m) => ({ name: m.name, metric: m, of: (c) => (typeof m.value[c] === "number" ? m.value[c] : null) }))];
  const holder = el("div", { class: "scroll" }), more = el("button", { type: "button", class: "wordy", onclick: () => { all = !all; draw(); } });
  const draw = () => {
    const heads = everyColumn(), by = heads.find((h) => h.name === sorted);
    let classes = [...names.keys()];
    if (search) classes = classes.filter((c) => names[c].toLowerCase().includes(search));
    if (by) {
      const sign = falling ? -1 : 1;
      // What is undefined stands last, whichever way the others are sorted.
      classes.sort((x, y) => {
        const a = by.of(x), b = by.of(y);
        if (a === null || b === null) return (a === null) - (b === null) || x - y;
        return (by.text ? sign * a.localeCompare(b, undefined, { numeric: true }) : sign * (a - b)) || x - y;
      });
    }
    const list = all ? classes : classes.slice(0, MOST_ROWS);
    const head = (h) => el("th", { scope: "col", class: h.text ? null : "number", "aria-sort": h.name === sorted ? (falling ? "descending" : "ascending") : "none" },
      el("button", { type: "button", class: "link", title: h.metric?.formula || `Sort by ${h.name}`, onclick: () => { falling = sorted === h.name ? !falling : false; sorted = h.name; draw(); } },
        h.name, h.name === sorted ? (falling ? " ↓" : " ↑") : ""));
    holder.replaceChildren(el("table", { class: "plain classes" }, el("thead", {}, el("tr", {}, heads.map(head))),
      el("tbody", {}, list.map((c) => el("tr", {}, heads.map((h) => h.text ? el("th", { scope: "row" }, names[c])
        : el("td", { class: "number" }, h.metric ? estimateText(estimate(h.metric, c)) : amount(h.of(c)))))))));
    more.hidden = classes.length <= MOST_ROWS;
    more.textContent = all ? `Only ${MOST_ROWS}` : `All ${whole(classes.length)}`;
  };
  const controls = [
    k > MOST_ROWS ? el("label", {}, "find", el("input", { type: "search", oninput: (event) => { search = event.target.value.toLowerCase(); draw(); } })) : null,
    metrics.length > MOST_COLUMNS ? choice("last column", metrics.slice(MOST_COLUMNS - 1).map((m) => [m.name, m.name]), metrics[MOST_COLUMNS - 1].name, (name) => {
      shown = [...metrics.slice(0, MOST_COLUMNS - 1), metrics.find((m) => m.name === name)];
      draw();
    }) : null,
  ].filter(Boolean);
  draw();
  return el("div", {}, controls.length ? el("div", { class: "controls" }, controls) : null, holder, more);
}
