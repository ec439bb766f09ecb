// What a reader can turn: choices, switches, the step slider; and the tip with the value under the pointer.
const tip = document.getElementById("tip");

function showTip(lines, x, y) {
  tip.replaceChildren(...lines.map((line, i) =>
    line instanceof Node ? line : el(i === 0 ? "b" : "span", {}, line)));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 14 + box.width > innerWidth ? Math.max(4, x - box.width - 14) : x + 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - box.height - 4))}px`;
}

function hideTip() {
  tip.hidden = true;
}

const swatchLine = (colour, text) => el("span", {}, el("i", { class: "swatch", style: `--c:${colour}` }), text);

function choice(name, options, value, change) {
  const select = el("select", { onchange: () => change(select.value) },
    options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
  return el("label", {}, name, select);
}

function toggle(name, value, change) {
  const box = el("input", { type: "checkbox", checked: value, onchange: () => change(box.checked) });
  return el("label", { class: "toggle" }, box, name);
}

function slider(name, { min, max, step, value, text }, change) {
  const shown = el("output", {}, text(value));
  const range = el("input", {
    type: "range", min, max, step, value, "aria-label": name,
    oninput: () => {
      shown.textContent = text(Number(range.value));
      change(Number(range.value));
    },
  });
  return el("label", { class: "slider" }, name, range, shown);
}

// A slider over steps with a play button. Arrow keys move it; so does `node.go(index)`, without calling `change`.
function stepper(steps, index, change) {
  let timer = null;
  const shown = el("output", {});
  const range = el("input", { type: "range", min: 0, step: 1, "aria-label": "step" });
  const play = el("button", { type: "button", "aria-label": "Play through the steps", title: "Play" }, "▶");
  const node = el("div", { class: "stepper" }, play, range, shown);
  const write = () => {
    const step = steps[Number(range.value)];
    shown.textContent = step === undefined ? "" : `step ${whole(step)}`;
    range.setAttribute("aria-valuetext", shown.textContent);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶";
  };
  node.go = (to) => {
    range.value = to;
    write();
  };
  node.steps = (list, to) => {
    stop();
    steps = list;
    range.max = Math.max(steps.length - 1, 0);
    node.hidden = steps.length < 2;
    node.go(to);
  };
  range.addEventListener("input", () => {
    stop();
    write();
    change(Number(range.value));
  });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(range.value) >= steps.length - 1) range.value = -1;
    play.textContent = "❚❚";
    // The whole run in about ten seconds, however many steps it has.
    const stride = Math.max(1, Math.round(steps.length / 200));
    timer = setInterval(() => {
      const next = Math.min(Number(range.value) + stride, steps.length - 1);
      node.go(next);
      change(next);
      if (next >= steps.length - 1) stop();
    }, 50);
  });
  node.steps(steps, index);
  return node;
}

// The place in ascending `values` that is nearest to `value`.
function nearest(values, value) {
  let low = 0, high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle;
    else high = middle;
  }
  return high >= 0 && Math.abs(values[high] - value) < Math.abs(values[low] - value) ? high : Math.max(low, 0);
}
