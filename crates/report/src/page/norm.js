// The norm of the whole gradient over the steps, and where its growth leads.
const F32_MAX = Math.log10(3.4028234663852886e38);

const curveNamed = (name) => data.curves.find((c) => c.name === name);

function normPicture(width, finding, height = 270) {
  const curve = curveNamed("gradient_norm") ?? curveNamed("loss");
  const points = curvePoints(curve);
  const logs = points.filter(([, v]) => v > 0 && Number.isFinite(v)).map(([s, v]) => [s, Math.log10(v)]);
  const marks = [{ at: finding.first_step, text: `found at ${whole(finding.first_step)}` }];
  const broken = points.find(([, v]) => !Number.isFinite(v));
  const levels = [{ at: F32_MAX, text: "largest number of f32" }];
  const series = [{ name: words(curve.name), colour: "var(--blue)", points }];
  let end = points[points.length - 1]?.[0] ?? 0;
  const include = [];
  // The rule's own prediction, where it made one; the picture draws no other.
  const predicted = finding.evidence.find((e) => /overflow/.test(e.name) && e.value !== null)?.value;
  const last = logs[logs.length - 1];
  if (predicted !== undefined && last && predicted > last[0]) {
    series.push({
      name: "as predicted", colour: "var(--red)", dash: "6 4", width: 1.6,
      points: [[last[0], 10 ** last[1]], [predicted, 10 ** F32_MAX]],
    });
    marks.push({ at: predicted, text: `overflow at ${whole(Math.round(predicted))}` });
    end = Math.max(end, predicted);
    include.push(F32_MAX);
  }
  return lineChart(width, {
    height, series, marks: broken ? [...marks, { at: broken[0], text: "not finite" }] : marks, levels,
    x: { label: "step", whole: true, domain: [points[0]?.[0] ?? 0, end], read: whole },
    y: { log: true, label: curve.name === "loss" ? "loss" : "norm of the gradient", include, read: short },
  });
}
