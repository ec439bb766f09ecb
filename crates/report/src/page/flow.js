// The gradient flow: every layer at every step as a heat map, and the profile by depth at the step chosen in it.
function flowFigure() {
  let kind = data.grids[0][0], grid = data.grids[0][1], at = grid.steps.length - 1;
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
    grid, c: at, fit: kind === "activation_gradient", label: `RMS of the ${KINDS[kind]} by depth`, height: 300,
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
