// The picture of a matrix: numbers where cells have room for them, colours alone beyond. Totals have no colour.

// Where everything stands. `n` classes are seen of each axis.
function heatLayout(width, model, view, seenRows, seenColumns) {
  const n = seenRows.length, small = width < 560;
  const room = small ? 9 : 20, label = (c) => clip(model.names[c], room);
  const longestRow = Math.max(...seenRows.map((c) => textWidth(label(c))), textWidth(`${view.rows} ↓`) * 1.1);
  const longest = Math.max(...seenColumns.map((c) => textWidth(label(c))));
  const left = Math.ceil(longestRow) + 12;
  const most = n === 1 ? 200 : n <= 3 ? 128 * n : n <= 6 ? 84 * n : n <= 12 ? 60 * n : n <= 24 ? 34 * n : 760;
  const beside = (numbered) => (numbered ? (small ? 52 : 132) : small ? 40 : 74);
  const size = (numbered) => Math.min(width - left - beside(numbered), most);
  const numbered = n <= 24 && size(true) / n >= 22;
  const side = Math.max(size(numbered), 40), cell = side / n;
  const turned = longest > cell - 6;
  const top = (turned ? longest * 0.71 + 12 : 20) + 26;
  const foot = numbered ? (cell >= 44 ? 44 : 24) : small ? 44 : 60;
  return { n, small, label, left, top, side, cell, numbered, turned, foot, beside: beside(numbered) };
}

function heatPicture(width, model, view, act) {
  const across = AXES[view.rows], order = view.permutation, { row: r0, column: c0, n } = view.window;
  const seenRows = order.slice(r0, r0 + n), seenColumns = order.slice(c0, c0 + n);
  const box = heatLayout(width, model, view, seenRows, seenColumns), scale = shading(model, view);
  const pair = (row, column) => (view.rows === "actual" ? [seenRows[row], seenColumns[column]] : [seenColumns[column], seenRows[row]]);
  const legend = heatLegend(model, view, scale, box, width);
  // No wider than what is on it; the legend wants some room.
  const used = Math.min(width, Math.max(box.left + box.side + box.beside + 8, 420));
  const height = box.top + box.side + box.foot + legend.height;
  const body = svg("g", { transform: `translate(${box.left} ${box.top})` });
  const node = svg("svg", { viewBox: `0 0 ${used} ${height}`, width: used, height, role: "img", tabindex: "0", class: "heatmap" }, body);
  if (box.numbered) heatNumbers(body, model, view, scale, box, pair);
  else heatPixels(body, model, view, scale, box, seenRows, seenColumns);
  heatNames(body, box, seenRows, seenColumns, view);
  if (box.numbered) heatTotals(body, model, view, box, seenRows, seenColumns);
  else heatBars(body, model, view, box, seenRows, seenColumns);
  legend.node.setAttribute("transform", `translate(${box.small ? 0 : Math.min(box.left, 60)} ${box.top + box.side + box.foot})`);
  node.append(legend.node);

  const mark = svg("rect", { class: "chosen", width: Math.max(box.cell, 4), height: Math.max(box.cell, 4), visibility: "hidden" });
  const over = svg("rect", { class: "hovered", width: Math.max(box.cell, 3), height: Math.max(box.cell, 3), visibility: "hidden" });
  body.append(over, mark);
  const put = (rect, row, column) => {
    const seenHere = row >= 0 && row < n && column >= 0 && column < n;
    rect.setAttribute("visibility", seenHere ? "visible" : "hidden");
    rect.setAttribute("x", column * box.cell + Math.min(0, (box.cell - 4) / 2));
    rect.setAttribute("y", row * box.cell + Math.min(0, (box.cell - 4) / 2));
  };
  const places = new Map(order.map((c, i) => [c, i]));
  const placeOf = ([a, p]) => (view.rows === "actual" ? [places.get(a) - r0, places.get(p) - c0] : [places.get(p) - r0, places.get(a) - c0]);
  node.mark = (chosen) => (chosen ? put(mark, ...placeOf(chosen)) : mark.setAttribute("visibility", "hidden"));
  node.mark(view.chosen);
  const find = (event) => {
    const area = node.getBoundingClientRect(), zoom = area.width / used;
    const column = Math.floor(((event.clientX - area.left) / zoom - box.left) / box.cell);
    const row = Math.floor(((event.clientY - area.top) / zoom - box.top) / box.cell);
    return row >= 0 && row < n && column >= 0 && column < n ? [row, column] : null;
  };
  node.addEventListener("pointermove", (event) => {
    const found = find(event);
    if (!found) return over.setAttribute("visibility", "hidden"), hideTip();
    put(over, ...found);
    showTip(cellLines(model, ...pair(...found)), event.clientX, event.clientY);
  });
  const leave = () => (over.setAttribute("visibility", "hidden"), hideTip());
  node.addEventListener("pointerleave", leave);
  node.addEventListener("blur", leave);
  node.addEventListener("click", (event) => {
    const found = find(event);
    if (found) act.choose(pair(...found));
  });
  node.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e9], End: [0, 1e9], PageUp: [-10, 0], PageDown: [10, 0] };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [row, column] = view.chosen ? placeOf(view.chosen) : [0, 0];
    const held = (at) => Math.min(Math.max(at, 0), model.k - 1);
    const to = view.chosen ? [held(row + r0 + move[0]), held(column + c0 + move[1])] : [r0, c0];
    act.choose(view.rows === "actual" ? [order[to[0]], order[to[1]]] : [order[to[1]], order[to[0]]], to);
  });
  return node;
}

