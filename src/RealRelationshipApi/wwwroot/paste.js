// Pools a pasted table. Nothing of it is stored: it is sent to the calculator and drawn here.
"use strict";

(() => {
  const box = document.getElementById("paste");
  const table = document.getElementById("paste-table");
  const result = document.getElementById("paste-result");
  let asked = null;
  let picture = null;
  box.hidden = false;

  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    if (text !== null) made.textContent = text;
    made.append(...children);
    return made;
  };

  const list = (label, texts) => {
    const items = element("ul", null, ...texts.map(text => element("li", text)));
    items.className = "warnings";
    items.setAttribute("aria-label", label);
    return items;
  };

  // Without the zero before the point, as in the rest of the page.
  const coefficient = value => value === null ? "–" : value.toFixed(2).replace(/^(-?)0\./, "$1.");

  const post = (address, type, signal) =>
    fetch(address, { method: "POST", headers: { "Content-Type": "text/csv", Accept: type }, body: table.value, signal });

  function mapping(answer) {
    const heads = element("tr", null, ...["Column", "Read as", "First value"].map(text => {
      const cell = element("th", text);
      cell.scope = "col";
      return cell;
    }));
    const rows = answer.mapping.map(column => {
      const head = element("th", column.head || "(no head)");
      head.scope = "row";
      return element("tr", null, head, element("td", column.member ?? "left out"), element("td", column.example ?? ""));
    });
    const wide = element("div", null, element("table", null,
      element("caption", `How the columns of ${answer.rows} rows are read`), element("thead", null, heads), element("tbody", null, ...rows)));
    wide.className = "wide";
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", "Columns");
    return wide;
  }

  function estimate(answer) {
    const { correlation, pooled, counts } = answer;
    const [value, lower, upper] = correlation ? [correlation.r, correlation.lower, correlation.upper] : [pooled.effect, pooled.lower, pooled.upper];
    const number = element("span", `${correlation ? "r" : "effect"} = ${coefficient(value)}`);
    number.className = "pasted";
    return element("p", null, number, ` [${coefficient(lower)}, ${coefficient(upper)}], ${Math.round(answer.model.confidence * 100)} % confidence interval; `
      + `${counts.effects} effects of ${counts.samples} samples with ${counts.participants.toLocaleString("en")} participants.`);
  }

  const problem = async response => {
    const { detail, errors } = await response.json();
    return errors?.length > 0 ? list("What is wrong with the table", errors.map(error => error.detail)) : element("p", detail);
  };

  async function pool() {
    asked?.abort();
    const own = asked = new AbortController();
    result.setAttribute("aria-busy", "true");
    try {
      const checked = await post("/meta/pool?validateOnly=true", "application/json", own.signal);
      if (!checked.ok) {
        result.replaceChildren(await problem(checked));
        return;
      }

      const columns = await checked.json();
      const pooled = await post("/meta/pool", "application/json", own.signal);
      if (!pooled.ok) {
        result.replaceChildren(await problem(pooled), mapping(columns));
        return;
      }

      const answer = await pooled.json();
      const warnings = answer.warnings.length > 0 ? [list("What to know of this estimate", answer.warnings.map(warning => warning.detail))] : [];
      result.replaceChildren(estimate(answer), ...warnings, await plot(answer, own.signal), mapping(columns));
    } catch (error) {
      if (error.name !== "AbortError") result.replaceChildren(element("p", "The service cannot be reached."));
    } finally {
      if (asked === own) result.removeAttribute("aria-busy");
    }
  }

  async function plot(answer, signal) {
    const drawn = await post("/meta/forest.svg", "image/svg+xml", signal);
    if (!drawn.ok) return problem(drawn);
    if (picture) URL.revokeObjectURL(picture);
    picture = URL.createObjectURL(await drawn.blob());
    const image = element("img", null);
    image.src = picture;
    image.alt = `Forest plot of ${answer.counts.effects} pasted effects.`;
    const wide = element("div", null, image);
    wide.className = "wide";
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", "Forest plot of the pasted table");
    return element("figure", null, wide);
  }

  document.getElementById("paste-form").addEventListener("submit", event => {
    event.preventDefault();
    if (table.value.trim() !== "") pool();
  });
})();
