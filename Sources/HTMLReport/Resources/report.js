"use strict";
// Everything that comes from a run is put in as text, never as markup.
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  theme.addEventListener("click", () => {
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  const make = (name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  // As Swift's Text.length and Text.clock.
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const length = (milliseconds) => {
    const seconds = Math.floor(milliseconds / 1000);
    if (seconds < 3600) return (milliseconds / 1000).toFixed(3) + " s";
    const [minutes, hours] = [two(seconds / 60 % 60), Math.floor(seconds / 3600)];
    return seconds < 2 * 86400 ? `${hours} h ${minutes} min ${two(seconds % 60)} s`
      : `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
  };
  const clock = (milliseconds) => {
    const seconds = Math.floor(milliseconds / 1000);
    return `${two(seconds / 3600)}:${two(seconds / 60 % 60)}:${two(seconds % 60)}.`
      + String(milliseconds % 1000).padStart(3, "0");
  };

  const describe = (run, row) => {
    const [name, group, state, started, ready, attempts, restarts, steps] = row;
    const box = make("div");
    box.append(make("h3", name));
    const isReady = run.states[state] === "Ready";
    const how = ready < 0 ? run.states[state]
      : `${run.done} ${length(ready - started)} after its start`
        + (isReady ? "" : `, and not any more: ${run.states[state]}`);
    const where = `${how}. Group ${run.groups[group]}, `
      + (started < 0 ? "not started when the run ended" : `started at ${clock(started)}`);
    if (!steps) {
      box.append(make("p", where + "."),
        make("p", `Its steps are not in this report: bootsim explain RUN node/${name}`, "quiet"));
      return box;
    }
    box.append(make("p", `${where}, ` +
      `${attempts} attempt${attempts === 1 ? "" : "s"}, ${restarts} restart${restarts === 1 ? "" : "s"}.`));
    const table = make("table");
    const head = make("tr");
    for (const title of ["Step", "", "At", "After the one before"]) head.append(make("th", title));
    table.append(head);
    const reached = steps.map((at, place) => [place + 1, at]).filter(([, at]) => at >= 0);
    reached.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    let before = started;
    for (const [step, at] of reached) {
      const line = make("tr");
      line.append(make("td", String(step), "number"), make("td", run.steps[step - 1]),
        make("td", clock(at), "number"), make("td", length(at - before), "number"));
      before = at;
      table.append(line);
    }
    const scroll = make("div", undefined, "scroll");
    scroll.append(table);
    box.append(scroll);
    return box;
  };

  // One of `others`: no steps.
  const short = (line) => {
    const [group, state, started, ready, ...name] = line.split(" ");
    return [name.join(" "), Number(group), Number(state), Number(started), Number(ready)];
  };
  const nameOf = (line) => line.slice(line.split(" ", 4).join(" ").length + 1);

  document.querySelectorAll(".search").forEach((search) => {
    const run = JSON.parse(document.getElementById(search.dataset.run).textContent);
    const input = search.querySelector("input");
    const list = search.querySelector(".found");
    const shown = search.querySelector(".shown");
    const say = search.querySelector(".say");
    const find = () => {
      const wanted = input.value.trim().toLowerCase();
      list.replaceChildren();
      shown.replaceChildren();
      if (!wanted) { say.textContent = ""; return; }
      const hits = run.nodes.filter((row) => row[0].toLowerCase().includes(wanted))
        .concat(run.others.filter((line) => nameOf(line).toLowerCase().includes(wanted)).map(short));
      say.textContent = hits.length === 0 ? "No node has this in its name."
        : hits.length > 8 ? `${hits.length} nodes; the first 8:`
        : hits.length === 1 ? "1 node" : `${hits.length} nodes`;
      for (const row of hits.slice(0, 8)) {
        const button = make("button", `${row[0]} · ${run.states[row[2]]}`);
        button.addEventListener("click", () => shown.replaceChildren(describe(run, row)));
        const item = make("li");
        item.append(button);
        list.append(item);
      }
      if (hits.length === 1) shown.replaceChildren(describe(run, hits[0]));
    };
    input.addEventListener("input", find);
  });

  document.addEventListener("keydown", (event) => {
    const input = document.querySelector(".search input");
    if (event.key !== "/" || !input || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    input.focus();
  });
})();
