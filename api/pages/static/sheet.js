// @ts-check
/** The route sheet: a small map and the print button. */

import { DayMap, embedded } from "./map.js";

const chart = embedded();
const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-map]"));
if (chart && place) new DayMap(place, chart).select(chart.selected);

for (const button of document.querySelectorAll("[data-do='print']")) {
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener("click", () => window.print());
}
