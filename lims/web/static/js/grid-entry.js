// Results typed at the bench: the grid of a run as a spreadsheet (Tabulator shows it), saved as one types. Without this
// script the page is a plain form; it stands until the grid has loaded.

import { Model } from "./grid-model.js";
import { asText, parse, tidy, understand } from "./grid-paste.js";
import { confirmPaste } from "./grid-dialog.js";
import { Store } from "./grid-store.js";
import { table as show } from "./grid-table.js";
import { called, several, showClashes, showProblems, tag } from "./grid-words.js";

/** @typedef {import("./grid-paste.js").Edit} Edit */

const STATES = { saved: "Saved", typing: "Not saved yet", saving: "Saving…", offline: "Not saved", refused: "Not saved" };

/**
 * @param {HTMLElement} place
 * @param {string} name
 * @returns {HTMLElement}
 */
function part(place, name) {
  const found = place.querySelector(`[data-${name}]`);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${name}.`);
  return found;
}

/** @param {string} file */
function load(file) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = file;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${file} did not load`)));
    document.head.append(script);
  });
}

/** Go from the grid to what is done next: to submit, or back to the run. */
function leave() {
  const next = document.querySelector("[data-submit] button") ?? document.querySelector(".back a");
  if (next instanceof HTMLElement) next.focus();
}

class Entry {
  /**
   * @param {HTMLElement} place
   * @param {Model} model
   */
  constructor(place, model) {
    this.place = place;
    this.model = model;
    this.may = place.dataset["may"] === "yes";
    this.undo = /** @type {HTMLButtonElement | null} */ (place.querySelector("[data-undo]"));
    this.store = new Store(model, place.dataset["typed"] ?? "", {
      shown: (rows) => this.shown(rows),
      told: (state, words) => this.told(state, words),
    });
    this.table = show(part(place, "table"), model, this.may, {
      typed: (edits) => this.typed(edits),
      chosen: () => this.told_cell(),
      key: (event) => this.key(event),
      held: (at, begun) => this.held(at, begun),
    });
    this.undo?.addEventListener("click", () => this.back(false));
    if (this.may) place.addEventListener("paste", (event) => void this.paste(event));
    place.addEventListener("copy", (event) => this.copy(event));
    document.querySelector("[data-submit]")?.addEventListener("submit", (event) => void this.submit(event));
    this.store.start();
    this.shown(new Set(model.rows.keys()));
  }

  /** @param {readonly Edit[]} edits */
  typed(edits) {
    if (!this.may) return;
    const changed = this.model.edit(edits);
    if (!changed.length) return;
    this.shown(new Set(changed.map((edit) => edit.row)));
    this.store.typed();
  }

  /**
   * What others typed in a cell while somebody was at it is fetched when that is over, unless it was typed over: then the
   * server tells of both.
   * @param {{row: number, column: number}} at
   * @param {boolean} begun
   */
  held(at, begun) {
    const seen = this.model.hold(at.row, at.column, begun);
    if (!begun && this.model.version > seen && !this.model.cell(at.row, at.column).dirty) void this.store.fetchSince(seen);
  }

  /** @param {boolean} again */
  back(again) {
    const changed = this.model.undo(again);
    if (!changed.length) return;
    this.shown(new Set(changed.map((edit) => edit.row)));
    this.store.typed();
  }

  /** @param {Set<number>} rows */
  shown(rows) {
    this.table.show(rows);
    const { wrong, odd } = showProblems(this.model, part(this.place, "problems"), (row, column) => this.table.go(row, column));
    const clashes = showClashes(this.model, part(this.place, "clashes"), (row, column, mine) => this.choose(row, column, mine));
    const filled = this.model.all().filter(({ cell }) => cell.raw);
    const total = this.model.rows.length * this.model.columns.length;
    const words = [`${filled.length} of ${several(total, "cell", "cells")}`];
    if (wrong) words.push(`${wrong} to correct`);
    if (odd) words.push(`${odd} to look at`);
    if (clashes) words.push(`${several(clashes, "cell", "cells")} typed by somebody else`);
    part(this.place, "counts").textContent = words.join(" · ");
    const items = new Set(filled.map(({ row }) => row)).size;
    const button = document.querySelector("[data-submit-words]");
    if (button) button.textContent = `Submit ${several(filled.length, "value", "values")} of ${several(items, "item", "items")}`;
    if (this.undo) this.undo.disabled = !this.model.done.length;
    this.told_cell();
  }

