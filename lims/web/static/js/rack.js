// A rack's items move by dragging and by Alt with the arrow keys; without a script their buttons do the same.

const EARLIER = ["ArrowLeft", "ArrowUp"];
const LATER = ["ArrowRight", "ArrowDown"];
/** how far a pointer goes, in px, before it drags */
const SLACK = 6;

let busy = false;

/** @returns {HTMLElement | null} */
function rack() {
  return document.querySelector("[data-rack][data-move]");
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
function itemOf(target) {
  return target instanceof Element ? target.closest("[data-rack][data-move] [data-item]") : null;
}

/**
 * Send where an item goes; what comes back is the rack as it stands, with what was wrong.
 * @param {string} item
 * @param {number} to
 */
async function send(item, to) {
  const part = rack();
  const form = part?.querySelector("form");
  const move = part?.dataset.move;
  if (!part || !form || !move || busy) return;
  busy = true;
  const data = new FormData(form);
  data.set("move", `${item}:${to}`);
  try {
    const answer = await fetch(move, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-rack]");
    // A lost session answers with another page: that page has to be seen.
    if (!fresh) return location.reload();
    part.replaceWith(fresh);
    // The other forms of the page are bound to the rack that is seen now.
    const version = fresh instanceof HTMLElement ? (fresh.dataset.version ?? "") : "";
    for (const field of document.querySelectorAll("input[name=version]")) /** @type {HTMLInputElement} */ (field).value = version;
    const moved = /** @type {HTMLElement | null} */ (fresh.querySelector(`[data-item="${item}"]`));
    moved?.focus();
    const said = fresh.querySelector("[data-said]");
    if (said && moved && answer.ok) said.textContent = `Now at position ${moved.dataset.position}`;
  } catch {
    location.reload();
  } finally {
    busy = false;
  }
}

document.addEventListener("keydown", (event) => {
  const item = itemOf(event.target);
  if (!item || !event.altKey || event.target !== item) return;
  const at = Number(item.dataset.position);
  const to = EARLIER.includes(event.key) ? at - 1 : LATER.includes(event.key) ? at + 1 : 0;
  if (!EARLIER.includes(event.key) && !LATER.includes(event.key)) return;
  event.preventDefault();
  if (to >= 1) send(item.dataset.item ?? "", to);
});

/** @type {{ item: HTMLElement, x: number, y: number, dragging: boolean, over: HTMLElement | null } | null} */
let carried = null;

function drop() {
  carried?.item.classList.remove("is-carried");
  carried?.over?.classList.remove("is-target");
  carried = null;
}

document.addEventListener("pointerdown", (event) => {
  const item = itemOf(event.target);
  const onButton = event.target instanceof Element && event.target.closest("button");
  if (item && !onButton && event.button === 0) carried = { item, x: event.clientX, y: event.clientY, dragging: false, over: null };
});

document.addEventListener("pointermove", (event) => {
  if (!carried) return;
  if (!carried.dragging && Math.hypot(event.clientX - carried.x, event.clientY - carried.y) < SLACK) return;
  if (!carried.dragging) {
    carried.dragging = true;
    carried.item.setPointerCapture(event.pointerId);
    carried.item.classList.add("is-carried");
  }
  event.preventDefault();
  carried.over?.classList.remove("is-target");
  carried.over = itemOf(document.elementFromPoint(event.clientX, event.clientY));
  carried.over?.classList.add("is-target");
});

document.addEventListener("pointerup", () => {
  const item = carried?.item.dataset.item;
  const to = Number(carried?.over?.dataset.position ?? 0);
  const goes = carried?.dragging && carried.over && carried.over !== carried.item;
  drop();
  if (goes && item && to) send(item, to);
});

document.addEventListener("pointercancel", drop);
