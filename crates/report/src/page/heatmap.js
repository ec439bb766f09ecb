// Layers by steps as colours. The cells are one small image, stretched; what cannot be coloured is hatched over it.

// `rows`: names; `columns`: steps; `cells[row][column]`: a number, null, "NaN", "Infinity" or "-Infinity".
// `domain`: the values of the colours' two ends; `at`: the column to mark; `pick(column)`: a click or key chose it.
function heatmap(width, { rows, columns, cells, domain, legend, read, at, pick, detail, format = roughly }) {
  const rowHeight = Math.min(Math.max(380 / rows.length, 2.5), rows.length < 8 ? 36 : 22);
  const room = Math.max(6, Math.min(24, Math.floor(width / 30)));
  const every = Math.max(1, Math.ceil(14 / rowHeight));
  const longest = Math.max(...rows.filter((_, i) => i % every === 0).map((r) => textWidth(clip(r, room))));
  const kinds = oddKinds(cells);
  const left = 10 + longest, right = 12, bottom = 38;
  const top = (kinds.size && width < 560 ? 62 : 46) + (phases.length ? 12 : 0);
  // A single step is not stretched over the whole page.
  const inner = Math.min(Math.max(width - left - right, 60), columns.length * 48), height = rowHeight * rows.length;
  const cell = inner / columns.length;
  const node = svg("svg", {
    viewBox: `0 0 ${width} ${height + top + bottom}`, width, height: height + top + bottom, role: "img", tabindex: "0",
    class: "heatmap",
  });
  const body = svg("g", { transform: `translate(${left} ${top})` });
  node.append(body);
  const image = document.createElement("canvas");
  image.width = columns.length;
  image.height = rows.length;
  const pen = image.getContext("2d");
  const pixels = pen.createImageData(columns.length, rows.length);
  const span = domain[1] - domain[0] || 1;
  const hatches = svg("g", {});
  cells.forEach((line, r) => {
    let run = null;
    for (let c = 0; c <= line.length; c++) {
      const raw = line[c], value = raw === null || raw === undefined ? undefined : Number(raw);
      if (Number.isFinite(value)) {
        pixels.data.set([...viridis((value - domain[0]) / span), 255], 4 * (r * columns.length + c));
      }
      const kind = oddKind(raw);
      if (kind !== (run?.kind ?? null)) {
        if (run) {
          hatches.append(svg("rect", {
            x: run.from * cell, y: r * rowHeight, width: (c - run.from) * cell, height: rowHeight,
            fill: `url(#hatch-${run.kind})`,
          }));
        }
        run = kind ? { kind, from: c } : null;
      }
    }
  });
  pen.putImageData(pixels, 0, 0);
  body.append(
    svg("rect", { class: "empty", width: inner, height }),
    svg("image", { href: image.toDataURL(), width: inner, height, preserveAspectRatio: "none", class: "pixels" }),
    hatches,
  );
  rows.forEach((name, r) => {
    if (r % every) return;
    body.append(svg("text", { class: "tick", x: -7, y: (r + 0.5) * rowHeight + 4, "text-anchor": "end" }, clip(name, room)));
  });
  let last = -Infinity;
  const marks = Math.max(2, Math.floor(inner / 80));
  for (let i = 0; i < marks; i++) {
    const c = Math.round((i * (columns.length - 1)) / Math.max(marks - 1, 1));
    const x = (c + 0.5) * cell;
    if (x - last < 50) continue;
    last = x;
    body.append(svg("text", { class: "tick", x, y: height + 16, "text-anchor": "middle" }, whole(columns[c])));
  }
  body.append(svg("text", { class: "axisname", x: inner, y: height + 33, "text-anchor": "end" }, "step"));
  phaseLines(body, (step) => {
    const first = columns.findIndex((column) => column >= step);
    return first < 0 ? NaN : first * cell;
  }, height, -4);
  node.append(legendOf(width, left, domain, legend, kinds, format));
  const mark = svg("rect", { class: "column", y: -2, height: height + 4, width: Math.max(cell, 2) });
  const over = svg("rect", { class: "over", width: cell, height: rowHeight, visibility: "hidden" });
  body.append(mark, over);
  node.mark = (column) => mark.setAttribute("x", column * cell + (cell - Math.max(cell, 2)) / 2);
  node.mark(at);
  const find = (event) => {
    const box = node.getBoundingClientRect(), scale = box.width / width;
    const c = Math.floor(((event.clientX - box.left) / scale - left) / cell);
    const r = Math.floor(((event.clientY - box.top) / scale - top) / rowHeight);
    return r >= 0 && r < rows.length && c >= 0 && c < columns.length ? [r, c] : null;
  };
  node.addEventListener("pointermove", (event) => {
    const found = find(event);
    over.setAttribute("visibility", found ? "visible" : "hidden");
    if (!found) return hideTip();
    const [r, c] = found, raw = cells[r][c];
    over.setAttribute("x", c * cell);
    over.setAttribute("y", r * rowHeight);
    showTip([rows[r], `step ${whole(columns[c])}`, raw === null || raw === undefined ? "not measured at this step" : read(raw),
      detail?.(r, c)].filter(Boolean), event.clientX, event.clientY);
  });
  node.addEventListener("pointerleave", () => {
    over.setAttribute("visibility", "hidden");
    hideTip();
  });
  node.addEventListener("click", (event) => {
    const found = find(event);
    if (found) pick(found[1]);
  });
  node.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
    if (!move) return;
    event.preventDefault();
    pick("move", move);
  });
  return node;
}

