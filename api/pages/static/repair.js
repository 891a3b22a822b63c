// @ts-check
/** What has happened is sent twice: as a question that stores nothing, then as it is confirmed. */

const lang = new URLSearchParams(location.search).get("lang") || document.documentElement.lang;
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-repair]"));
const answer = /** @type {HTMLElement} */ (document.querySelector("[data-answer]"));
const longer = /** @type {HTMLElement} */ (form.querySelector("[name=minutes]")?.closest("label"));
const said = /** @type {HTMLElement} */ (form.querySelector(".said"));

/** @param {string} name */
const value = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value;

/** Everything that is told, as the server takes it. */
function events() {
  const found = [];
  for (const one of form.querySelectorAll("select[data-staff]")) {
    const select = /** @type {HTMLSelectElement} */ (one);
    const minutes = /** @type {HTMLInputElement} */ (select.closest("li")?.querySelector("input"));
    const event = { kind: select.value, staff: select.dataset.staff };
    if (select.value === "running_late") found.push({ ...event, minutes: Number(minutes.value) });
    else if (select.value) found.push(event);
  }
  if (value("visit")) {
    const event = { kind: value("kind"), visit: value("visit") };
    const longer = event.kind === "visit_overrun" ? { minutes: Number(value("minutes")) } : {};
    found.push({ ...event, ...longer });
  }
  return found;
}

const asked = () => JSON.stringify([events(), value("from"), value("reason")]);
let shown = "";

/** @param {boolean} dry @returns {Promise<any>} the answer, or null after a refusal */
async function send(dry) {
  said.hidden = true;
  const body = {
    events: events(),
    frozen_before: `${form.dataset.day}T${value("from")}:00+08:00`,
    reason: value("reason"),
    dry_run: dry,
  };
  const headers = { "Content-Type": "application/json", "Accept-Language": lang,
    "If-Match": `W/"${form.dataset.version}"` };
  const path = form.dataset.repair ?? "";
  const got = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await got.json().catch(() => ({}));
  if (got.ok) return told;
  said.textContent = told.detail || got.statusText;
  said.hidden = false;
  said.scrollIntoView({ block: "center" });
  return null;
}

/** @param {string} name @param {string[][]} rows first the text, then what is smaller */
function list(name, rows) {
  const place = /** @type {HTMLElement} */ (answer.querySelector(`[data-list="${name}"]`));
  const count = /** @type {HTMLElement} */ (answer.querySelector(`[data-count="${name}"]`));
  count.textContent = String(rows.length);
  place.replaceChildren(...rows.map(([text, ...more]) => {
    const item = document.createElement("li");
    item.append(text);
    for (const one of more.filter(Boolean)) {
      const small = document.createElement("small");
      small.textContent = one;
      item.append(" ", small);
    }
    return item;
  }));
}

/** How somebody is told. @param {{channel: string, address: string}} person */
function reached(person) {
  if (!person.channel) return answer.dataset.nowhere;
  return person.channel === "app" ? answer.dataset.app : person.address;
}

/** @param {any} told */
function show(told) {
  list("changes", told.changes.map((/** @type {any} */ c) => [c.text]));
  list("unserved", told.unserved.map((/** @type {any} */ u) => [u.text]));
  list("breaches", told.breaches.map((/** @type {any} */ b) => [b.text]));
  list("to_tell", told.to_tell.map((/** @type {any} */ p) => [
    [p.name, p.relation, reached(p)].filter(Boolean).join(" · "),
    ...p.changes.map((/** @type {any} */ c) => c.text),
  ]));
  shown = asked();
  answer.hidden = false;
  answer.focus();
}

form.addEventListener("change", (event) => {
  // What is shown must be what would be confirmed.
  if (asked() !== shown) answer.hidden = true;
  const select = /** @type {HTMLSelectElement} */ (event.target);
  const minutes = /** @type {HTMLElement | null} */ (
    select.matches("[data-staff]") ? select.closest("li")?.querySelector(".minutes") ?? null : null
  );
  if (minutes) minutes.hidden = select.value !== "running_late";
  longer.hidden = value("kind") !== "visit_overrun";
});
longer.hidden = true;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = await send(true);
  if (told) show(told);
});

answer.addEventListener("click", async (event) => {
  const pressed = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
  if (!pressed) return;
  if (pressed.getAttribute("data-do") === "change") {
    answer.hidden = true;
    return form.scrollIntoView();
  }
  pressed.setAttribute("disabled", "");
  const told = await send(false);
  pressed.removeAttribute("disabled");
  if (told) location.assign(form.dataset.board ?? "/");
  else answer.hidden = true;
});