  /**
   * @param {keyof typeof STATES} state
   * @param {string} words
   */
  told(state, words) {
    const line = part(this.place, "state");
    line.dataset["is"] = state;
    line.textContent = STATES[state] + (words ? `: ${words}` : state === "saved" ? `, ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}` : "");
  }

  /** Say what stands in the chosen cell, what was read, and who typed it. */
  told_cell() {
    const at = this.table.chosen();
    const line = part(this.place, "cell");
    if (!at) return;
    const cell = this.model.cells.get(`${at.row} ${at.column}`);
    const head = this.model.columns[at.column];
    const limits = head?.lower || head?.upper ? ` (${head.lower ?? "0"} to ${head.upper ?? "no upper limit"})` : "";
    line.replaceChildren(tag("strong", called(this.model, at.row, at.column)), tag("span", limits, "muted"), ": ", tag("span", cell?.raw || "empty", cell?.raw ? "typed-raw" : "muted"));
    for (const note of cell?.notes ?? []) line.append(" · ", tag("span", note.message, note.severity === "error" ? "typed-error" : ""));
    if (cell?.by && !cell.dirty) line.append(tag("span", ` · ${cell.by}`, "muted"));
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {boolean} mine
   */
  choose(row, column, mine) {
    this.model.choose(row, column, mine);
    this.shown(new Set([row]));
    this.store.keep();
    if (mine) this.store.typed();
    else void this.store.fetchSince(this.model.cell(row, column).seen - 1);
    this.table.go(row, column);
  }

  /**
   * Keys that are a spreadsheet's and not Tabulator's.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was one
   */
  key(event) {
    const letter = event.key.toLowerCase();
    const control = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (control && this.may && (letter === "z" || letter === "y")) this.back(letter === "y" || event.shiftKey);
    else if (event.key === "Escape") leave();
    else if (this.may && (event.key === "Delete" || event.key === "Backspace")) this.typed(this.table.range().flat().map((at) => ({ ...at, raw: "" })));
    else return false;
    return true;
  }

  /** @param {ClipboardEvent} event */
  async paste(event) {
    const at = this.table.chosen();
    if (event.target instanceof HTMLInputElement || !at) return;
    event.preventDefault();
    const cells = parse(event.clipboardData?.getData("text/plain") ?? "");
    const range = this.table.range();
    if (!cells.length) return;
    if (cells.length === 1 && cells[0]?.length === 1) {
      this.typed(range.flat().map((one) => ({ ...one, raw: tidy(cells[0]?.[0] ?? "") })));
      return;
    }
    const columns = this.model.columns.map((column) => ({ ...column, symbol: column.oxide || column.analyte }));
    const said = understand(cells, columns, this.model.rows.map((row) => row.label), at);
    const dialog = /** @type {HTMLDialogElement} */ (part(this.place, "paste"));
    this.store.paused = true;
    if (await confirmPaste(dialog, said, this.model, this.place.dataset["comma"] === "yes")) this.typed(said.edits);
    this.store.paused = false;
    this.table.focus();
  }

  /** @param {ClipboardEvent} event */
  copy(event) {
    if (event.target instanceof HTMLInputElement || !this.table.chosen() || !this.table.focused()) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", asText(this.table.range().map((row) => row.map((at) => this.model.raw(at.row, at.column)))));
  }

  /** @param {Event} event */
  async submit(event) {
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    event.preventDefault();
    if (!(await this.store.flush())) return;
    if (this.model.all().some(({ cell }) => cell.clash)) {
      part(this.place, "clashes").focus();
      return;
    }
    const version = form.elements.namedItem("version");
    if (version instanceof HTMLInputElement) version.value = String(this.model.version);
    form.submit();
  }
}

/** @param {HTMLElement} place */
async function begin(place) {
  const [answer] = await Promise.all([
    fetch(place.dataset["typed"] ?? "", { headers: { Accept: "application/json" }, credentials: "same-origin" }),
    load(place.dataset["vendor"] ?? ""),
  ]);
  if (!answer.ok) return;
  const model = new Model(await answer.json());
  document.querySelector("[data-plain]")?.remove();
  place.hidden = false;
  new Entry(place, model);
}

for (const place of document.querySelectorAll("[data-typed]")) if (place instanceof HTMLElement) void begin(place);