// What kind of cell cannot have a colour: a value that is not finite, or the logarithm of an exact zero.
function oddKind(raw) {
  const value = Number(raw);
  if (raw === null || raw === undefined || Number.isFinite(value)) return null;
  return value === -Infinity ? "zero" : "broken";
}

const oddKinds = (cells) => new Set(cells.flatMap((line) => line.map(oddKind)).filter(Boolean));

function legendOf(width, left, domain, name, kinds, format) {
  const id = `scale${frames++}`, length = Math.min(180, width * 0.36);
  const stops = [...Array(9).keys()].map((i) => svg("stop", { offset: i / 8, "stop-color": `rgb(${viridis(i / 8).join(" ")})` }));
  const group = svg("g", { transform: `translate(${left} 10)` });
  group.append(
    svg("linearGradient", { id }, stops),
    svg("rect", { width: length, height: 9, rx: 2, fill: `url(#${id})` }),
    svg("text", { class: "tick", x: 0, y: 23 }, format(domain[0])),
    svg("text", { class: "tick", x: length, y: 23, "text-anchor": "end" }, format(domain[1])),
    svg("text", { class: "tick", x: length / 2, y: 23, "text-anchor": "middle" }, name),
  );
  const below = width < 560;
  let x = below ? 0 : length + 16;
  for (const [kind, text] of [["broken", "NaN or ∞"], ["zero", "exactly 0"]]) {
    if (!kinds.has(kind)) continue;
    group.append(
      svg("rect", { x, y: below ? 32 : 0, width: 16, height: 9, fill: `url(#hatch-${kind})` }),
      svg("text", { class: "tick", x: x + 21, y: below ? 41 : 9 }, text),
    );
    x += 95;
  }
  return group;
}

// The hatchings, once for the whole page.
function hatchings() {
  const hatch = (id, className) => svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 6, height: 6, class: `${className} ground` }), svg("path", { d: "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", class: className }));
  return svg("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" },
    svg("defs", {}, hatch("hatch-broken", "hatch-broken"), hatch("hatch-zero", "hatch-zero")));
}

// The colours' ends: all that is finite, but for the outermost half percent, so that one outlier does not flatten the rest.
function colourDomain(cells) {
  const values = cells.flat().filter((v) => v !== null && Number.isFinite(Number(v))).map(Number).sort((a, b) => a - b);
  if (!values.length) return [-1, 0];
  const low = values[Math.floor(values.length * 0.005)], high = values[Math.ceil(values.length * 0.995) - 1];
  return high - low < 0.5 ? [(low + high) / 2 - 0.25, (low + high) / 2 + 0.25] : [low, high];
}
