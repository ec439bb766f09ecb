// The proof: pairs of whole trainings on fresh seeds.

function pairsFigure() {
  const draw = (width) => lineChart(Math.min(width, 560), {
    height: 300,
    x: { domain: [-0.25, 1.25], ticks: [0, 1], format: (v) => (v === 0 ? "before" : v === 1 ? "after" : ""), label: "" },
    y: { label: `${data.score}, held-out rows`, read: short },
    levels: [{ at: data.guess, text: "a guess" }],
    series: data.pairs.map((pair) => ({
      name: `seed ${pair.seed}`, dots: 4, width: 1.6,
      colour: (pair.after ?? data.guess) >= (pair.before ?? data.guess) ? "var(--blue)" : "var(--red)",
      points: [[0, pair.before ?? NaN], [1, pair.after ?? NaN]],
    })),
  });
  return figure({
    title: "On fresh seeds",
    note: "Each line is one seed: the same rows, split and order of batches, before and after. These seeds took no part in the race.",
    draw, label: "Held-out scores before and after, seed by seed",
  });
}

const signed = (value) => (value > 0 ? "+" : "") + short(Number(value.toPrecision(3)));
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

function proofNumbers() {
  const numbers = [];
  if (data.difference) {
    const [low, middle, high, p] = data.difference;
    const side = (name) => mean(data.pairs.map((pair) => Math.max(pair[name] ?? data.guess, data.guess)));
    numbers.push(
      ["before", short(Number(side("before").toFixed(3))), `mean of ${plural(data.pairs.length, "seed")}`],
      ["after", short(Number(side("after").toFixed(3))), `mean of ${plural(data.pairs.length, "seed")}`],
      ["difference", signed(middle), `95 %: ${signed(low)} to ${signed(high)}`],
      ["p-value", p < 1e-4 ? roughly(Math.log10(p)) : short(Number(p.toPrecision(2))), "paired t-test, two-sided"],
    );
  }
  return numbers.length ? el("dl", { class: "numbers" }, numbers.map(([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value), note ? el("dd", { class: "small" }, note) : null))) : null;
}
