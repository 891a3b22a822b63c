// @ts-check
/** Moving about the timeline with the keyboard, widening it, and the line of the present time. */

const STEP = 1.35;
const WIDEST = 6000;
const NOW_EVERY = 30000;
/** Pixels of the axis on A4 across, names and margins taken off. */
export const PAPER = 910;

/**
 * One tab stop for the whole timeline; arrows move inside it.
 * @param {HTMLElement} lanes
 * @param {() => void} escape
 */
export function keyboard(lanes, escape) {
  const rows = [...lanes.querySelectorAll(".lane")].map((lane) =>
    /** @type {(HTMLElement | SVGElement)[]} */ ([...lane.querySelectorAll("a.who, a.visit")]),
  );
  for (const item of rows.flat()) item.setAttribute("tabindex", "-1");
  const first = lanes.querySelector(".selected a.who") ?? rows[0]?.[0];
  first?.setAttribute("tabindex", "0");

  lanes.addEventListener("focusin", (event) => {
    const item = /** @type {Element} */ (event.target).closest("a.who, a.visit");
    if (!item) return;
    for (const other of lanes.querySelectorAll('[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    item.setAttribute("tabindex", "0");
  });
  lanes.addEventListener("keydown", (event) => {
    const item = /** @type {Element} */ (event.target).closest("a.who, a.visit");
    const row = rows.findIndex((items) => items.includes(/** @type {any} */ (item)));
    if (row < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(rows, row, rows[row].indexOf(/** @type {any} */ (item)), event.key);
    if (event.key === "Escape") escape();
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    reveal(lanes, next);
  });
}

/**
 * @param {(HTMLElement | SVGElement)[][]} rows
 * @param {number} row
 * @param {number} column
 * @param {string} key
 */
function neighbour(rows, row, column, key) {
  const items = rows[row];
  if (key === "ArrowRight") return items[column + 1];
  if (key === "ArrowLeft") return items[column - 1];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  const other = key === "ArrowDown" ? rows[row + 1] : key === "ArrowUp" ? rows[row - 1] : undefined;
  if (!other) return undefined;
  if (column === 0) return other[0];
  const left = items[column].getBoundingClientRect().left;
  const distance = (/** @type {Element} */ one) => Math.abs(one.getBoundingClientRect().left - left);
  return other.slice(1).sort((a, b) => distance(a) - distance(b))[0] ?? other[0];
}

/**
 * Scroll an item out from under the sticky names and hours.
 * @param {HTMLElement} lanes
 * @param {Element} item
 */
export function reveal(lanes, item) {
  const frame = /** @type {HTMLElement} */ (lanes.closest("[data-scroll]"));
  const box = item.getBoundingClientRect();
  const view = frame.getBoundingClientRect();
  const names = lanes.querySelector(".axis .who")?.getBoundingClientRect().width ?? 0;
  const top = view.top + 64;
  if (box.top < top) frame.scrollTop -= top - box.top;
  else if (box.bottom > view.bottom - 8) frame.scrollTop += box.bottom - view.bottom + 48;
  if (item.matches(".who")) return;
  const left = view.left + names + 8;
  if (box.left < left) frame.scrollLeft -= left - box.left;
  else if (box.right > view.right - 8) frame.scrollLeft += box.right - view.right + 24;
}

/**
 * Let every block say as much as it has room for: name and time, the name on two lines,
 * the number in the route, or nothing. The label for ears and pointer always says all.
 * @param {HTMLElement} lanes
 * @param {number} [width] pixels of the axis, if not what is seen now
 */
export function fit(lanes, width) {
  const whole = width ?? lanes.querySelector(".bars")?.getBoundingClientRect().width ?? 0;
  for (const visit of lanes.querySelectorAll(".visit")) {
    const { name = "", time = "", order = "" } = /** @type {SVGElement} */ (visit).dataset;
    const [upper, lower] = visit.querySelectorAll("text");
    const box = visit.querySelector("svg");
    if (!upper || !lower || !box) continue;
    const share = parseFloat(box.getAttribute("width") ?? "0") / 100;
    const room = share * whole - parseFloat(upper.getAttribute("x") ?? "0") - 1;
    const letters = [...name];
    const half = Math.ceil(letters.length / 2);
    const split = [letters.slice(0, half).join(""), letters.slice(half).join("")];
    const choices = [[name, time], split, [order, ""], ["", ""]];
    const fits = choices.find((lines) => lines.every((line) => long(line) <= room)) ?? ["", ""];
    [upper.textContent, lower.textContent] = fits;
    lower.classList.toggle("name", fits === split);
  }
}

/** About how long a text of a block is, in pixels. @param {string} text */
function long(text) {
  return [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 12.5 : 6.6), 0);
}

/**
 * Make the time axis wider or narrower, around the middle of what is seen.
 * @param {HTMLElement} lanes
 * @param {1 | -1} direction
 */
export function zoom(lanes, direction) {
  const frame = /** @type {HTMLElement} */ (lanes.closest("[data-scroll]"));
  const before = lanes.offsetWidth;
  const middle = (frame.scrollLeft + frame.clientWidth / 2) / before;
  const wide = Math.min(before * (direction > 0 ? STEP : 1 / STEP), WIDEST);
  lanes.style.setProperty("--wide", `${Math.round(Math.max(wide, frame.clientWidth))}px`);
  frame.scrollLeft = middle * lanes.offsetWidth - frame.clientWidth / 2;
  fit(lanes);
}

/**
 * Keep the line of the present time where it belongs.
 * @param {SVGElement} line
 * @param {{start: number, end: number, midnight: number}} axis seconds of the day; Unix seconds of 00:00
 */
export function present(line, axis) {
  const draw = () => {
    const seconds = Date.now() / 1000 - axis.midnight;
    const share = (100 * (seconds - axis.start)) / (axis.end - axis.start);
    line.toggleAttribute("hidden", share < 0 || share > 100);
    for (const end of ["x1", "x2"]) line.firstElementChild?.setAttribute(end, `${share}%`);
  };
  draw();
  setInterval(draw, NOW_EVERY);
}