// What a cell says: its count, its shares with their intervals.
function cellLines(model, a, p) {
  const { names, margins, total, source } = model, mass = model.get(a, p);
  const share = (of, n) => {
    if (!n) return `no share of ${of}: it has no rows`;
    const [low, high] = wilson(mass / n, n * source.effective);
    return `${shareText(mass / n)} of ${of} (95 %: ${percent(low)} to ${percent(high)})`;
  };
  return [`actual ${names[a]}, predicted ${names[p]}`, `${amount(mass)} ${unitOf(model, mass)}${a === p ? ", right" : ""}`,
    share(`actual ${names[a]}`, margins.actual[a]), share(`predicted ${names[p]}`, margins.predicted[p]),
    total ? `${shareText(mass / total)} of all` : null].filter(Boolean);
}

function heatNumbers(body, model, view, scale, box, pair) {
  const { n, cell } = box, shares = cell >= 50 && view.normalization !== "counts", gap = cell > 40 ? 1 : 0.5;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      const [a, p] = pair(r, c), mass = model.get(a, p), value = model.value(view.normalization, a, p, mass);
      const none = Number.isNaN(value), colour = mass && !none ? scale.colour(a, p, mass).colour : null;
      const x = c * cell, y = r * cell;
      body.append(svg("rect", {
        class: none ? null : colour ? null : "empty", x: x + gap, y: y + gap, width: cell - 2 * gap, height: cell - 2 * gap, rx: cell > 40 ? 3 : 1,
        fill: none ? "url(#hatch-none)" : colour ? css(colour) : null,
      }));
      if (none) continue;
      const text = amount(mass), told = shares && (mass || cell >= 70), fill = colour ? inkOn(colour) : null;
      const font = Math.min(cell * 0.3, 22, Math.max((cell - 4) / ([...text].length * 0.62), 6));
      body.append(svg("text", {
        class: mass ? "count" : "count none", x: x + cell / 2, y: y + cell / 2 + (told ? 0 : font * 0.36), "text-anchor": "middle",
        style: `font-size:${font.toFixed(1)}px${fill ? `;fill:${fill}` : ""}`,
      }, text));
      if (!told) continue;
      body.append(svg("text", {
        x: x + cell / 2, y: y + cell * 0.73, "text-anchor": "middle",
        style: `font-size:${Math.min(cell * 0.19, 13).toFixed(1)}px${fill ? `;fill:${fill}` : ""}`,
      }, shareText(value)));
    }
  }
}

