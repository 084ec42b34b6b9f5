// What every page does: shortcuts, menus, words when a fragment fails. Islands bring modules of their own.
import { watchScanner } from "./scan.js";
import { keepDrafts } from "./draft.js";

const LETTER_WAITS_MS = 1500;

/**
 * Whether what has the focus takes letters itself.
 * @param {EventTarget | null} target
 * @returns {boolean}
 */
export function takesText(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** @returns {HTMLInputElement | null} */
function searchBox() {
  return document.querySelector("#search-box");
}

/**
 * Show a word in the corner; it stays until it is closed, or goes by itself when nothing is wrong.
 * @param {string} text
 * @param {"info" | "bad"} tone
 */
export function toast(text, tone = "info") {
  const place = document.querySelector("#toasts");
  if (!place) return;
  const words = document.createElement("div");
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "toast-close";
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close");
  const note = document.createElement("div");
  note.className = `callout callout-${tone}`;
  note.append(words, close);
  close.addEventListener("click", () => note.remove());
  place.replaceChildren(...[...place.children].slice(-2), note);
  if (tone === "info") setTimeout(() => note.remove(), 6000);
}

/** `/` to the search box; `g` and a letter to a place; Esc leaves a menu or a field. */
function shortcuts() {
  let since = 0;
  const ready = () => performance.now() - since < LETTER_WAITS_MS;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return leave();
    if (takesText(event.target)) return;
    const box = searchBox();
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "g") {
      since = performance.now();
      document.body.classList.add("show-letters");
      setTimeout(() => ready() || document.body.classList.remove("show-letters"), LETTER_WAITS_MS + 50);
    } else if (since && ready() && /^[a-z]$/.test(event.key)) {
      since = 0;
      document.body.classList.remove("show-letters");
      /** @type {HTMLAnchorElement | null} */
      const place = document.querySelector(`.places a[data-letter="${event.key}"]`);
      place?.click();
    }
  });
}

/** Close the open menus, else leave the search box. */
function leave() {
  const open = [...document.querySelectorAll("details[data-menu][open]")];
  for (const menu of open) {
    const inside = menu.contains(document.activeElement);
    menu.removeAttribute("open");
    if (inside) menu.querySelector("summary")?.focus();
  }
  if (!open.length && document.activeElement === searchBox()) searchBox()?.blur();
}

/** A menu closes when one looks elsewhere. */
function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!(event.target instanceof Node && menu.contains(event.target))) menu.removeAttribute("open");
    }
  });
}

/**
 * What a failed answer says, in words for the reader.
 * @param {XMLHttpRequest} request
 * @returns {string}
 */
function wordsOf(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const lines = [...page.querySelectorAll("[data-problem] p")].map((line) => (line.textContent ?? "").replace(/\s+/g, " ").trim());
  const said = lines.map((line) => (/[.!?]$/.test(line) ? line : `${line}.`)).join(" ");
  return said || `That did not work (${request.status}). Nothing was changed; try it once more.`;
}

/** Fragments: send the form's token along, and say it when one fails. */
function fragments() {
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers } = /** @type {CustomEvent} */ (event).detail;
    headers["X-CSRFToken"] = document.body.dataset.csrf ?? "";
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = /** @type {CustomEvent} */ (event).detail;
    // 401 asks for the whole page again, which then asks to sign in.
    if (xhr.status !== 401) toast(wordsOf(xhr), "bad");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => toast("The site does not answer. What you typed is kept; try again when there is a connection.", "bad"));
  }
}

/** A file dropped on a drop area is the file chosen. */
function fileDrops() {
  for (const area of document.querySelectorAll("[data-filedrop]")) {
    const input = area.querySelector("input");
    /** @param {Event} event @param {boolean} over */
    const mark = (event, over) => {
      event.preventDefault();
      area.classList.toggle("is-over", over);
    };
    area.addEventListener("dragover", (event) => mark(event, true));
    area.addEventListener("dragleave", (event) => mark(event, false));
    area.addEventListener("drop", (event) => {
      mark(event, false);
      const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
      if (input && files?.length) {
        input.files = files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
}

/** Arrows go from row to row of a list, to what each row leads to; Enter then opens it, as on any link. */
function rows() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || takesText(event.target) || !/^Arrow(Up|Down)$/.test(event.key)) return;
    let row = event.target instanceof HTMLElement ? event.target.closest("table.data tbody tr") : null;
    while (row) {
      row = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
      /** @type {HTMLElement | null | undefined} */
      const link = row?.querySelector("a[href]");
      if (!link) continue;
      event.preventDefault();
      link.focus();
      return;
    }
  });
}

/** The heading of a table that is no wider than its place stays in sight. */
function headings() {
  const seen = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const table = target.querySelector("table");
      target.classList.toggle("fits", Boolean(table && table.offsetWidth <= target.clientWidth));
    }
  });
  const look = () => document.querySelectorAll(".scroll-x").forEach((place) => seen.observe(place));
  look();
  document.addEventListener("htmx:afterSettle", look);
}

/** What is wrong with a form is read out and seen first. */
function errorsFirst() {
  /** @type {HTMLElement | null} */
  const summary = document.querySelector("main [data-form-errors]");
  if (summary && document.body.dataset.page !== "guide" && !location.hash) summary.focus();
}

shortcuts();
menus();
fragments();
fileDrops();
errorsFirst();
rows();
headings();
keepDrafts();
watchScanner((code) => {
  const box = searchBox();
  if (!box?.form) return;
  box.value = code;
  box.form.requestSubmit();
});
