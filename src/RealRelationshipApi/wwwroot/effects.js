// Sorts the table of effects and draws the forest plot as PNG. Without this script the table keeps its order, and there is no PNG.
"use strict";

(() => {
  const collator = new Intl.Collator("en", { numeric: true });
  const scale = 2;

  function compare(column, isDescending) {
    const value = row => row.children[column].dataset.value ?? row.children[column].textContent;
    const sign = isDescending ? -1 : 1;
    return (a, b) => {
      const [x, y] = [value(a), value(b)];
      // Unknown values are last in both directions.
      if (x === "" || y === "") return (x === "") - (y === "");
      return sign * (row => Number.isNaN(row) ? collator.compare(x, y) : row)(Number(x) - Number(y));
    };
  }

  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const isDescending = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
        const body = table.tBodies[0];
        body.replaceChildren(...[...body.rows].sort(compare(column, isDescending)));
      });
    });
  }

  async function save(address) {
    const drawing = await (await fetch(address)).text();
    // On paper and in slides the picture is light.
    const light = drawing.replaceAll("(prefers-color-scheme:dark)", "(max-width:0)");
    const source = URL.createObjectURL(new Blob([light], { type: "image/svg+xml" }));
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth * scale, image.naturalHeight * scale];
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(source);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await new Promise(done => canvas.toBlob(done, "image/png")));
    link.download = "forest.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  function prepare() {
    document.querySelectorAll("table.sortable").forEach(makeSortable);
    document.querySelectorAll("button.png").forEach(button => {
      button.hidden = false;
      button.addEventListener("click", () => save(button.dataset.picture)
        .catch(() => { document.getElementById("progress").textContent = "The picture cannot be drawn."; }));
    });
  }

  document.addEventListener("answered", prepare);
  prepare();
})();
