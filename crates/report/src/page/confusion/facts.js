// What the guard says beside its sentence, and where the rows went.

function guardBlock({ reasons, look_at: look }) {
  if (!reasons.length && !look.length) return null;
  return el("div", { class: "guard" }, reasons.map((reason) => el("p", {}, reason)),
    look.length ? el("p", {}, "Look at ", el("strong", {}, look.join(", ")), " instead.") : null);
}

function accountTable({ read, parts, excluded, unaccounted }) {
  const rows = [["read", read], ...parts, ...excluded.map(([reason, n]) => [`left out: ${reason}`, n])];
  const used = parts.reduce((sum, [, n]) => sum + n, 0), left = excluded.reduce((sum, [, n]) => sum + n, 0);
  return el("div", {}, el("table", { class: "plain" }, el("tbody", {}, rows.map(([name, n]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "number" }, whole(n)))))),
    el("p", { class: unaccounted === 0 ? "muted" : "alarm" }, unaccounted === 0 ? `${whole(read)} read = ${whole(used)} counted + ${whole(left)} left out`
      : `The account does not close: ${minus(String(unaccounted))} rows are missing between read and counted.`));
}
