// @ts-check
/** The map of a day: streets beneath, routes in colours, one of them selected. */

import * as L from "/static/leaflet/leaflet-src.esm.js";

/**
 * @typedef {[number, number]} Point latitude, longitude; WGS-84 degrees
 * @typedef {{demand: string, order: number, name: string, time: string, at: Point,
 *   line: number[], street: boolean}} Stop `line` as `decode` reads it; not `street`: as the crow flies
 * @typedef {{staff: string, name: string, colour: number, base: Point | null, stops: Stop[],
 *   home: number[], homeStreet: boolean}} Route
 * @typedef {{network: string, selected: string, routes: Route[],
 *   labels: {base: string, zoomIn: string, zoomOut: string}}} Chart
 * @typedef {(staff: string, demand: string) => void} Chosen
 */

const UNITS = 100000;
const NUMBERS_FROM_ZOOM = 17;
const STREETS = "streets";

/**
 * A line of whole numbers `[lon, lat, dlon, dlat, …]` in 1e-5 degrees as points.
 * @param {number[]} numbers
 * @returns {Point[]}
 */
export function decode(numbers) {
  /** @type {Point[]} */
  const points = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    lon += numbers[i];
    lat += numbers[i + 1];
    points.push([lat / UNITS, lon / UNITS]);
  }
  return points;
}

/** The chart embedded in the page; `null` on a page without one. */
export function embedded() {
  const text = document.getElementById("data")?.textContent;
  return text ? JSON.parse(text) : null;
}

