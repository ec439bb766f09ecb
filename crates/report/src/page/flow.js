// The gradient flow: every layer at every step as a heat map, and the profile by depth at the step chosen in it.
// The last step at which at least half of the layers have a size: after a breakdown there is nothing to see.
function lastWhole(grid) {
  for (let c = grid.steps.length - 1; c > 0; c--) {
    const finite = grid.cells.filter((row) => row[c] !== null && Number.isFinite(Number(row[c]))).length;
    if (finite * 2 >= grid.tensors.length) return c;
  }
  return grid.steps.length - 1;
}

function flowFigure() {
  let kind = data.grids[0][0], grid = data.grids[0][1], at = lastWhole(grid);
  let map = null, side = null;
  const go = (column, move) => {
    at = Math.min(Math.max(column === "move" ? at + move : column, 0), grid.steps.length - 1);
    steps.go(at);
    refresh();
  };
  const refresh = () => {
    map?.mark(at);
    if (side) {
      const fresh = sideOf(side.viewBox.baseVal.width);
      side.replaceWith(fresh);
      side = fresh;
    }
  };
  const sideOf = (width) => profile(width, {
    grid, c: at, fit: kind === "activation_gradient", label: `RMS of the ${KINDS[kind]} by depth`,
    height: Math.min(Math.max((map?.viewBox.baseVal.height ?? 0) - 4, 280), 440),
  });
  const steps = stepper(grid.steps, at, (index) => {
    at = index;
    refresh();
  });
  const kinds = choice("show", data.grids.map(([name]) => [name, KINDS[name]]), kind, (value) => {
    const step = grid.steps[at];
    kind = value;
    grid = gridOf(kind);
    at = nearest(grid.steps, step);
    steps.steps(grid.steps, at);
    node.redraw();
  });
  const node = figure({
    note: "Each row is a layer, input at the top; colour is the RMS of its values. Choose a step: click, play, or the arrow keys.",
    controls: [kinds, steps],
    label: "RMS of each layer by step, as a heat map, with its profile by depth",
    draw: (width) => {
      const wide = width > 860;
      map = heatmap(wide ? width * 0.56 : width, {
        rows: grid.tensors, columns: grid.steps, cells: grid.cells, domain: colourDomain(grid.cells),
        legend: "RMS", read: (v) => `RMS ${fromLog(v)}`, detail: gridDetail(grid), at, pick: go,
      });
      side = sideOf(wide ? width * 0.42 : width);
      return el("div", { class: "split" }, map, side);
    },
  });
  return node;
}