// One pixel a cell, or the strongest cell of a pixel where there are more cells than pixels, so that no mistake disappears.
function heatPixels(body, model, view, scale, box, seenRows, seenColumns) {
  const { n, side } = box, pixels = Math.min(n, Math.max(Math.floor(side * Math.max(devicePixelRatio || 1, 1)), 1));
  const image = document.createElement("canvas");
  image.width = image.height = pixels;
  const pen = image.getContext("2d"), paint = pen.createImageData(pixels, pixels), ranks = new Float32Array(pixels * pixels);
  const down = view.rows === "actual", at = { row: new Int32Array(model.k).fill(-1), column: new Int32Array(model.k).fill(-1) };
  seenRows.forEach((c, i) => { at.row[c] = Math.floor((i * pixels) / n); });
  seenColumns.forEach((c, i) => { at.column[c] = Math.floor((i * pixels) / n); });
  for (const a of down ? seenRows : seenColumns) {
    for (let i = model.start[a]; i < model.start[a + 1]; i++) {
      const p = model.column[i], row = at.row[down ? a : p], column = at.column[down ? p : a];
      if (row < 0 || column < 0) continue;
      const { colour, rank } = scale.colour(a, p, model.mass[i]), place = row * pixels + column;
      if (rank <= ranks[place]) continue;
      ranks[place] = rank;
      paint.data.set([...colour, 255], 4 * place);
    }
  }
  pen.putImageData(paint, 0, 0);
  body.append(svg("rect", { class: "empty", width: side, height: side }),
    svg("image", { href: image.toDataURL(), width: side, height: side, preserveAspectRatio: "none", class: "pixels" }));
  // Shares of nothing: whole lines of the axis that shares are of.
  const axis = { actual: "actual", predicted: "predicted" }[view.normalization];
  if (!axis) return;
  (axis === view.rows ? seenRows : seenColumns).forEach((c, i) => {
    if (model.margins[axis][c]) return;
    const line = { [axis === view.rows ? "y" : "x"]: i * box.cell, [axis === view.rows ? "height" : "width"]: Math.max(box.cell, 1) };
    body.append(svg("rect", { x: 0, y: 0, width: side, height: side, ...line, fill: "url(#hatch-none)" }));
  });
}

function heatNames(body, box, seenRows, seenColumns, view) {
  const { cell, turned, label } = box;
  const every = Math.max(1, Math.ceil(14 / cell)), everyColumn = Math.max(1, Math.ceil((turned ? 20 : 14) / cell));
  seenRows.forEach((c, i) => {
    if (i % every === 0) body.append(svg("text", { class: "tick", x: -8, y: (i + 0.5) * cell + 4, "text-anchor": "end" }, label(c)));
  });
  seenColumns.forEach((c, i) => {
    const x = (i + 0.5) * cell;
    if (i % everyColumn) return;
    body.append(turned ? svg("text", { class: "tick", transform: `translate(${x + 4} -7) rotate(-45)` }, label(c))
      : svg("text", { class: "tick", x, y: -8, "text-anchor": "middle" }, label(c)));
  });
  body.append(svg("text", { class: "axisname strong-name", x: -8, y: -8, "text-anchor": "end" }, `${view.rows} ↓`),
    svg("text", { class: "axisname strong-name", x: 0, y: 14 - box.top }, `${AXES[view.rows]} →`));
}

function heatTotals(body, model, view, box, seenRows, seenColumns) {
  const { side, cell, small } = box, across = AXES[view.rows];
  const share = (axis, c) => (model.margins[axis][c] ? shareText(model.hit(c) / model.margins[axis][c]) : "∅");
  const put = (x, y, anchor, text, style) => body.append(svg("text", { class: "tick", x, y, "text-anchor": anchor, style }, text));
  const first = side + (small ? 46 : 58), second = side + 126, font = cell < 40 ? "font-size:10px" : null;
  put(first, -8, "end", "total");
  if (!small) put(second, -8, "end", RIGHT[view.rows]);
  seenRows.forEach((c, i) => {
    put(first, (i + 0.5) * cell + 4, "end", amount(model.margins[view.rows][c]), "fill:var(--ink)");
    if (!small) put(second, (i + 0.5) * cell + 4, "end", share(view.rows, c));
  });
  put(-8, side + 18, "end", "total");
  if (cell >= 44) put(-8, side + 36, "end", RIGHT[across]);
  seenColumns.forEach((c, i) => {
    put((i + 0.5) * cell, side + 18, "middle", amount(model.margins[across][c]), `fill:var(--ink)${font ? `;${font}` : ""}`);
    if (cell >= 44) put((i + 0.5) * cell, side + 36, "middle", share(across, c), cell < 56 ? "font-size:10.5px" : null);
  });
  put(first, side + 18, "end", amount(model.total), "fill:var(--ink);font-weight:600");
  if (small || cell < 44 || !model.total) return;
  put(second, side + 36, "end", shareText(model.hits / model.total), "fill:var(--ink);font-weight:600");
}

