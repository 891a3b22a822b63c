// @ts-check
/** The run that plans this day, followed live; and steps in the history of the day. */

const lang = new URLSearchParams(location.search).get("lang") || document.documentElement.lang;
const run = /** @type {HTMLElement | null} */ (document.querySelector("[data-run]"));
const past = /** @type {HTMLElement | null} */ (document.querySelector("[data-history]"));

/**
 * Ask for something; what was refused is said, and then the page is read again.
 * @param {string} path
 * @param {string} version of the day that was looked at
 * @param {object | null} body
 * @param {(problem: {code?: string}) => object | null} [again] a second wish after a refusal
 */
async function ask(path, version, body, again) {
  const headers = { "Content-Type": "application/json", "Accept-Language": lang,
    "If-Match": `W/"${version}"` };
  const answer = await fetch(path, {
    method: "POST", headers, body: body ? JSON.stringify(body) : undefined,
  });
  if (answer.ok) return location.reload();
  const problem = await answer.json().catch(() => ({}));
  const other = again?.(problem) ?? null;
  if (other) return ask(path, version, other);
  alert([problem.detail || answer.statusText, ...meanwhile(problem)].join("\n"));
  if (answer.status === 412) location.reload();
}

/** What others changed since. @param {{since?: {text: string, by: string, reason: string}[]}} p */
function meanwhile(p) {
  return (p.since ?? []).map((one) => [one.text, one.by, one.reason].filter(Boolean).join(" · "));
}

/** @param {HTMLElement} place */
function follow(place) {
  const states = JSON.parse(place.dataset.states ?? "{}");
  const state = /** @type {HTMLElement} */ (place.querySelector("[data-run-state]"));
  const figures = /** @type {HTMLElement} */ (place.querySelector("[data-run-figures]"));
  const events = new EventSource(`/v1/runs/${place.dataset.run}/events`);
  events.addEventListener("state", (event) => {
    state.textContent = states[JSON.parse(event.data).state] ?? "";
  });
  events.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    figures.textContent = (place.dataset.figures ?? "").replace(/{(\w+)}/g, (_, name) => {
      const value = told[name];
      return typeof value === "number" ? value.toLocaleString(lang) : "–";
    });
  });
  events.addEventListener("end", (event) => {
    events.close();
    const told = JSON.parse(event.data);
    state.textContent = states[told.state] ?? "";
    if (told.state !== "failed") location.reload();
  });
}

if (run) {
  const path = `/v1/runs/${run.dataset.run}`;
  const version = run.dataset.version ?? "";
  for (const acts of run.querySelectorAll(".acts")) {
    /** @type {HTMLElement} */ (acts).hidden = false;
  }
  run.addEventListener("click", (event) => {
    const wish = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
    const verb = wish?.getAttribute("data-do");
    if (!verb) return;
    wish?.setAttribute("disabled", "");
    if (verb === "cancel") {
      fetch(`${path}:cancel`, { method: "POST", headers: { "Accept-Language": lang } });
    } else ask(`${path}:${verb}`, version, null);
  });
  if (["queued", "validating", "solving", "checking"].includes(run.dataset.state ?? "")) follow(run);
}

if (past) {
  const path = past.dataset.history ?? "";
  const version = past.dataset.version ?? "";
  for (const part of past.querySelectorAll(".acts, [data-restore]")) {
    /** @type {HTMLElement} */ (part).hidden = false;
  }
  /** @param {object} body */
  const partly = (body) => (/** @type {{code?: string, detail?: string}} */ problem) =>
    problem.code === "day.not_feasible"
      && confirm([problem.detail, past.dataset.partly].join("\n"))
      ? { ...body, partly: true } : null;
  past.addEventListener("click", (event) => {
    const pressed = /** @type {HTMLElement} */ (event.target).closest("[data-restore], [data-do]");
    if (!pressed) return;
    const wanted = pressed.getAttribute("data-restore");
    const reason = prompt(past.dataset.why ?? "") ?? "";
    if (!reason) return;
    const body = wanted ? { version: Number(wanted), reason } : { reason };
    const verb = wanted ? "restore" : pressed.getAttribute("data-do");
    ask(`${path}:${verb}`, version, body, partly(body));
  });
}
