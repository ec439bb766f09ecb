// The race: how good each contender was at the end of each of its rounds.

const CONTROLS = ["nothing", "random"];

function runnerColour(runner) {
  if (runner.won) return "var(--blue)";
  if (runner.origin === "nothing") return "var(--ink)";
  return runner.origin === "random" ? "var(--orange)" : "var(--sky)";
}

function raceFigure() {
  const runners = [...data.runners].sort((a, b) => (a.won ? 1 : 0) - (b.won ? 1 : 0));
  // What is far below a guess lies below the edge: it would press all others together.
  const scores = runners.flatMap((r) => r.points.map((p) => p[1])).filter((score) => score !== null);
  const top = Math.max(data.guess, ...scores);
  const floor = data.guess - 0.2 * Math.max(top - data.guess, 0.05);
  const domain = extent([data.guess, ...scores.map((score) => Math.max(score, floor))]);
  const draw = (width) => lineChart(width, {
    height: width > 700 ? 320 : 260,
    x: { label: "share of the training", format: (v) => percent(v, 0), read: (v) => percent(v, 0), domain: [0, Math.max(...runners.flatMap((r) => r.points.map((p) => p[0])))] },
    y: { label: data.score, read: short, domain },
    levels: [{ at: data.guess, text: "a guess" }],
    series: runners.map((r) => ({
      name: r.name, colour: runnerColour(r), dots: r.won ? 4 : 3, width: r.won ? 2.6 : 1.4, opacity: r.won || r.origin === "nothing" ? 1 : 0.65,
      dash: CONTROLS.includes(r.origin) ? "4 4" : null,
      points: r.points.map(([share, score]) => [share, score === null ? NaN : score]),
    })),
  });
  return figure({
    title: "The race",
    note: "Everybody takes the same share of its own training; after each round the better ones go on. Scores are those on the validation part. A cross marks a try that broke.",
    controls: [key(
      data.runners.some((r) => r.won) ? { name: "winner", colour: "var(--blue)" } : null,
      { name: "advised, and pairs", colour: "var(--sky)" },
      { name: "random changes", colour: "var(--orange)", dash: true },
      { name: "nothing changed", colour: "var(--ink)", dash: true },
    )],
    draw, label: "Scores of the contenders over the rounds",
  });
}

function triesTable() {
  const rounds = Math.max(...data.runners.map((r) => r.points.length), 0);
  const at = [...new Set(data.runners.flatMap((r) => r.points.map((p) => p[0])))].sort((a, b) => a - b);
  const rows = data.runners.map((r) => {
    const scores = at.map((share) => r.points.find((p) => p[0] === share));
    return el("tr", {},
      el("th", { scope: "row", style: r.won ? "font-weight:650" : null }, r.name),
      el("td", {}, RULES[r.origin] ? `advised: ${RULES[r.origin].toLowerCase()}` : { pair: "two together", random: "random change", nothing: "control" }[r.origin] ?? r.origin),
      scores.map((p) => el("td", { class: "number" }, p === undefined ? "" : p[1] === null ? "lost" : short(Number(p[1].toFixed(3))))),
      el("td", { class: "number" }, duration(r.seconds)),
      el("td", {}, r.end));
  });
  const heads = ["tried", "why", ...at.map((share) => `at ${percent(share, 0)}`), "time", ""];
  return rounds ? el("div", { class: "scroll" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, heads.map((text, i) => el("th", { scope: "col", class: i > 1 && i < heads.length - 1 ? "number" : null }, text)))),
    el("tbody", {}, rows))) : null;
}
