// A field to sign in: what the finger draws goes into a hidden field as a small PNG when the form is sent.

/**
 * Let a canvas be signed.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLInputElement} field where the picture goes, as a data address
 * @returns {{clear: () => void}}
 */
export function signable(canvas, field) {
  const pen = canvas.getContext("2d");
  if (!pen) return { clear: () => undefined };
  let drawing = false;
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#14212a";

  /** @param {PointerEvent} event @returns {[number, number]} */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  }
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    const [x, y] = at(event);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + 0.1, y); // a dot is a stroke too
    pen.stroke();
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (!drawing) return;
      drawing = false;
      field.value = canvas.toDataURL("image/png");
      canvas.classList.add("is-signed");
    });
  }
  return {
    clear() {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = "";
      canvas.classList.remove("is-signed");
    },
  };
}

for (const form of document.querySelectorAll("form[data-signs]")) {
  const canvas = form.querySelector("canvas[data-sign]");
  if (!(form instanceof HTMLFormElement) || !(canvas instanceof HTMLCanvasElement)) continue;
  const field = document.getElementById(canvas.dataset.sign ?? "");
  if (!(field instanceof HTMLInputElement)) continue;
  const sign = signable(canvas, field);
  form.querySelector("[data-sign-again]")?.addEventListener("click", () => sign.clear());
  const show = () => {
    const how = form.querySelector('input[name="how"]:checked');
    form.dataset.how = how instanceof HTMLInputElement ? how.value : "";
  };
  form.addEventListener("change", show);
  show();
}
