// The phases of a training in levels: where each begins, and how the gradient went through it.
const phases = data.levels;

// Thin upright lines where a phase begins, each with its name; `place(step)`: where that is. Of names that would run into
// each other, the number alone stands, and where that is still too wide, every other one is left out.
function phaseLines(group, place, height, y) {
  if (!phases.length) return;
  const starts = phases.map((phase) => place(phase.first_step));
  const gap = Math.min(...starts.slice(1).map((x, i) => x - starts[i]));
  const names = phases.map((phase) => phase.name);
  const brief = gap < Math.max(...names.map(textWidth)) + 10 ? (name) => name.replace(/^level /, "") : (name) => name;
  let last = -Infinity;
  phases.forEach((phase, i) => {
    const x = starts[i];
    if (!Number.isFinite(x)) return;
    if (i > 0) group.append(svg("line", { class: "phase", x1: x, x2: x, y1: y - 9, y2: height }));
    const text = brief(phase.name);
    if (x + 4 < last + 6) return;
    last = x + 4 + textWidth(text);
    group.append(svg("text", { class: "phasename", x: x + 4, y }, text));
  });
}

const levelsOnly = () => phases.filter((phase) => phase.name.startsWith("level "));

function levelsInWords() {
  const crossed = levelsOnly().filter((level) => level.crossed.length);
  if (!crossed.length) {
    return "No gradient crossed more than its level: at every step that was watched, only the blocks of the level in training, " +
      "and its head, had one. What is below a level is frozen while it is trained.";
  }
  return `Gradients went further than their level: ${crossed.map((l) => `in ${l.name} to ${layersInWords(l.crossed)}`).join("; ")}.`;
}

// The gradient at each block as a column, on a log scale that all levels share.
function levelProfile(phase, domain) {
  const width = 132, height = 30, count = phase.profile.length;
  const step = Math.min(width / count, 16), Y = linear(...domain, 3, height);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `gradient by depth in ${phase.name}` });
  picture.append(svg("line", { class: "axis", x1: 0, x2: Math.max(step * count, 8), y1: height - 0.5, y2: height - 0.5 }));
  phase.profile.forEach(([name, log], i) => {
    const value = Number(log ?? NaN);
    const tall = Number.isFinite(value) ? Y(value) : 0;
    const bar = svg("rect", { class: /^head\b/.test(name) ? "bar rough" : "bar", x: i * step, y: height - tall,
      width: Math.max(step - 1.5, 1), height: tall });
    const area = svg("rect", { x: i * step, y: 0, width: step, height, fill: "transparent" });
    area.addEventListener("pointermove", (event) => showTip([name,
      Number.isFinite(value) ? `gradient RMS ${fromLog(value)}` : "no gradient that is finite and not 0"], event.clientX, event.clientY));
    area.addEventListener("pointerleave", hideTip);
    picture.append(bar, area);
  });
  return picture;
}

function levelsTable() {
  const logs = phases.flatMap((phase) => phase.profile.map(([, log]) => log)).filter((v) => v !== null).map(Number).filter(Number.isFinite);
  const domain = logs.length ? [Math.min(...logs), Math.max(...logs)] : [0, 1];
  const accuracy = phases.some((phase) => phase.validation_accuracy !== null);
  const heads = ["phase", "steps", "trained", "gradient by depth", "first / last", "validation loss", accuracy && "validation accuracy"];
  const rows = phases.map((phase) => el("tr", {},
    el("th", { scope: "row" }, phase.name),
    el("td", { class: "number" }, phase.last_step === null ? "not reached" : `${whole(phase.first_step)} to ${whole(phase.last_step)}`),
    el("td", {}, layersInWords(phase.blocks)),
    el("td", { class: "picture" }, levelProfile(phase, domain)),
    el("td", { class: "number" }, phase.ratio === null ? "–" : fromLog(phase.ratio)),
    el("td", { class: "number" }, phase.validation_loss === null ? "–" : short(phase.validation_loss)),
    accuracy && el("td", { class: "number" }, phase.validation_accuracy === null ? "–" : percent(Number(phase.validation_accuracy)))));
  return el("div", {},
    el("p", { class: "reading" }, levelsInWords()),
    el("div", { class: "scroll" }, el("table", { class: "plain levels" },
      el("thead", {}, el("tr", {}, heads.filter(Boolean).map((t) => el("th", { scope: "col" }, t)))), el("tbody", {}, rows))),
    el("p", { class: "reading" }, "Each column is a block's gradient (RMS at its output, geometric mean over the watched steps of the phase), " +
      "input at the left and the temporary head in orange, on one logarithmic scale for all phases. First / last is the first block's over the last " +
      "one's, the head included."));
}
