// A field to sign in with a finger: evidence with a name and a document's number, not an "e-signature".

import { button, h } from "../parts.js";
import { t } from "../text.js";

/** @returns {{element: HTMLElement, png: () => Promise<Blob | null>}} */
export function signature() {
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas.signature", { width: 660, height: 380, role: "img", "aria-label": t("Sign here with a finger") }));
  const pen = canvas.getContext("2d");
  let drawn = 0;
  let down = false;
  const blank = () => {
    if (!pen) return;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = "#000";
    pen.lineWidth = 5;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    drawn = 0;
  };
  const at = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return /** @type {[number, number]} */ ([((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen?.beginPath();
    pen?.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen?.lineTo(...at(event));
    pen?.stroke();
    drawn += 1;
  });
  canvas.addEventListener("pointerup", () => (down = false));
  blank();
  const element = h("div.field", {}, canvas, button(t("Erase"), blank, { icon: "erase" }));
  // A touch is no signature.
  const png = () => (drawn < 8 ? Promise.resolve(null) : new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done, "image/png")));
  return { element, png };
}
