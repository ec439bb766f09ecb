// Slices of the rows, and two models on the same rows.

const pText = (p) => (p < 0.0001 ? "< 0.0001" : p < 0.001 ? p.toFixed(4) : p.toFixed(3));

function slicesTable({ column, metrics, slices, method }) {
  const heads = [column, "rows", ...metrics, "adjusted p", ""];
  const number = (i) => (i > 0 && i < heads.length - 1 ? "number" : null);
  return el("div", { class: "slices" }, el("h3", {}, seen(column)), method ? el("p", { class: "muted" }, method) : null,
    el("div", { class: "scroll" }, el("table", { class: "plain" },
      el("thead", {}, el("tr", {}, heads.map((h, i) => el("th", { scope: "col", class: number(i) }, seen(h === "" ? " " : h))))),
      el("tbody", {}, slices.map((s) => el("tr", { class: s.differs ? "look" : null }, el("th", { scope: "row" }, seen(s.value)), el("td", { class: "number" }, whole(s.rows)),
        s.estimates.map((e) => el("td", { class: "number" }, estimateText(e))),
        el("td", { class: "number" }, s.adjusted_p === null ? "–" : pText(s.adjusted_p)), el("td", {}, s.differs ? "differs" : "")))))));
}

function comparisonBlock(comparison) {
  const [first, second] = comparison.names.map(seen), c = comparison;
  const cell = (n) => el("td", { class: "number" }, whole(n));
  const both = el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col" }, `${second} right`), el("th", { scope: "col" }, `${second} wrong`))),
    el("tbody", {}, el("tr", {}, el("th", { scope: "row" }, `${first} right`), cell(c.both_right), cell(c.first_right)),
      el("tr", {}, el("th", { scope: "row" }, `${first} wrong`), cell(c.second_right), cell(c.neither_right))));
  const tests = c.tests.length ? el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, ["test", "p"].map((t, i) => el("th", { scope: "col", class: i ? "number" : null }, t)))),
    el("tbody", {}, c.tests.map((t) => el("tr", {}, el("th", { scope: "row" }, t.name, t.hypothesis ? el("small", {}, `assumed: ${t.hypothesis}`) : null),
      el("td", { class: "number" }, t.p_value.undefined === undefined ? pText(t.p_value.value) : estimateText(t.p_value)))))) : null;
  const differences = c.differences.length ? el("div", { class: "scroll all" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, ["metric", first, second, "difference"].map((t, i) => el("th", { scope: "col", class: i ? "number" : null }, t)))),
    el("tbody", {}, c.differences.map((d) => el("tr", {}, el("th", { scope: "row" }, d.metric, el("abbr", { title: DIRECTIONS[d.direction][1] }, ` ${DIRECTIONS[d.direction][0]}`)),
      [d.first, d.second, d.difference].map((e) => el("td", { class: "number" }, estimateText(e)))))))) : null;
  return el("div", {}, el("p", { style: "margin-bottom:1rem" }, c.sentence), el("div", { class: "columns" },
    el("div", {}, el("h3", {}, "Rows"), el("div", { class: "scroll" }, both)), tests ? el("div", {}, el("h3", {}, "Tests"), el("div", { class: "scroll" }, tests)) : null,
    differences ? el("div", { class: "all" }, el("h3", {}, "Differences, first less second"), differences) : null));
}
