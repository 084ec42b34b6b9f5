// Maps: <div data-map="id" data-outlines="address"> draws the way and the places that lie in the data block #id over
// bundled outlines of countries; no tiles, nothing from elsewhere. Leaflet is fetched when the map comes into sight.

/** @typedef {{at: [number, number], title: string, time: string, place: string, number: number}} Seen */
/** @typedef {{way: [number, number][], points: Seen[]}} Drawn */
/** @typedef {{type: string, arcs: any, properties?: {name?: string}}} Shape */
/** @typedef {{transform: {scale: number[], translate: number[]}, arcs: number[][][], objects: {countries: {geometries: Shape[]}}}} Topology */

const WAY = "#46555e";
const SEEN = "#0a5a66";
const LAND = "#f3efe6";
const BORDER = "#b9b2a3";

/** @param {string} file */
const vendored = (file) => new URL(`../vendor/${file}`, import.meta.url).href;

/** @returns {Promise<any>} */
function fetchLeaflet() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = vendored("leaflet.css");
  document.head.append(sheet);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = vendored("leaflet.js");
    script.addEventListener("load", () => resolve(Reflect.get(globalThis, "L")));
    script.addEventListener("error", () => reject(new Error("leaflet.js did not load")));
    document.head.append(script);
  });
}

/**
 * Returns the lines of a topology as [latitude, longitude] points: its arcs are differences of whole numbers.
 * @param {Topology} topology
 * @returns {[number, number][][]}
 */
export function linesOf(topology) {
  const [dx = 1, dy = 1] = topology.transform.scale;
  const [x0 = 0, y0 = 0] = topology.transform.translate;
  return topology.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([stepX = 0, stepY = 0]) => {
      x += stepX;
      y += stepY;
      return [y0 + y * dy, x0 + x * dx];
    });
  });
}

/**
 * Returns the rings of a shape: each a list of arcs by number, backwards where the number is negative.
 * @param {Shape} shape
 * @param {[number, number][][]} lines
 * @returns {[number, number][][][]}
 */
function polygonsOf(shape, lines) {
  /** @param {number[]} arcs */
  const ring = (arcs) =>
    arcs.flatMap((at) => (at < 0 ? [...(lines[~at] ?? [])].reverse() : (lines[at] ?? [])));
  const polygons = shape.type === "MultiPolygon" ? shape.arcs : shape.type === "Polygon" ? [shape.arcs] : [];
  return polygons.map((/** @type {number[][]} */ rings) => rings.map(ring));
}

/**
 * @param {any} map
 * @param {any} leaflet
 * @param {string} address
 */
async function drawOutlines(map, leaflet, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  /** @type {Topology} */
  const topology = await answer.json();
  const lines = linesOf(topology);
  const style = { color: BORDER, weight: 1, fillColor: LAND, fillOpacity: 1, interactive: false, pane: "tilePane" };
  for (const shape of topology.objects.countries.geometries)
    for (const polygon of polygonsOf(shape, lines)) leaflet.polygon(polygon, style).addTo(map);
}

/**
 * @param {any} map
 * @param {any} leaflet
 * @param {Drawn} drawn
 */
function drawRoad(map, leaflet, drawn) {
  if (drawn.way.length > 1) {
    leaflet.polyline(drawn.way, { color: WAY, weight: 2, dashArray: "6 6", interactive: false }).addTo(map);
  }
  for (const seen of drawn.points) {
    const words = document.createElement("span");
    words.textContent = `${seen.number}. ${seen.title}${seen.place ? `, ${seen.place}` : ""}`;
    leaflet
      .circleMarker(seen.at, { radius: 7, color: "#ffffff", weight: 2, fillColor: SEEN, fillOpacity: 1 })
      .bindTooltip(words)
      .addTo(map);
  }
  map.fitBounds(leaflet.latLngBounds([...drawn.way, ...drawn.points.map((seen) => seen.at)]).pad(0.3), { maxZoom: 9 });
}

/** @param {HTMLElement} place */
async function draw(place) {
  const block = document.getElementById(place.dataset["map"] ?? "");
  if (!block?.textContent || place.dataset["state"]) return;
  place.dataset["state"] = "loading";
  try {
    const leaflet = await fetchLeaflet();
    const map = leaflet.map(place, { maxZoom: 11, minZoom: 3, renderer: leaflet.svg({ padding: 1 }), attributionControl: false });
    drawRoad(map, leaflet, JSON.parse(block.textContent));
    leaflet.control.scale({ imperial: false }).addTo(map);
    await drawOutlines(map, leaflet, place.dataset["outlines"] ?? "");
    place.dataset["state"] = "drawn";
  } catch (error) {
    place.dataset["state"] = "failed";
    place.textContent = "The map could not be drawn; the places are in the list.";
    console.error(error);
  }
}

if (typeof document !== "undefined") {
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting && entry.target instanceof HTMLElement) void draw(entry.target);
  });
  for (const place of document.querySelectorAll("[data-map]")) sight.observe(place);
}
