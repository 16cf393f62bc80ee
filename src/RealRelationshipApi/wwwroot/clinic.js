// The page of a clinic. The key is a variable of this module: it is in no storage, no cookie and no address.
import { el } from "/charts.js";
import { associations, completeness, refusals, therapists, trends } from "/clinicSections.js";

const idleMilliseconds = 15 * 60 * 1000;
const form = document.getElementById("key-form");
const input = document.getElementById("key");
const status = document.getElementById("status");
const report = document.getElementById("report");

let key = null;
let lastUsed = 0;
let requests = null;

const sections = [
  { id: "associations", title: "Relationship and outcome", paths: ["/associations"], show: associations },
  { id: "therapists", title: "Therapists", paths: ["/sessions/therapists"], show: therapists },
  { id: "trends", title: "Course of treatment", paths: ["/sessions/trends"], show: trends },
  { id: "completeness", title: "Completeness", paths: ["month", "therapist", "source"].map(by => `/sessions/completeness?by=${by}`), show: completeness },
  { id: "refusals", title: "Refused measures", paths: ["/sessions/refusals?days=90"], show: refusals },
];

class Refused extends Error {}

async function ask(path, accept) {
  const headers = { Accept: accept ?? "application/json" };
  if (key) {
    headers["X-API-Key"] = key;
  }
  const response = await fetch(path, { headers, signal: requests.signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
  if (!response.ok) {
    throw new Refused(await explain(response));
  }
  return accept ? response.blob() : response.json();
}

async function explain(response) {
  const seconds = response.headers.get("Retry-After");
  const again = seconds ? ` Try again in ${seconds} s.` : "";
  switch (response.status) {
    case 401: return key ? "This key is not valid: it is mistyped, expired or revoked." : "The service needs a key. Enter one with scope sessions:read.";
    case 403: return "This key may not read sessions: it lacks scope sessions:read.";
    case 429: return `Too many requests, or too many wrong keys from your network.${again}`;
    case 503: return `The service cannot answer now.${again}`;
    default: return (await response.json().catch(() => null))?.detail ?? `The service answered with status ${response.status}.`;
  }
}

const messageOf = error => error instanceof Refused ? error.message : "The service cannot be reached. Check the connection, then try again.";

// Ends everything that the key was used for.
function forget(message) {
  requests?.abort();
  key = null;
  requests = null;
  input.value = "";
  report.replaceChildren();
  report.hidden = true;
  form.hidden = false;
  status.textContent = message;
}

async function open() {
  requests?.abort();
  const own = requests = new AbortController();
  report.replaceChildren();
  report.hidden = true;
  status.textContent = "Reading…";
  lastUsed = Date.now();
  try {
    const access = await ask("/sessions/access");
    form.hidden = true;
    show(access);
    // One after the other, so that the page takes one slot of the service.
    for (const section of sections) {
      await fill(section);
    }
    status.textContent = "";
  } catch (error) {
    // Otherwise another request took over, or the key was dropped.
    if (requests === own) {
      forget(messageOf(error));
      input.focus();
    }
  }
}

function show(access) {
  const button = (text, action) => {
    const made = el("button", { type: "button" }, text);
    made.addEventListener("click", action);
    return made;
  };
  const title = el("h2", { id: "site", tabindex: "-1" }, `Site ${access.site}`);
  report.replaceChildren(
    el("div", { class: "head" }, title, el("p", { class: "note" }, `As of ${new Date().toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })}`),
      el("div", { class: "row noprint" }, button("Refresh", open), button("Print", () => print()), button("Close and drop the key", () => {
        forget("Closed: the key was dropped.");
        input.focus();
      }))),
    ...(key ? warnings(access) : []),
    el("nav", { "aria-label": "Sections", class: "noprint" },
      el("ul", {}, ...sections.map(s => el("li", {}, el("a", { href: `#${s.id}` }, s.title))))),
    ...sections.map(s => el("section", { "aria-labelledby": s.id, "aria-busy": "true" }, el("h2", { id: s.id, tabindex: "-1" }, s.title),
      el("div", { class: "body" }, el("p", { class: "note" }, "Reading…")))));
  report.hidden = false;
  title.focus({ preventScroll: true });
}

function warnings(access) {
  const more = access.scopes.filter(scope => scope !== "sessions:read");
  return more.length === 0 ? [] : [el("p", { class: "warning", id: "scopes" }, el("strong", {}, "This key can do more than this page needs: "),
    `${more.join(", ")}. Use a key with scope sessions:read alone, so that a lost key changes nothing.`)];
}

async function fill(section) {
  const place = document.getElementById(section.id).parentElement;
  const body = place.querySelector(".body");
  try {
    const answers = await Promise.all(section.paths.map(path => ask(path)));
    body.replaceChildren(...section.show(answers, download));
  } catch (error) {
    if (error.name === "AbortError" || !requests) {
      throw error;
    }
    body.replaceChildren(el("p", { class: "warning", role: "alert" }, messageOf(error)));
  }
  place.removeAttribute("aria-busy");
}

// A link could not carry the key.
function download(text, path, type, name) {
  const button = el("button", { type: "button" }, text);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const link = el("a", { href: URL.createObjectURL(await ask(path, type)), download: name });
      link.click();
      URL.revokeObjectURL(link.href);
      status.textContent = "";
    } catch (error) {
      status.textContent = error.name === "AbortError" ? status.textContent : messageOf(error);
    }
    button.disabled = false;
  });
  return button;
}

document.getElementById("no-script").remove();

form.addEventListener("submit", event => {
  event.preventDefault();
  key = input.value.trim() || null;
  input.value = "";
  open();
});

for (const kind of ["pointerdown", "keydown", "wheel", "touchstart", "scroll"]) {
  addEventListener(kind, () => { lastUsed = Date.now(); }, { passive: true, capture: true });
}

// By the clock, since timers of a hidden tab and of a sleeping computer stand still.
function dropWhenIdle() {
  if (requests && Date.now() - lastUsed >= idleMilliseconds) {
    forget("The key was dropped after 15 idle minutes. Enter it again to go on.");
  }
}

setInterval(dropWhenIdle, 5_000);
document.addEventListener("visibilitychange", dropWhenIdle);

// The browser may keep a page that was left.
addEventListener("pagehide", () => forget(""));
