// What was trained, on what, with what: the network, the rows, the spec, the environment.
const shape = (dims) => (dims.length ? dims.join(" × ") : "1");
const size = (dims) => dims.reduce((product, d) => product * d, 1);

function networkTable() {
  const { blocks, parameters } = data.network;
  const depth = new Map();
  for (const b of blocks) depth.set(b.name, b.parent === null ? 0 : (depth.get(b.parent) ?? 0) + 1);
  const rows = blocks.map((b) => {
    const own = b.parameters.reduce((sum, p) => sum + size(p.shape), 0);
    return el("tr", {},
      el("th", { scope: "row", style: `padding-left:${0.6 + depth.get(b.name) * 1.1}em` }, b.name),
      el("td", {}, words(b.kind)), el("td", {}, b.activation ?? "–"), el("td", {}, shape(b.input)), el("td", {}, shape(b.output)),
      el("td", {}, b.initializer ?? "–"), el("td", { class: "number" }, own ? whole(own) : "–"));
  });
  const heads = ["block", "layer", "activation", "input", "output", "initializer", "parameters"];
  return el("div", { class: "scroll" }, el("table", { class: "plain network" },
    el("thead", {}, el("tr", {}, heads.map((t) => el("th", { scope: "col" }, t)))),
    el("tbody", {}, rows),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: 6 }, "all"), el("td", { class: "number" }, whole(parameters))))));
}

function pairsTable(pairs) {
  return el("table", { class: "plain" }, el("tbody", {}, pairs.map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function rowsTable() {
  const { read, used, parts, excluded, unaccounted } = data.rows;
  const left = excluded.reduce((sum, [, n]) => sum + n, 0);
  const node = pairsTable([
    ["read", whole(read)], ...parts.map(([name, n]) => [`used for ${words(name)}`, whole(n)]),
    ...excluded.map(([reason, n]) => [`left out: ${reason}`, whole(n)]),
  ]);
  const sum = unaccounted === 0
    ? `${whole(read)} read = ${whole(used)} used + ${whole(left)} left out`
    : `The account does not close: ${minus(String(unaccounted))} rows are missing between read and used.`;
  return el("div", {}, node, el("p", { class: unaccounted === 0 ? "muted" : "alarm" }, sum));
}

function environment() {
  return pairsTable([
    ["status", data.status], ["begun", data.created], ["took", duration(data.seconds)], ["device", data.device],
    ["seed", data.seed], ...data.versions,
  ]);
}

function keyNumbers() {
  const { task, parameters, blocks } = data.network;
  const accuracy = data.confusion?.metrics.find((m) => m.name === "accuracy")?.estimate;
  const held = data.held_out.slice(0, 4).map(([name, value]) => {
    // The interval is of the matrix; it is shown beside a number that is the matrix's, too.
    const known = name === "accuracy" && accuracy?.low !== undefined && Math.abs(accuracy.value - Number(value)) < 5e-4;
    return [`held-out ${words(name)}`, name === "accuracy" ? percent(Number(value)) : short(value),
      known ? `95 %: ${percent(accuracy.low)} to ${percent(accuracy.high)}` : null, !Number.isFinite(Number(value))];
  });
  const of = { classification: () => plural(task.classes.length, "class", "classes"),
    regression: () => plural(task.targets.length, "target"), next_token: () => plural(task.vocabulary, "token") }[task.kind]();
  const leaves = blocks.filter((b) => b.parent === null).length;
  const numbers = [...held, ["steps", whole(data.steps), `${whole(data.watched)} watched in full`], ["time", duration(data.seconds), data.device],
    ["parameters", whole(parameters), plural(leaves, "block")], ["rows used", whole(data.rows.used), of]];
  return el("dl", { class: "numbers" }, numbers.map(([name, value, note, bad]) =>
    el("div", {}, el("dt", {}, name), el("dd", { class: bad ? "alarm" : null }, value), note ? el("dd", { class: "small" }, note) : null)));
}