// Totals of many classes: grey bars beside the cells.
function heatBars(body, model, view, box, seenRows, seenColumns) {
  const { side, n, small } = box, room = small ? 30 : 46, across = AXES[view.rows];
  const bars = (classes, axis, make) => {
    // At most so many bars as pixels; classes that share one are shown by their mean, since not every bar has equally many.
    const count = Math.min(n, Math.floor(side)), sums = new Float64Array(count), classesOf = new Float64Array(count);
    classes.forEach((c, i) => {
      const bar = Math.floor((i * count) / n);
      sums[bar] += model.margins[axis][c];
      classesOf[bar] += 1;
    });
    const means = sums.map((s, i) => s / classesOf[i]), thick = side / count;
    const most = means.reduce((m, v) => Math.max(m, v), 0) || 1;
    return Array.from(means, (m, i) => make(i * thick, (m / most) * room, thick)).join("");
  };
  const text = (v) => v.toFixed(2);
  body.append(
    svg("path", { class: "totals", d: bars(seenRows, view.rows, (at, length, thick) => `M${text(side + 8)} ${text(at)}h${text(length)}v${text(thick)}h-${text(length)}z`) }),
    svg("path", { class: "totals", d: bars(seenColumns, across, (at, length, thick) => `M${text(at)} ${text(side + 8)}h${text(thick)}v${text(length)}h-${text(thick)}z`) }),
    svg("text", { class: "tick", x: side + 8, y: side + 20 }, "total"));
}

function heatLegend(model, view, scale, box, width) {
  const node = svg("g", {}), counts = view.normalization === "counts";
  const value = (v) => (counts ? amount(Number(v.toPrecision(3))) : shareText(v));
  const of = { actual: "share of the actual class", predicted: "share of the predicted class", all: "share of all", counts: model.source.weighted ? "weight" : "rows" }[view.normalization];
  let y = 16;
  if (scale.high > 0) {
    const id = `scale${frames++}`, length = Math.min(220, width - 90);
    const growth = { root: "square root", linear: "linear", log: "logarithmic" }[view.growth];
    node.append(svg("text", { class: "tick", y }, `${view.grey ? "Mistakes" : "All cells"}: ${of}; scale: ${growth}`),
      svg("linearGradient", { id }, [...Array(17).keys()].map((i) => svg("stop", { offset: i / 16, "stop-color": css(scaleColour(i / 16)) }))),
      svg("rect", { y: y + 8, width: length, height: 10, rx: 2, fill: `url(#${id})` }),
      ...[[0, "start"], [0.5, "middle"], [1, "end"]].map(([at, anchor]) =>
        svg("text", { class: "tick", x: at * length, y: y + 33, "text-anchor": anchor }, value(scale.valueAt(at)))));
    y += 56;
  }
  let x = 0;
  const swatch = (fill, name, className) => {
    const wide = textWidth(name) + 42;
    if (x && x + wide > width - 60) x = 0, y += 20;
    node.append(svg("rect", { x, y: y - 11, width: 14, height: 14, rx: 2, fill, class: className }), svg("text", { class: "tick", x: x + 20, y }, name));
    x += wide;
  };
  if (view.grey) swatch(css(rightColour(0.7)), "predicted right");
  swatch(null, "none", "empty");
  const axis = { actual: "actual", predicted: "predicted" }[view.normalization];
  if (axis && model.margins[axis].some((m) => !m)) swatch("url(#hatch-none)", "undefined: a share of no rows");
  return { node, height: y + 8 };
}
