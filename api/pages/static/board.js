// @ts-check
/** The day board: one selection, shown on the timeline, on the map and in the tray. */

import { DayMap, embedded } from "./map.js";
import { PAPER, fit, keyboard, present, reveal, zoom } from "./timeline.js";

const chart = embedded();
const lanes = /** @type {HTMLElement | null} */ (document.querySelector("[data-lanes]"));
const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[role="tab"]')]);
const routes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("article.route")]);
const all = /** @type {HTMLElement} */ (document.querySelector("#routes .all"));
const state = { staff: "", demand: "" };

const map = new DayMap(/** @type {HTMLElement} */ (document.querySelector("[data-map]")), chart, {
  wheel: true,
  chosen: (staff, demand) => {
    select(staff, demand);
    const row = lanes?.querySelector(".selected a.who");
    if (lanes && row) reveal(lanes, row);
  },
});

/**
 * Select a staff member and perhaps one of the calls; nobody when `staff` is empty.
 * @param {string} staff
 * @param {string} demand
 */
function select(staff, demand = "") {
  Object.assign(state, { staff, demand });
  lanes?.classList.toggle("has-selection", staff !== "");
  for (const lane of lanes?.querySelectorAll(".lane") ?? []) {
    const selected = staff !== "" && lane.getAttribute("data-staff") === staff;
    lane.classList.toggle("selected", selected);
    const who = lane.querySelector("a.who");
    if (selected) who?.setAttribute("aria-current", "true");
    else who?.removeAttribute("aria-current");
    for (const visit of lane.querySelectorAll(".visit")) {
      visit.classList.toggle("chosen", selected && visit.getAttribute("data-demand") === demand);
    }
  }
  map.select(staff, demand);
  list(staff, demand);
  const address = new URL(location.href);
  if (staff) address.searchParams.set("staff", staff);
  else address.searchParams.delete("staff");
  history.replaceState(null, "", address);
}

/**
 * Show one staff member's calls in the tray, or everybody's.
 * @param {string} staff
 * @param {string} demand
 */
function list(staff, demand) {
  for (const route of routes) route.hidden = staff !== "" && route.dataset.staff !== staff;
  all.hidden = staff === "";
  if (staff) show("routes");
  for (const step of document.querySelectorAll(".step")) {
    const chosen = demand !== "" && step.getAttribute("data-demand") === demand
      && step.closest(".route")?.getAttribute("data-staff") === staff;
    step.classList.toggle("chosen", chosen);
    if (chosen) scrollInside(step);
  }
}

/** Scroll the tray but never the page. @param {Element} step */
function scrollInside(step) {
  const frame = step.closest(".cards");
  if (!frame || frame.scrollHeight <= frame.clientHeight) return;
  const offset = step.getBoundingClientRect().top - frame.getBoundingClientRect().top;
  frame.scrollTop += offset - frame.clientHeight / 3;
}

/** Show one part of the tray. @param {string} id */
function show(id) {
  for (const tab of tabs) {
    const on = tab.getAttribute("aria-controls") === id;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    const part = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    if (part) part.hidden = !on;
  }
}

function wireTray() {
  for (const part of document.querySelectorAll(".tray > section")) {
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", `tab-${part.id}`);
  }
  const bar = /** @type {HTMLElement} */ (document.querySelector('[role="tablist"]'));
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const tab = /** @type {Element} */ (event.target).closest('[role="tab"]');
    if (tab) show(tab.getAttribute("aria-controls") ?? "");
  });
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const step = event.key === "ArrowLeft" ? -1 : 1;
    const other = tabs[(at + step + tabs.length) % tabs.length];
    show(other?.getAttribute("aria-controls") ?? "");
    other?.focus();
  });
  document.querySelector('[data-do="all"]')?.addEventListener("click", () => select(""));
  show("open");
}

/** @param {HTMLElement} timeline */
function wireTimeline(timeline) {
  timeline.addEventListener("click", (event) => {
    const item = /** @type {Element} */ (event.target).closest("a.who, a.visit");
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const staff = item.closest(".lane")?.getAttribute("data-staff") ?? "";
    const demand = item.getAttribute("data-demand") ?? "";
    const again = staff === state.staff && demand === state.demand;
    if (again) select("");
    else select(staff, demand);
  });
  keyboard(timeline, () => select(""));
  new ResizeObserver(() => fit(timeline)).observe(timeline);
  addEventListener("beforeprint", () => fit(timeline, PAPER));
  addEventListener("afterprint", () => fit(timeline));
  const line = /** @type {SVGElement} */ (timeline.querySelector(".now"));
  present(line, chart);
}

function wireTools() {
  for (const part of document.querySelectorAll(".zoom, [data-do='print']")) {
    /** @type {HTMLElement} */ (part).hidden = false;
  }
  for (const part of document.querySelectorAll("[data-without-script]")) part.remove();
  document.addEventListener("click", (event) => {
    const what = /** @type {Element} */ (event.target).closest("[data-do]")?.getAttribute("data-do");
    if (what === "print") window.print();
    if (what === "zoom-in" && lanes) zoom(lanes, 1);
    if (what === "zoom-out" && lanes) zoom(lanes, -1);
  });
  document.querySelector(".filters")?.addEventListener("change", (event) => {
    /** @type {HTMLSelectElement} */ (event.target).form?.submit();
  });
}

wireTools();
wireTray();
if (lanes) wireTimeline(lanes);
if (chart.selected) {
  select(chart.selected);
  const row = lanes?.querySelector(".selected a.who");
  if (lanes && row) reveal(lanes, row);
}
