// Metrics of the whole matrix: value, interval, formula, and where they are better.

const DIRECTIONS = { higher: ["↑", "higher is better"], lower: ["↓", "lower is better"], none: ["", "neither higher nor lower is better"] };

const digits = (v) => (Math.abs(v) < 1000 && (Math.abs(v) >= 0.001 || v === 0) ? minus(v.toFixed(3)) : short(v));

// A value with its interval, or why there is none.
function estimateText(e) {
  if (e.undefined !== undefined) return el("span", { class: "undefined" }, `undefined: ${e.undefined}`);
  const value = el("span", {}, digits(e.value));
  return e.low === undefined ? value : el("span", {}, value, el("small", {}, ` ${digits(e.low)} to ${digits(e.high)}`));
}

// The interval as a strip between 0 and 1, or −1 and 1; nothing where the metric lives elsewhere.
function strip(e) {
  if (e.undefined !== undefined || e.low === undefined) return null;
  const from = e.low < 0 ? -1 : 0;
  if (e.low < -1 || e.high > 1) return null;
  const at = (v) => `${(((v - from) / (1 - from)) * 100).toFixed(1)}%`;
  return el("span", { class: "strip", "aria-hidden": "true" },
    el("i", { style: `left:${at(e.low)};right:calc(100% - ${at(e.high)})` }), el("b", { style: `left:${at(e.value)}` }));
}

function metricsTable(metrics, lookAt = []) {
  return el("div", { class: "scroll" }, el("table", { class: "plain metrics" }, el("tbody", {}, metrics.map((m) => {
    const [sign, words] = DIRECTIONS[m.direction];
    return el("tr", { class: lookAt.includes(m.name) ? "look" : null },
      el("th", { scope: "row" }, m.name, sign ? el("abbr", { title: words }, ` ${sign}`) : null, m.formula ? el("small", {}, m.formula) : null),
      el("td", {}, estimateText(m.estimate)), el("td", { class: "strips" }, strip(m.estimate)));
  }))));
}

const MOST_METRICS = 12;

function matrixWords(source) {
  const look = source.guard?.look_at ?? [], first = source.metrics.filter((m) => look.includes(m.name));
  const metrics = [...first, ...source.metrics.filter((m) => !look.includes(m.name))], rest = metrics.slice(MOST_METRICS);
  return el("div", {},
    metrics.length ? el("div", { class: "metric-block" }, el("h3", {}, "Whole matrix, with 95 % intervals"), metricsTable(metrics.slice(0, MOST_METRICS), look),
      rest.length ? el("details", {}, el("summary", {}, `${whole(rest.length)} more`), metricsTable(rest)) : null) : null,
    el("h3", { class: "next" }, "Each class against all others"), classTable(source));
}
