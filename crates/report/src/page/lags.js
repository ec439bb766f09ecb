// How far back through time a recurrent layer's gradient reaches.
function lagPicture(width, layer, index, height = 270) {
  const points = (i) => layer.lags.map((lag, l) => [lag, layer.cells[i][l] === null ? undefined : Number(layer.cells[i][l])])
    .filter((p) => p[1] !== undefined);
  const all = layer.cells.flat().filter((v) => v !== null).map(Number);
  const series = [];
  if (index > 0) {
    series.push({ name: `step ${whole(layer.steps[0])}`, colour: "var(--muted)", points: points(0), width: 1.2, dash: "3 3" });
  }
  const now = points(index);
  series.push({ name: `step ${whole(layer.steps[index])}`, colour: "var(--blue)", points: now, width: 2.2 });
  const line = fitLine(now);
  if (line) {
    series.push({
      name: "fit", colour: "var(--red)", dash: "6 4", width: 1.4, quiet: true,
      points: [[line.from, line.at(line.from)], [line.to, line.at(line.to)]],
    });
  }
  const node = lineChart(width, {
    height, series, x: { label: "lag: steps back in time", read: (lag) => plural(lag, "step") + " back" },
    y: { decades: true, label: "RMS of the hidden state's gradient", domain: extent(all) },
  });
  if (line) {
    const reach = Math.log10(Math.E) / -line.slope;
    node.append(remark(width, line.slope < -1e-4 ? `falls to 1/e every ${short(reach)} steps` : "does not fall with the lag"));
  }
  return node;
}

function lagFigure() {
  let layer = data.lags[0], at = layer.steps.length - 1;
  const steps = stepper(layer.steps, at, (index) => { at = index; node.redraw(); });
  const controls = [steps];
  if (data.lags.length > 1) {
    controls.unshift(choice("layer", data.lags.map((l, i) => [String(i), l.tensor]), "0", (value) => {
      layer = data.lags[Number(value)];
      at = layer.steps.length - 1;
      steps.steps(layer.steps, at);
      node.redraw();
    }));
  }
  const node = figure({
    note: (data.lags.length > 1 ? "" : `${layer.tensor}: `) + "the size of the gradient at earlier time steps. A straight fall is exponential forgetting.",
    controls, label: "Gradient of the hidden state against the lag",
    draw: (width) => lagPicture(width, layer, at),
  });
  return node;
}
