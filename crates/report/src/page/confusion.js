// The confusion matrix: rows actual, columns predicted; a table while it can be read, a picture beyond.
const MOST_TABLE = 24;

// A proportion with its interval, or why there is none.
function estimate(e) {
  if (e.undefined !== undefined) return el("span", { class: "undefined", title: e.undefined }, `undefined: ${e.undefined}`);
  const value = el("span", {}, e.value.toFixed(3));
  return e.low === undefined ? value : el("span", {}, value, el("small", {}, ` ${minus(e.low.toFixed(3))} to ${minus(e.high.toFixed(3))}`));
}

function confusionCells() {
  const k = data.confusion.labels.length;
  const cells = Array.from({ length: k }, () => new Array(k).fill(0));
  for (const [i, j, n] of data.confusion.cells) cells[i][j] = n;
  return cells;
}

// How much colour a cell gets, from 0 to 1. Of mistakes the square root, so that the rare ones are seen.
function heat(cells, mode) {
  const { classes } = data.confusion;
  const share = (i, j) => (classes[i].actual ? cells[i][j] / classes[i].actual : 0);
  let worst = 0;
  cells.forEach((row, i) => row.forEach((_, j) => { if (i !== j) worst = Math.max(worst, share(i, j)); }));
  return (i, j) => (mode === "share" ? share(i, j) : i === j ? share(i, j) : worst ? Math.sqrt(share(i, j) / worst) : 0);
}

function confusionTable(mode) {
  const { labels, classes, total } = data.confusion, cells = confusionCells(), amount = heat(cells, mode);
  const room = labels.length > 12 ? 9 : 16;
  const head = el("tr", {}, el("td", { class: "corner" }, el("span", {}, "actual ↓")),
    labels.map((l) => el("th", { scope: "col", title: l }, clip(l, room))), el("th", { scope: "col", class: "total" }, "total"),
    el("th", { scope: "col", class: "total" }, "recall"));
  const line = (i) => el("tr", {}, el("th", { scope: "row", title: labels[i] }, clip(labels[i], 22)),
    cells[i].map((n, j) => {
      const colour = i === j && mode === "mistakes" ? "var(--right)" : i === j ? "var(--blue)" : "var(--hot)";
      const strength = Math.round(amount(i, j) * (i === j && mode === "mistakes" ? 26 : 78));
      return el("td", {
        class: i === j ? "diagonal" : n ? "" : "none",
        style: strength ? `background:color-mix(in srgb, ${colour} ${Math.max(strength, 5)}%, transparent)` : "",
        title: `actual ${labels[i]}, predicted ${labels[j]}: ${n} of ${classes[i].actual}`,
      }, n ? el("b", {}, whole(n)) : "·", n ? el("small", {}, percent(n / classes[i].actual, labels.length > 12 ? 0 : 1)) : null);
    }),
    el("td", { class: "total" }, whole(classes[i].actual)), el("td", { class: "total" }, estimateShort(classes[i].recall)));
  const foot = [
    el("tr", {}, el("th", { scope: "row", class: "total" }, "total"), classes.map((c) => el("td", { class: "total" }, whole(c.predicted))),
      el("td", { class: "total" }, whole(total)), el("td", { class: "total" })),
    el("tr", {}, el("th", { scope: "row", class: "total" }, "precision"), classes.map((c) => el("td", { class: "total" }, estimateShort(c.precision))),
      el("td", { class: "total" }), el("td", { class: "total" })),
  ];
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    el("table", { class: "matrix" },
      el("thead", {}, el("tr", {}, el("td", {}), el("th", { colspan: labels.length, class: "axisname" }, "predicted →"), el("td", { colspan: 2 })), head),
      el("tbody", {}, labels.map((_, i) => line(i))), el("tfoot", {}, foot)));
}

const estimateShort = (e) => (e.undefined === undefined ? percent(e.value) : el("span", { title: e.undefined }, "–"));

