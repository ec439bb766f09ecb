// How things are called and how numbers are written.
const RULES = {
  not_finite: "Values that are not finite",
  exploding_gradient: "Exploding gradient",
  vanishing_gradient: "Vanishing gradient",
  vanishing_through_time: "Gradient vanishes through time",
  dead_units: "Dead units",
  saturated_units: "Saturated units",
  wrong_output: "Output and loss do not fit",
  poor_initialization: "Poor initialization",
  unchanged_weights: "Weights that do not change",
  update_ratio: "Updates out of proportion",
  underflow: "Gradients that would underflow",
  loss_not_decreasing: "The loss does not decrease",
  oscillating_loss: "The loss oscillates",
  plateau: "Plateau",
  overfitting: "Overfitting",
  slow_learning: "Learning too slowly",
  over_regularization: "Too strong a regularization",
  underfitting: "Underfitting",
  stale_statistics: "Stale statistics of batch normalization",
  converged: "Converged",
};
const KINDS = {
  activation_gradient: "activation gradients",
  weight_gradient: "weight gradients",
  activation: "activations",
  weight: "weights",
  update: "updates",
};
const SEVERITIES = { info: "Note", warning: "Warning", error: "Error" };

const words = (name) => name.replace(/_/g, " ");
const title = (name) => words(name).replace(/^./, (letter) => letter.toUpperCase());

// The names of the field keep the letters that the field gives them.
const NAMES = { relu: "ReLU", elu: "ELU", selu: "SELU", gelu: "GELU", lstm: "LSTM", gru: "GRU", sgd: "SGD", lsuv: "LSUV", adam: "Adam", adamw: "AdamW" };
const named = (name) => title(name.split("_").map((word) => NAMES[word] ?? word).join(" "));

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (n) => String(n).replace(/./g, (c) => SUPERSCRIPTS[c] ?? c);
const minus = (text) => text.replace(/-/g, "−");

// A number for reading: four digits, NaN and infinities by name.
function short(value) {
  const x = Number(value);
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "+∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e5 || size < 1e-3) return scientific(x);
  if (Number.isInteger(x)) return minus(String(x));
  return minus(String(Number(x.toPrecision(4))));
}

function scientific(x) {
  const [digits, power] = x.toExponential(2).split("e");
  return minus(`${Number(digits)}·10`) + raised(Number(power));
}

// A magnitude from its logarithm: numbers beyond those of the browser are written too.
function fromLog(log) {
  const x = Number(log);
  if (Number.isNaN(x)) return "NaN";
  if (x === Infinity) return "∞";
  if (x === -Infinity) return "exactly 0";
  if (x > -3 && x < 5) return short(10 ** x);
  const power = Math.floor(x);
  return `${Number((10 ** (x - power)).toPrecision(3))}·10${raised(power)}`;
}

// The same with one digit, for the ends of a scale.
function roughly(log) {
  if (log > -3 && log < 4) return short(Number((10 ** log).toPrecision(1)));
  const power = Math.floor(log), digit = Math.round(10 ** (log - power));
  return digit === 1 ? `10${raised(power)}` : digit === 10 ? `10${raised(power + 1)}` : `${digit}·10${raised(power)}`;
}

const whole = (n) => Number(n).toLocaleString("en").replace(/,/g, "\u202f");
const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;

function duration(seconds) {
  const s = Number(seconds);
  if (!Number.isFinite(s)) return "unknown";
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 90) return `${s.toPrecision(3)} s`;
  if (s < 5400) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

const plural = (n, one, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;

// A name that fits: the middle goes, since both ends tell blocks apart.
function clip(text, room) {
  const characters = [...text];
  if (characters.length <= room) return text;
  const keep = Math.max(room - 1, 2);
  return characters.slice(0, Math.ceil(keep / 2)).join("") + "…" +
    characters.slice(characters.length - Math.floor(keep / 2)).join("");
}

function layersInWords(layers) {
  if (layers.length <= 3) return layers.join(", ");
  return `${layers[0]} … ${layers[layers.length - 1]} (${layers.length})`;
}
