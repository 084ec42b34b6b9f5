// Where the phone is: asked all the while that a screen needs it, so that the place is there before anybody wants it.

import { age, h, icon } from "./parts.js";
import { t } from "./text.js";

/** @typedef {{latitude: number, longitude: number, accuracy: number, at: number}} Fix */

/** a place older than this says nothing about where we are now */
const TOO_OLD_MS = 30 * 60_000;
/** @type {Fix | null} */
let last = null;
let problem = "";
let watching = 0;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Begin to ask for the place; asking again does nothing. */
export function startPlaces() {
  if (watching || !("geolocation" in navigator)) return;
  watching = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      // Some phones give an old place first: its own time counts.
      last = { latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy, at: timestamp };
      problem = "";
      for (const listener of listeners) listener();
    },
    (error) => {
      problem = error.code === error.PERMISSION_DENIED ? "denied" : "none";
      for (const listener of listeners) listener();
    },
    { enableHighAccuracy: true, maximumAge: 10_000 },
  );
}

/** Stop asking: the battery lasts longer. */
export function stopPlaces() {
  if (watching) navigator.geolocation.clearWatch(watching);
  watching = 0;
  listeners.clear();
}

/** @returns {Fix | null} the last place, if it is not too old */
export function place() {
  return last && Date.now() - last.at < TOO_OLD_MS ? last : null;
}

/**
 * When and where, as every record says it.
 * @param {{place?: string, note?: string}} [more]
 * @returns {import("./types.js").Here}
 */
export function here(more = {}) {
  const fix = place();
  /** @type {import("./types.js").Here} */
  const told = { at: new Date().toISOString() };
  if (fix) {
    told.latitude = fix.latitude.toFixed(6);
    told.longitude = fix.longitude.toFixed(6);
    told.accuracy_m = Math.max(1, Math.round(fix.accuracy)).toString();
  }
  if (more.place) told.place = more.place.trim().slice(0, 100);
  if (more.note) told.note = more.note.trim();
  return told;
}

/**
 * A line that always says where we are, how well that is known, and how old it is.
 * @returns {HTMLElement}
 */
export function placeLine() {
  const words = h("span.place-words");
  const line = h("div.place", {}, icon("place"), words);
  const show = () => {
    const fix = place();
    words.replaceChildren(...(fix ? known(fix) : [h("b", {}, t("Place not known yet")), h("small", {}, why())]));
    line.classList.toggle("missing", !fix);
  };
  startPlaces();
  listeners.add(show);
  const clock = setInterval(() => (line.isConnected ? show() : clearInterval(clock)), 5000);
  show();
  return line;
}

/** @param {Fix} fix */
function known(fix) {
  const accuracy = `±${Math.max(1, Math.round(fix.accuracy))}\u00a0m`;
  return [
    h("b.figures", {}, `${fix.latitude.toFixed(5)}, ${fix.longitude.toFixed(5)}`),
    h("small", {}, t("{accuracy}, {age} ago", { accuracy, age: age(fix.at) })),
  ];
}

function why() {
  if (problem === "denied") return t("The phone does not let this application see the place. Allow it in the phone's settings.");
  return t("Stand under open sky. You may save without it.");
}
