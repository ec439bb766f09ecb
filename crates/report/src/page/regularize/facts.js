// Tables: what stays, what choosing cost and saves, how it was fitted.

function brief(seconds) {
  const s = Number(seconds);
  return s < 1e-3 ? `${short(Number((s * 1e6).toPrecision(3)))} µs` : s < 1 ? `${short(Number((s * 1e3).toPrecision(3)))} ms` : duration(s);
}

function selectedTable() {
  if (!data.selected.length) return el("p", { class: "muted" }, "No feature stays: the mean predicts as well.");
  const most = Math.max(...data.selected.map((s) => Math.abs(s.standardized)));
  // From the middle to the right what raises the target, to the left what lowers it.
  const bar = (value) => {
    const length = most > 0 ? (50 * Math.abs(value)) / most : 0;
    const [start, colour] = value < 0 ? [50 - length, "var(--orange)"] : [50, "var(--blue)"];
    return el("td", { class: "strength" }, el("span", { style: `left:${start}%;width:${length}%;background:${colour}` }));
  };
  const rows = data.selected.map((s) => el("tr", {},
    el("th", { scope: "row" }, s.name), el("td", { class: "number" }, short(s.coefficient)),
    el("td", { class: "number" }, short(s.standardized)), bar(s.standardized),
    data.stability ? el("td", { class: "number" }, s.stability === null ? "–" : percent(s.stability, 0)) : null));
  const heads = [["feature"], ["coefficient", "number"], ["per standard deviation", "number"], ["− 0 +", "middle"],
    ...(data.stability ? [["chosen again in", "number"]] : [])];
  return el("div", { class: "scroll" }, el("table", { class: "plain network" },
    el("thead", {}, el("tr", {}, heads.map(([text, role]) => el("th", { scope: "col", class: role }, text)))),
    el("tbody", {}, rows)));
}

function pairsTable(pairs) {
  return el("table", { class: "plain" }, el("tbody", {}, pairs.map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function breakEven() {
  const b = data.break_even;
  const row = (name, [all, kept], times, what) => el("tr", {},
    el("th", { scope: "row" }, name), el("td", { class: "number" }, brief(all)), el("td", { class: "number" }, brief(kept)),
    el("td", { class: "number" }, kept > 0 ? `${short(Number((all / kept).toPrecision(3)))} ×` : "–"),
    el("td", { class: "number" }, times === null ? "never: not faster" : `${whole(times)} ${what}`));
  return el("div", {},
    el("p", { style: "margin-bottom:0.8rem" }, `L1 costs more to fit, and leaves less to fit. On these rows, choosing among ${plural(data.features, "feature")} took ${brief(b.choosing)}; ${plural(data.kept, "feature")} ${data.kept === 1 ? "stays" : "stay"}.`),
    el("div", { class: "scroll" }, el("table", { class: "plain network" },
      el("thead", {}, el("tr", {}, ["", "all features", "those that stay", "faster", "has paid after"].map((t, i) =>
        el("th", { scope: "col", class: i ? "number" : null }, t)))),
      el("tbody", {}, row("a later fit", b.fit, b.fits, "fits"),
        row(`a prediction of ${plural(b.rows, "row")}`, b.predict, b.predictions, "predictions")))));
}
