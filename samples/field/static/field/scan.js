// Codes from the camera (the browser's own reader if it has one, else ours) and from a hardware scanner that types.

import { button, h } from "./parts.js";
import { t } from "./text.js";

/** between two keys of a scanner, at most; people are slower */
const BETWEEN_KEYS_MS = 50;
const SHORTEST = 4;
/** a camera's picture is looked at so often; more would heat the phone */
const LOOK_EVERY_MS = 120;
const WIDEST_PX = 960;
const WILLING = "field-camera";

/** @typedef {{detect: (source: CanvasImageSource) => Promise<{rawValue: string}[]>}} Detector */

// --- Reading a picture -------------------------------------------------------------------------------

/** @type {Promise<Detector | null> | undefined} */
let own;
/** @type {Worker | undefined} */
let worker;
let asked = 0;
/** @type {Map<number, {done: (text: string) => void, failed: (error: Error) => void}>} */
const waiting = new Map();

/** @returns {Promise<Detector | null>} the browser's own reader of QR codes */
function ownDetector() {
  own ??= (async () => {
    const Maker = /** @type {any} */ (globalThis).BarcodeDetector;
    if (!Maker) return null;
    const formats = await Maker.getSupportedFormats().catch(() => []);
    return formats.includes("qr_code") ? new Maker({ formats: ["qr_code"] }) : null;
  })();
  return own;
}

/**
 * Read a code in a picture with our own reader.
 * @param {ImageData} image
 * @returns {Promise<string>} what it says, "" when there is none
 */
export function decode(image) {
  if (!worker) {
    worker = new Worker(new URL("./scan-worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      const one = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error) one?.failed(new Error(data.error));
      else one?.done(data.text);
    };
    worker.onerror = () => {
      for (const one of waiting.values()) one.failed(new Error("scanner"));
      waiting.clear();
    };
  }
  const id = ++asked;
  const answer = new Promise((/** @type {(text: string) => void} */ done, failed) => waiting.set(id, { done, failed }));
  worker.postMessage({ id, image }, [image.data.buffer]);
  return answer;
}

const canvas = document.createElement("canvas");

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<string>}
 */
async function look(video) {
  const detector = await ownDetector();
  if (detector) return (await detector.detect(video))[0]?.rawValue ?? "";
  const scale = Math.min(1, WIDEST_PX / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  if (!paper || !canvas.width) return "";
  paper.drawImage(video, 0, 0, canvas.width, canvas.height);
  return decode(paper.getImageData(0, 0, canvas.width, canvas.height));
}

// --- The camera ----------------------------------------------------------------------------------------

/** @returns {boolean} whether the camera was used here before: then it opens by itself */
export const cameraWilling = () => localStorage.getItem(WILLING) === "yes" && Boolean(navigator.mediaDevices);

/**
 * @typedef {object} Finder
 * @property {HTMLElement} element
 * @property {() => void} stop
 */

/**
 * A camera's finder that stays open and gives each code once, until it sees another.
 * @param {(code: string) => void} found
 * @param {{closed?: () => void}} [more]
 * @returns {Finder}
 */
export function finder(found, more = {}) {
  const video = /** @type {HTMLVideoElement} */ (h("video", { playsinline: true, muted: true, "aria-label": t("Camera") }));
  const word = h("p.finder-word", { role: "status" }, t("Opening the camera…"));
  const light = button("", () => undefined, { icon: "light", kind: "round", name: t("Light") });
  light.hidden = true;
  let open = true;
  /** @type {MediaStream | undefined} */
  let stream;
  const stop = () => {
    open = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const shut = button("", () => (stop(), element.remove(), more.closed?.()), { icon: "close", kind: "round", name: t("Close the camera") });
  const element = h("div.finder", {}, video, h("div.finder-frame"), h("div.finder-tools", {}, light, shut), word);
  const run = async () => {
    try {
      const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      word.textContent = cameraProblem(error);
      localStorage.removeItem(WILLING);
      return;
    }
    if (!open) return stop();
    localStorage.setItem(WILLING, "yes");
    video.srcObject = stream;
    await video.play();
    word.textContent = t("Hold the tag's square code in the frame.");
    offerLight(stream, light);
    await watch(video, () => open && element.isConnected, found, word);
    stop();
  };
  void run();
  return { element, stop };
}

/** @param {unknown} error */
function cameraProblem(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return t("The camera is not allowed here. Allow it in the phone's settings, or type the tag.");
  return t("No camera could be opened. Type the tag.");
}

/**
 * @param {MediaStream} stream
 * @param {HTMLElement} light
 */
function offerLight(stream, light) {
  const track = stream.getVideoTracks()[0];
  const can = /** @type {any} */ (track?.getCapabilities?.() ?? {});
  if (!track || !can.torch) return;
  let on = false;
  light.hidden = false;
  light.onclick = () => {
    on = !on;
    light.setAttribute("aria-pressed", String(on));
    void track.applyConstraints({ advanced: [/** @type {any} */ ({ torch: on })] });
  };
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => boolean} going
 * @param {(code: string) => void} found
 * @param {HTMLElement} word
 */
async function watch(video, going, found, word) {
  let last = "";
  while (going()) {
    const began = performance.now();
    try {
      const text = video.readyState >= 2 ? await look(video) : "";
      if (text && text !== last && going()) {
        last = text;
        navigator.vibrate?.(60);
        found(text);
      }
    } catch {
      word.textContent = t("The scanner is not on this phone yet: open the application once with a network. Type the tag meanwhile.");
      return;
    }
    await new Promise((on) => setTimeout(on, Math.max(20, LOOK_EVERY_MS - (performance.now() - began))));
  }
}

// --- A hardware scanner ----------------------------------------------------------------------------------

/**
 * Hear a scanner that types fast and ends with Enter, wherever the focus is: what it typed into a field that is not
 * for codes is taken out again. Fields for codes have the attribute data-code and hear it themselves.
 * @param {(code: string) => void} found
 */
export function hearScanner(found) {
  let typed = "";
  let last = 0;
  /** @type {{field: HTMLInputElement, before: string} | null} */
  let into = null;
  const keyed = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement ? event.target : null;
    if (field?.dataset["code"] !== undefined) return void (typed = "");
    const pause = event.timeStamp - last;
    last = event.timeStamp;
    if (event.key === "Enter") {
      const code = typed;
      typed = "";
      if (code.length < SHORTEST || pause > BETWEEN_KEYS_MS || !/[0-9]/.test(code)) return;
      // In a field for numbers the scanner types digits too: only what looks like a code is taken.
      if (into && !/^[A-Za-z]{2}[\s-]?[0-9]{6}|\/t\//.test(code)) return;
      event.preventDefault();
      event.stopPropagation();
      if (into) {
        into.field.value = into.before;
        into.field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      found(code);
    } else if (event.key.length === 1) {
      if (pause > BETWEEN_KEYS_MS || !typed) {
        typed = "";
        into = field ? { field: /** @type {HTMLInputElement} */ (field), before: field.value } : null;
      }
      typed += event.key;
    }
  };
  document.addEventListener("keydown", keyed, { capture: true });
}
