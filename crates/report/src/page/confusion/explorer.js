// The matrix with its controls, the chosen cell, the order of the classes and the pairs most often confused.

// Up to so many classes the whole matrix has numbers, and there is nothing to look at more closely.
const CLOSEST = 12;

function matrixExplorer(source) {
  const model = matrixModel(source), { k } = model;
  if (!k) return el("p", { class: "muted" }, "No classes.");
  const view = {
    rows: "actual", normalization: "actual", growth: "root", grey: true, order: 0, permutation: source.orders[0].permutation,
    // The worst mistake is what one looks at first.
    window: { row: 0, column: 0, n: k }, chosen: source.most_confused.length ? source.most_confused[0].slice(0, 2) : null,
  };
  let picture = null;
  const chosen = el("div", { class: "chosen-cell", "aria-live": "polite" }, chosenCell(model, view.chosen));
  const order = el("div", { class: "order" });
  const held = (at) => Math.min(Math.max(at, 0), k - view.window.n);
  const places = () => {
    const at = new Map(view.permutation.map((c, i) => [c, i])), [a, p] = view.chosen;
    return view.rows === "actual" ? [at.get(a), at.get(p)] : [at.get(p), at.get(a)];
  };
  // So many classes of each axis, around the chosen cell or the middle of what is seen.
  const zoom = (n) => {
    const { row, column, n: before } = view.window;
    const [r, c] = view.chosen ? places() : [row + before / 2, column + before / 2];
    view.window.n = Math.min(Math.max(Math.round(n), Math.min(CLOSEST, k)), k);
    view.window.row = held(Math.round(r - view.window.n / 2));
    view.window.column = held(Math.round(c - view.window.n / 2));
    node.redraw();
  };
  const choose = (pair) => {
    view.chosen = pair;
    chosen.replaceChildren(chosenCell(model, pair));
    const { row, column, n } = view.window, [r, c] = places();
    if (r >= row && r < row + n && c >= column && c < column + n) return picture?.mark(pair);
    view.window.row = held(Math.round(r - n / 2));
    view.window.column = held(Math.round(c - n / 2));
    // A new picture takes the focus of the old one, so that the next arrow key reaches it.
    const focus = document.activeElement === picture;
    node.redraw();
    if (focus) picture.focus({ preventScroll: true });
  };
  const showOrder = () => {
    const { name, permutation } = source.orders[view.order];
    order.replaceChildren(el("details", {}, el("summary", {}, `Order of the classes: ${name}`),
      copyLine("class indices, from 0", permutation.join(" ")),
      copyLine("labels", JSON.stringify(permutation.map((c) => source.labels[c])))));
  };
  const set = (name) => (value) => {
    view[name] = value;
    node.redraw();
  };
  const button = (name, act) => el("button", { type: "button", class: "wordy", onclick: act }, name);
  const controls = [
    choice("rows", [["actual", "actual"], ["predicted", "predicted"]], view.rows, set("rows")),
    choice("share of", [["actual", "actual class"], ["predicted", "predicted class"], ["all", "all"], ["counts", "none: counts"]], view.normalization, set("normalization")),
    choice("scale", [["root", "square root"], ["linear", "linear"], ["log", "logarithmic"]], view.growth, set("growth")),
    k > 2 ? choice("order", source.orders.map((o, i) => [String(i), o.name]), "0", (value) => {
      view.order = Number(value);
      view.permutation = source.orders[view.order].permutation;
      showOrder();
      node.redraw();
    }) : null,
    toggle("diagonal grey", view.grey, set("grey")),
    k > CLOSEST ? [button("Zoom in", () => zoom(view.window.n / 2)), button("Zoom out", () => zoom(view.window.n * 2)), button("All", () => zoom(k))] : null,
  ];
  const node = figure({
    note: "Each cell: how many rows of one actual class got one predicted class. Grey cells are right, coloured ones are mistakes.",
    controls: controls.flat().filter(Boolean), label: "Confusion matrix",
    draw: (width) => (picture = heatPicture(width, model, view, { choose })),
  });
  darkPage.addEventListener("change", () => node.redraw());
  showOrder();
  return el("div", { class: "matrix-explorer" }, undefinedHatching(), node,
    el("div", { class: "beside" }, el("h3", {}, "Chosen cell"), chosen, confusedPairs(model, choose), k > 2 ? order : null));
}

function undefinedHatching() {
  return svg("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" },
    svg("defs", {}, svg("pattern", { id: "hatch-none", width: 7, height: 7, patternUnits: "userSpaceOnUse" },
      svg("rect", { width: 7, height: 7, class: "none-ground" }), svg("path", { d: "M-1 8L8 -1M-1 1L1 -1M6 8L8 6", class: "none-lines" }))));
}

function confusedPairs(model, choose) {
  const { source, names, margins } = model, pairs = source.most_confused;
  if (!pairs.length) return el("div", {}, el("h3", {}, "Most often confused"), el("p", { class: "muted" }, model.total ? "No mistakes." : "No rows."));
  const row = ([a, p, m]) => el("tr", {},
    el("td", {}, el("button", { type: "button", class: "link", onclick: () => choose([a, p]), title: `actual ${names[a]}, predicted ${names[p]}` }, `${clip(names[a], 24)} → ${clip(names[p], 24)}`)),
    el("td", { class: "number" }, amount(Number(m))), el("td", { class: "number" }, shareText(Number(m) / margins.actual[a])));
  const table = (list) => el("div", { class: "scroll" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, ["actual → predicted", model.source.weighted ? "weight" : "rows", "of the class"].map((t, i) => el("th", { scope: "col", class: i ? "number" : null }, t)))),
    el("tbody", {}, list.map(row))));
  const rest = pairs.slice(8), more = source.more_confused;
  return el("div", {}, el("h3", {}, "Most often confused"), table(pairs.slice(0, 8)),
    rest.length ? el("details", {}, el("summary", {}, `${whole(rest.length)} more${more ? ` (of ${whole(rest.length + more)})` : ""}`), table(rest)) : null);
}