// Many classes: one square a cell, read with the pointer.
function confusionPicture(width, mode) {
  const { labels, classes } = data.confusion, cells = confusionCells(), k = labels.length, amount = heat(cells, mode);
  const room = Math.max(4, Math.min(18, Math.floor(width / 40))), left = 12 + Math.max(...labels.map((l) => textWidth(clip(l, room)))), top = 84, bottom = 34;
  const size = Math.min(width - left - 12, 760), cell = size / k;
  const image = document.createElement("canvas");
  image.width = image.height = k;
  const pen = image.getContext("2d"), pixels = pen.createImageData(k, k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      if (!cells[i][j]) continue;
      const right = mode === "mistakes" && i === j;
      pixels.data.set(right ? [128, 138, 146, 60 + 195 * amount(i, j)] : [...viridis(0.05 + 0.95 * amount(i, j)), 255], 4 * (i * k + j));
    }
  }
  pen.putImageData(pixels, 0, 0);
  const body = svg("g", { transform: `translate(${left} ${top})` });
  body.append(svg("rect", { class: "empty", width: size, height: size }),
    svg("image", { href: image.toDataURL(), width: size, height: size, preserveAspectRatio: "none", class: "pixels" }));
  const every = Math.max(1, Math.ceil(14 / cell));
  labels.forEach((label, i) => {
    if (i % every) return;
    const at = (i + 0.5) * cell;
    body.append(svg("text", { class: "tick", x: -6, y: at + 4, "text-anchor": "end" }, clip(label, room)),
      svg("text", { class: "tick", transform: `translate(${at + 4} -6) rotate(-60)` }, clip(label, 8)));
  });
  body.append(svg("text", { class: "axisname", x: -6, y: -8, "text-anchor": "end" }, "actual ↓"),
    svg("text", { class: "axisname", x: 0, y: 12 - top }, "predicted →"),
    svg("text", { class: "tick", x: 0, y: size + 20 }, mode === "mistakes"
      ? "Colour: share of the row that is mistaken, brightest the worst. Grey: right. Empty: none."
      : "Colour: share of the row. Empty: none."));
  const node = svg("svg", { viewBox: `0 0 ${width} ${size + top + bottom}`, width, height: size + top + bottom, role: "img" }, body);
  node.addEventListener("pointermove", (event) => {
    const box = node.getBoundingClientRect(), scale = box.width / width;
    const i = Math.floor(((event.clientY - box.top) / scale - top) / cell), j = Math.floor(((event.clientX - box.left) / scale - left) / cell);
    if (!(i >= 0 && i < k && j >= 0 && j < k)) return hideTip();
    showTip([`actual ${labels[i]}`, `predicted ${labels[j]}`,
      `${whole(cells[i][j])} of ${whole(classes[i].actual)}${classes[i].actual ? ` (${percent(cells[i][j] / classes[i].actual)})` : ""}`],
    event.clientX, event.clientY);
  });
  node.addEventListener("pointerleave", hideTip);
  return node;
}

function confusionFigure() {
  let mode = "mistakes";
  const small = data.confusion.labels.length <= MOST_TABLE;
  const node = figure({
    note: "Rows are the actual class, columns the predicted one; each cell has its count and its share of the row.",
    controls: [choice("colour", [["mistakes", "mistakes"], ["share", "share of the row"]], mode, (value) => { mode = value; node.redraw(); })],
    label: "Confusion matrix",
    draw: (width) => (small ? confusionTable(mode) : confusionPicture(width, mode)),
  });
  return node;
}

const METRIC_NOTES = {
  accuracy: "share of rows predicted right",
  balanced_accuracy: "mean recall of the classes",
  no_information_rate: "what always answering the most frequent class scores",
  mcc: "Matthews' correlation between actual and predicted",
};

function confusionWords() {
  const { metrics, most_confused, labels, classes } = data.confusion;
  const pairs = most_confused.map(([i, j, n]) => el("tr", {}, el("td", {}, labels[i]), el("td", {}, labels[j]),
    el("td", { class: "number" }, whole(n)), el("td", { class: "number" }, percent(n / classes[i].actual))));
  const head = (...names) => el("thead", {}, el("tr", {}, names.map((n) => el("th", { scope: "col" }, n))));
  const perClass = el("div", { class: "scroll" }, el("table", { class: "plain" }, head("class", "rows", "precision", "recall", "F1"),
    el("tbody", {}, classes.map((c, i) => el("tr", {}, el("th", { scope: "row" }, labels[i]), el("td", { class: "number" }, whole(c.actual)),
      el("td", {}, estimate(c.precision)), el("td", {}, estimate(c.recall)), el("td", {}, estimate(c.f1)))))));
  return el("div", { class: "columns" },
    el("div", {}, el("h3", {}, "Metrics, with 95 % intervals"),
      el("table", { class: "plain" }, el("tbody", {}, Object.entries(metrics).map(([name, e]) => el("tr", {},
        el("th", { scope: "row" }, name === "mcc" ? "MCC" : title(name), el("small", {}, METRIC_NOTES[name])), el("td", {}, estimate(e))))))),
    el("div", {}, el("h3", {}, "Most often confused"),
      pairs.length ? el("div", { class: "scroll" }, el("table", { class: "plain" }, head("actual", "taken for", "rows", "of the class"), el("tbody", {}, pairs)))
        : el("p", { class: "muted" }, "No mistakes.")),
    el("details", { class: "all" }, el("summary", {}, `Every class (${labels.length})`), perClass));
}