export class DayMap {
  /**
   * @param {HTMLElement} element
   * @param {Chart} chart
   * @param {{chosen?: Chosen, wheel?: boolean}} options `wheel`: the mouse wheel zooms
   */
  constructor(element, chart, options = {}) {
    this.chart = chart;
    this.chosen = options.chosen ?? (() => {});
    this.selected = "";
    this.map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0.25,
      maxZoom: 19,
      scrollWheelZoom: options.wheel ?? false,
      // On a phone one finger must keep scrolling the page.
      dragging: !L.Browser.mobile,
      renderer: L.canvas({ tolerance: 6, padding: 0.3 }),
    });
    const { zoomIn, zoomOut } = chart.labels;
    L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(this.map);
    this.map.createPane(STREETS).style.zIndex = "350";
    this.drawn = new Map(chart.routes.map((route) => [route.staff, this.draw(route)]));
    this.drawBases();
    this.show(chart.routes, false);
    this.map.on("zoomend", () => this.number());
    this.map.on("click", () => this.chosen("", ""));
    this.drawStreets();
  }

  /** Light streets beneath; the map stays useful when they cannot be had. */
  async drawStreets() {
    if (!this.chart.network) return;
    const answer = await fetch(this.chart.network).catch(() => null);
    if (!answer?.ok) return;
    L.geoJSON(await answer.json(), {
      interactive: false,
      pane: STREETS,
      renderer: L.canvas({ pane: STREETS, padding: 0.3 }),
      style: (/** @type {any} */ way) => ({ color: "#c6d0d9", opacity: 1, weight: width(way?.properties.kind ?? "") }),
    }).addTo(this.map);
  }

  /** @param {Route} route */
  draw(route) {
    const color = colour(route.colour);
    const legs = [
      ...route.stops.map((stop) => ({ line: decode(stop.line), street: stop.street })),
      { line: decode(route.home), street: route.homeStreet },
    ].filter((leg) => leg.line.length > 1);
    const every = legs.map((leg) => leg.line);
    const casing = L.polyline(every, { color: "#fff", weight: 9, opacity: 0, interactive: false });
    const ways = [true, false].map((street) =>
      L.polyline(
        legs.filter((leg) => leg.street === street).map((leg) => leg.line),
        { color, dashArray: street ? undefined : "6 7", bubblingMouseEvents: false },
      ),
    );
    const dots = route.stops.map((stop) =>
      L.circleMarker(stop.at, {
        radius: 4.5, color: "#fff", weight: 1.5, fillColor: color, fillOpacity: 1,
        bubblingMouseEvents: false,
      })
        .bindTooltip(text(`${route.name} · ${stop.order} ${stop.name} ${stop.time}`))
        .on("click", () => this.chosen(route.staff, stop.demand)),
    );
    for (const way of ways) {
      way.bindTooltip(text(route.name), { sticky: true });
      way.on("click", () => this.chosen(route.staff, ""));
    }
    const layer = L.layerGroup([casing, ...ways, ...dots]).addTo(this.map);
    const numbers = L.layerGroup(route.stops.map((stop) => this.marker(route, stop)));
    const drawn = { route, layer, casing, ways, dots, numbers };
    this.style(drawn);
    return drawn;
  }

  /** @param {Route} route @param {Stop} stop */
  marker(route, stop) {
    const sign = text(String(stop.order));
    sign.className = `no c${route.colour}`;
    sign.dataset.demand = stop.demand;
    return L.marker(stop.at, {
      icon: L.divIcon({ html: sign, className: "", iconSize: [24, 24] }),
      alt: `${stop.order} ${stop.name} ${stop.time}`,
      bubblingMouseEvents: false,
    })
      .bindTooltip(text(`${stop.order} ${stop.name} ${stop.time}`), { offset: [10, 0] })
      .on("click", () => this.chosen(route.staff, stop.demand));
  }

  drawBases() {
    /** @type {Map<string, Point>} */
    const bases = new Map();
    for (const { base } of this.chart.routes) if (base) bases.set(base.join(), base);
    for (const base of bases.values()) {
      const sign = document.createElement("span");
      sign.className = "base-mark";
      const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", "#i-home");
      icon.append(use);
      sign.append(icon);
      L.marker(base, {
        icon: L.divIcon({ html: sign, className: "", iconSize: [24, 24] }),
        alt: this.chart.labels.base,
        keyboard: false,
        zIndexOffset: -500,
      })
        .bindTooltip(text(this.chart.labels.base))
        .addTo(this.map);
    }
  }

  /**
   * Bring one route forward, or all when `staff` is empty.
   * @param {string} staff
   * @param {string} demand the call to mark, empty for none
   */
  select(staff, demand = "") {
    const moved = staff !== this.selected;
    this.selected = this.drawn.has(staff) ? staff : "";
    for (const drawn of this.drawn.values()) this.style(drawn);
    const front = this.drawn.get(this.selected);
    if (front) for (const layer of [front.casing, ...front.ways, ...front.dots]) layer.bringToFront();
    if (moved) this.show(front ? [front.route] : this.chart.routes, true);
    this.number();
    this.mark(demand);
  }

  /** @param {string} demand */
  mark(demand) {
    for (const sign of this.map.getContainer().querySelectorAll(".no")) {
      sign.classList.toggle("chosen", sign.dataset.demand === demand);
    }
    const stop = this.drawn.get(this.selected)?.route.stops.find((one) => one.demand === demand);
    if (stop && !this.map.getBounds().pad(-0.1).contains(stop.at)) this.map.panTo(stop.at);
  }

  /** Numbers on the selected route; on all of them from close by. */
  number() {
    const close = !this.selected && this.map.getZoom() >= NUMBERS_FROM_ZOOM;
    for (const { route, numbers } of this.drawn.values()) {
      if (close || route.staff === this.selected) numbers.addTo(this.map);
      else numbers.remove();
    }
  }

  /** @param {ReturnType<DayMap["draw"]>} drawn */
  style({ route, casing, ways, dots }) {
    const selected = route.staff === this.selected;
    const dim = this.selected !== "" && !selected;
    casing.setStyle({ opacity: selected ? 0.95 : 0 });
    for (const way of ways) {
      way.setStyle({ weight: selected ? 5 : 2.5, opacity: selected ? 1 : dim ? 0.14 : 0.62 });
    }
    for (const dot of dots) dot.setStyle({ fillOpacity: dim ? 0.18 : 1, opacity: dim ? 0 : 1 });
  }

  /**
   * Fit the view to the places of some routes.
   * @param {Route[]} routes
   * @param {boolean} animate
   */
  show(routes, animate) {
    const points = routes.flatMap((route) => [
      ...(route.base ? [route.base] : []),
      ...route.stops.flatMap((stop) => [stop.at, ...decode(stop.line)]),
    ]);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (points.length) {
      const view = { padding: [26, 26], maxZoom: 17, animate: animate && !still };
      this.map.fitBounds(L.latLngBounds(points), view);
    } else {
      this.map.setView([39.9, 116.4], 4);
    }
  }
}

/** Text as an element: names are never read as markup. @param {string} content */
function text(content) {
  const element = document.createElement("span");
  element.textContent = content;
  return element;
}

/** Width of a street by its OpenStreetMap `highway` value. @param {string} kind */
function width(kind) {
  if (/^(motorway|trunk|primary|secondary|tertiary)/.test(kind)) return 4;
  return /^(footway|path|steps|cycleway|pedestrian|corridor|track)/.test(kind) ? 1 : 2;
}

/** The value of a route colour of the style sheet. @param {number} number */
function colour(number) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--route-${number}`).trim();
}
