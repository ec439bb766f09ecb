// A tensor's values by binary exponent, with what each floating-point format would lose of them.

// The smallest magnitudes that do not round to zero (half the smallest subnormal), the smallest normal ones, and the
// largest, as exponents of two: IEEE 754 binary16 and binary32, and bfloat16, which has binary32's exponents.
const FORMATS = [
  { name: "f16", lost: -25, normal: -14, top: 15, colour: "var(--red)" },
  { name: "bf16", lost: -134, normal: -126, top: 127, colour: "var(--purple)" },
  { name: "f32", lost: -150, normal: -126, top: 127, colour: "var(--orange)" },
];

function shareLost(h, format) {
  const nonzero = h.counts.reduce((s, n) => s + n, 0);
  const below = h.counts.reduce((s, n, i) => s + (h.first + i < format.lost ? n : 0), 0);
  return nonzero ? below / nonzero : 0;
}

function exponentPicture(width, entry, index, height = 270) {
  const h = entry.at[index];
  const all = entry.at.filter((o) => o.counts.length);
  const first = Math.min(...all.map((o) => o.first), -27), last = Math.max(...all.map((o) => o.first + o.counts.length), 2);
  const nonzero = h.counts.reduce((s, n) => s + n, 0);
  const share = (n) => (nonzero ? n / nonzero : 0);
  const highest = Math.max(0.05, ...all.map((o) => Math.max(...o.counts) / o.counts.reduce((s, n) => s + n, 0)));
  const f = frame(width, height, {
    domain: [first - 1, last + 1], label: "size of the value", format: (e) => `2${raised(e)}`,
    ticks: ticks(first, last, Math.max(3, Math.round(width / 90))).map(Math.round),
  }, { domain: [0, highest * 1.18], label: "share of the values that are not zero", format: (v) => percent(v, 0) });
  const { X, Y, inner } = f;
  for (const format of FORMATS) {
    if (format.lost < first) continue;
    const at = X(format.lost);
    f.plot.append(svg("rect", { class: "lost", x: 0, width: Math.max(at, 0), y: 0, height: inner.height }));
  }
  h.counts.forEach((n, i) => {
    if (!n) return;
    const e = h.first + i;
    const lost = e < FORMATS[0].lost ? " gone" : e < FORMATS[0].normal ? " rough" : "";
    const bar = svg("rect", {
      class: `bar${lost}`, x: X(e) + 0.5, width: Math.max(X(e + 1) - X(e) - 1, 1), y: Math.min(Y(share(n)), inner.height - 1),
      height: Math.max(inner.height - Y(share(n)), 1),
    });
    bar.addEventListener("pointermove", (event) => showTip([
      `2${raised(e)} to 2${raised(e + 1)}`, `${plural(n, "value")}, ${percent(share(n))}`,
    ], event.clientX, event.clientY));
    bar.addEventListener("pointerleave", hideTip);
    f.plot.append(bar);
  });
  const limits = [["f16: below is zero", FORMATS[0].lost], ["f16: below is imprecise", FORMATS[0].normal],
    ["bf16: below is zero", FORMATS[1].lost], ["f32: below is zero", FORMATS[2].lost], ["f16: above is infinite", 16]];
  limits.filter(([, e]) => e > first && e < last).forEach(([text, e], i) => {
    const end = X(e) > inner.width * 0.55;
    f.plot.append(svg("line", { class: "mark", x1: X(e), x2: X(e), y1: 0, y2: inner.height }));
    f.above.append(svg("text", { class: "note halo", x: X(e) + (end ? -4 : 4), y: 11 + 14 * (i % 3), "text-anchor": end ? "end" : "start" }, text));
  });
  return f.node;
}

function exponentWords(entry, index) {
  const h = entry.at[index];
  const parts = [`${plural(h.count, "value")}`];
  if (h.zeros) parts.push(`${whole(h.zeros)} exactly zero (${percent(h.zeros / h.count)})`);
  if (h.nan) parts.push(`${whole(h.nan)} NaN`);
  if (h.infinite) parts.push(`${whole(h.infinite)} infinite`);
  const lost = FORMATS.map((f) => `${f.name} ${percent(shareLost(h, f))}`).join(", ");
  return el("p", { class: "reading" }, `${parts.join(", ")}. Of those that are not zero would round to zero: ${lost}.`);
}

function exponentFigure() {
  const kinds = [...new Set(data.exponents.map((h) => h.kind))];
  let kind = kinds[0], of = data.exponents.filter((h) => h.kind === kind), entry = of[0], at = entry.at.length - 1;
  const tensors = el("select", { onchange: () => { entry = of[Number(tensors.value)]; restart(); } });
  const fill = () => tensors.replaceChildren(...of.map((h, i) => el("option", { value: i }, h.tensor)));
  fill();
  const steps = stepper(entry.at.map((h) => h.step), at, (index) => { at = index; node.redraw(); });
  const restart = () => {
    at = entry.at.length - 1;
    steps.steps(entry.at.map((h) => h.step), at);
    node.redraw();
  };
  const kindChoice = choice("of", kinds.map((k) => [k, KINDS[k]]), kind, (value) => {
    const name = entry.tensor;
    kind = value;
    of = data.exponents.filter((h) => h.kind === kind);
    entry = of.find((h) => h.tensor === name) ?? of[0];
    fill();
    tensors.value = of.indexOf(entry);
    restart();
  });
  const node = figure({
    note: "Every value by its power of two. Bars turn orange where f16 keeps fewer digits and red where it would make them zero.",
    controls: [kindChoice, el("label", {}, "tensor", tensors), steps],
    label: "Histogram of binary exponents",
    draw: (width) => el("div", {}, exponentPicture(width, entry, at), exponentWords(entry, at)),
  });
  return node;
}
