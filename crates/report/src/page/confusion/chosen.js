// The cell that was chosen: what it says, and how its rows are found again.

// A text or number in a filter: texts in single quotes, doubled within.
const quotedText = (label, text) => (text ? `'${label.replace(/'/g, "''")}'` : label);
// A column's name as it is where it is a plain word, else in double quotes.
const quotedColumn = (name) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `"${name.replace(/"/g, '""')}"`);
// A word of a command line for a POSIX shell.
const quotedWord = (word) => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);

function cellFilter(origin, labels, a, p) {
  return `${quotedColumn(origin.actual)} = ${quotedText(labels[a], origin.text)} and ${quotedColumn(origin.predicted)} = ${quotedText(labels[p], origin.text)}`;
}

function cellCommand(origin, labels, a, p) {
  return [...origin.command, "--where", `${origin.actual}=${labels[a]}`, "--where", `${origin.predicted}=${labels[p]}`].map(quotedWord).join(" ");
}

// A line of text with a button that copies it.
function copyLine(name, text) {
  const code = el("code", { tabindex: "0" }, text);
  const button = el("button", {
    type: "button", class: "wordy",
    onclick: () => {
      const select = () => {
        // Another cell may have been chosen meanwhile.
        if (!code.isConnected) return;
        const range = document.createRange();
        range.selectNodeContents(code);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "Selected";
      };
      // A page from a file may not be allowed to write to the clipboard; the text is selected then.
      const done = () => { button.textContent = "Copied"; };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, select);
      else select();
    },
  }, "Copy");
  return el("div", { class: "copyline" }, el("span", { class: "muted" }, name), code, button);
}

function chosenCell(model, chosen) {
  const { source } = model;
  if (!chosen) return el("p", { class: "muted" }, "Choose a cell, with the pointer or the arrow keys, to see its shares and how its rows are found.");
  const [heading, ...lines] = cellLines(model, ...chosen);
  const { origin, labels } = source;
  return el("div", {}, el("p", {}, el("strong", {}, heading)), el("ul", {}, lines.map((line) => el("li", {}, line))),
    origin ? [copyLine("filter", cellFilter(origin, labels, ...chosen)), copyLine("command", cellCommand(origin, labels, ...chosen))] : null);
}
