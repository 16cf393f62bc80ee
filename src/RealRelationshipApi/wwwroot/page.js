// Asks for another answer without leaving the page. Without this script the form and the links do the same by themselves.
"use strict";

const answer = document.getElementById("answer");
const progress = document.getElementById("progress");
let asked = null;

function begin(words) {
  const started = Date.now();
  const bar = document.createElement("progress");
  const text = document.createElement("span");
  bar.setAttribute("aria-label", words);
  text.textContent = words;
  progress.replaceChildren(bar, text);
  answer.setAttribute("aria-busy", "true");
  const clock = setInterval(() => { text.textContent = `${words} ${Math.round((Date.now() - started) / 1000)} s`; }, 1000);
  return said => {
    clearInterval(clock);
    answer.removeAttribute("aria-busy");
    progress.replaceChildren(...(said ? [said] : []));
  };
}

async function show(address, remember) {
  asked?.abort();
  const own = asked = new AbortController();
  const end = begin("Computing…");
  try {
    const response = await fetch(address, { headers: { Accept: "text/html, application/problem+json" }, signal: own.signal });
    if (!response.ok) {
      end((await response.json()).detail);
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    answer.replaceChildren(...page.getElementById("answer").childNodes);
    document.getElementById("question").replaceChildren(...page.getElementById("question").childNodes);
    document.querySelector("[aria-labelledby=cite]").replaceChildren(...page.querySelector("[aria-labelledby=cite]").childNodes);
    if (remember) {
      history.pushState(null, "", response.url);
    }
    end("The answer has changed.");
    draw();
    document.dispatchEvent(new Event("answered"));
  } catch (error) {
    if (error.name !== "AbortError") {
      end("The service cannot be reached.");
    }
  }
}

// A picture of many effects takes its time.
function draw() {
  const picture = document.getElementById("forest");
  if (picture && !picture.complete) {
    picture.setAttribute("aria-busy", "true");
    const done = () => picture.removeAttribute("aria-busy");
    picture.addEventListener("load", done);
    picture.addEventListener("error", done);
  }
}

document.addEventListener("submit", event => {
  if (!event.target.matches("#question, #what-if")) {
    return;
  }
  event.preventDefault();
  const chosen = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value !== ""));
  show(chosen.size > 0 ? `/?${chosen}` : "/", true);
});

document.addEventListener("click", event => {
  const link = event.target.closest("a.within");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(link.href, true);
  }
});

addEventListener("popstate", () => show(location.href, false));
draw();

// What the last revisions changed, of many effects.
async function showNews() {
  const place = document.getElementById("later-news");
  if (!place) {
    return;
  }
  place.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(place.dataset.source, { headers: { Accept: "application/json" } });
    const said = await response.json();
    if (!response.ok) {
      place.textContent = said.detail;
    } else if (said.news.length === 0) {
      place.textContent = place.dataset.unchanged;
    } else {
      const list = document.createElement("ul");
      list.className = "news";
      list.append(...said.news.map(item => itemOf(item, place.dataset.page)));
      place.replaceWith(list);
    }
  } catch {
    place.textContent = "The service cannot be reached.";
  }
  place.removeAttribute("aria-busy");
}

function itemOf({ revision, recordedAt, sentence }, page) {
  const [item, link] = [document.createElement("li"), document.createElement("a")];
  const address = new URL(page, location.href);
  address.searchParams.set("asOf", revision);
  link.href = address;
  link.textContent = `Revision ${revision}`;
  item.append(link, `, ${recordedAt.slice(0, 10)}: ${sentence}`);
  return item;
}

document.addEventListener("answered", showNews);
showNews();

// The present answer to the question behind each statement; without this script, its link.
const short = number => number === null ? "–" : number.toFixed(2).replace("-", "−").replace("0.", ".");
const verdicts = { differ: "differs", equivalent: "the same", cannotTell: "cannot be told" };

function inWords(said) {
  if (said.moderators) {
    return said.moderators.map(m => `by ${m.name.replace(/[A-Z]/g, c => ` ${c.toLowerCase()}`)}: ${verdicts[m.verdict]}`).join("; ");
  }
  const { r, lower, upper } = said.correlation;
  return `r = ${short(r)}, ${Math.round(said.model.confidence * 100)}% CI [${short(lower)}, ${short(upper)}], ${said.counts.effects} effects`
    + (said.warnings.some(w => w.code === "synthetic") ? ", synthetic" : "");
}

async function answerStatements() {
  for (const link of document.querySelectorAll("a.present")) {
    const response = await fetch(link.href, { headers: { Accept: "application/json" } }).catch(() => null);
    if (response?.ok) {
      link.textContent = inWords(await response.json());
    }
  }
}

answerStatements();
