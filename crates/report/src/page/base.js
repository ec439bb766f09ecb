// What every picture uses: the data, elements, and redrawing. Errors are collected where a headless test finds them.
const root = document.documentElement;
root.dataset.errors = "";

function complain(problem) {
  root.dataset.errors += (root.dataset.errors ? "\n" : "") + problem;
}

window.addEventListener("error", (event) => complain(event.message));
window.addEventListener("unhandledrejection", (event) => complain(event.reason));

const data = JSON.parse(document.getElementById("data").textContent);

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Text becomes text nodes, so a label that holds HTML shows it and does not run it.
const el = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const figures = [];

// A figure with a title, a sentence that says how to read it, controls, and a drawing that knows its width.
// `draw(width)` returns an SVG or HTML element; `figure.redraw()` draws again.
function figure({ title, note, controls = [], draw, label }) {
  const chart = el("div", { class: "chart", "data-drawn": "false" });
  const node = el(
    "figure",
    {},
    (title || note) && el("figcaption", {}, title && el("strong", {}, title), note && el("span", {}, note)),
    controls.length ? el("div", { class: "controls" }, controls) : null,
    chart,
  );
  let width = 0;
  node.redraw = () => {
    try {
      const drawing = draw(Math.max(width || 640, 260));
      if (drawing.tagName === "svg") drawing.setAttribute("aria-label", label ?? title);
      chart.replaceChildren(drawing);
      chart.dataset.drawn = "true";
    } catch (problem) {
      complain(`${title || label}: ${problem.stack || problem}`);
      chart.replaceChildren(el("p", { class: "muted" }, "This picture could not be drawn."));
    }
  };
  node.fit = () => {
    const now = Math.round(chart.getBoundingClientRect().width);
    if (now === width && chart.dataset.drawn === "true") return;
    width = now;
    node.redraw();
  };
  figures.push({ node, chart });
  return node;
}

function drawAll() {
  for (const { node } of figures) node.fit();
  // In a frame of its own: a picture that changes its height while it is being observed would be an error.
  const observer = new ResizeObserver((entries) =>
    requestAnimationFrame(() => entries.forEach((entry) => entry.target.parentNode.fit())));
  for (const { chart } of figures) observer.observe(chart);
}
