// The grid on the page: Tabulator's table with a range of cells, our keys and our editor.

import { at, editor } from "./grid-editor.js";
import { styleOf, tag } from "./grid-words.js";

/** @typedef {import("./grid-model.js").Model} Model */
/** @typedef {{row: number, column: number}} At */
/** @typedef {import("./grid-editor.js").Typing} Typing */
/**
 * @typedef {object} Table
 * @property {(rows: Set<number>) => void} show show rows again
 * @property {(row: number, column: number) => void} go choose a cell
 * @property {() => At | null} chosen
 * @property {() => At[][]} range
 * @property {() => void} focus
 * @property {() => boolean} focused
 * @property {(row: number | null) => void} typing in which row somebody types: it is shown again when that is over
 */

const STYLES = ["is-bad", "is-warn", "is-below", "is-over", "is-word", "is-clash", "is-dirty"];
const KINDS = { CRM: "Reference material", BLANK: "Blank", DUPLICATE: "Duplicate" };

/** @param {import("./grid-model.js").GridColumn} column */
function heading(column) {
  const made = document.createElement("span");
  made.append(tag("strong", column.oxide || column.analyte), tag("span", column.unit, "typed-unit"));
  if (column.method) made.append(tag("span", column.method, "typed-unit"));
  return made;
}

/**
 * Show a grid; `call.typed` hears what is typed, `call.key` the keys that are not the table's own.
 * @param {HTMLElement} place
 * @param {Model} model
 * @param {boolean} may
 * @param {{typed: (edits: import("./grid-model.js").Edit[]) => void, chosen: () => void, held: (at: At, begun: boolean) => void, key: (event: KeyboardEvent) => boolean}} call
 * @returns {Table}
 */
export function table(place, model, may, call) {
  /** @type {Typing} */
  const typing = { first: null, step: () => undefined, holds: () => undefined };
  const Tabulator = Reflect.get(globalThis, "Tabulator");
  const data = model.rows.map((row, index) => {
    /** @type {Record<string, string | number>} */
    const line = { id: index, label: row.label };
    model.columns.forEach((_, column) => (line[`c${column}`] = model.raw(index, column)));
    return line;
  });
  const made = new Tabulator(place, {
    data,
    maxHeight: "66vh",
    layout: "fitData",
    renderHorizontal: "basic",
    selectableRange: 1,
    selectableRangeRows: true,
    editTriggerEvent: matchMedia("(pointer: coarse)").matches ? "click" : "dblclick",
    columnDefaults: { headerSort: false, resizable: false },
    rowHeader: { title: "Item", field: "label", frozen: true, headerSort: false, resizable: false, formatter: (/** @type {any} */ cell) => label(cell, model) },
    columns: model.columns.map((column, index) => ({
      title: column.heading,
      field: `c${index}`,
      hozAlign: "right",
      headerHozAlign: "right",
      minWidth: 92,
      titleFormatter: () => heading(column),
      formatter: (/** @type {any} */ cell) => shown(cell, model),
      ...(may ? { editor: (/** @type {any} */ cell, /** @type {any} */ r, /** @type {any} */ k, /** @type {any} */ l) => editor(cell, r, k, l, typing) } : {}),
    })),
  });
  made.on("cellEdited", (/** @type {any} */ cell) => call.typed([{ ...at(cell), raw: tidied(cell.getValue()) }]));
  made.on("rangeChanged", () => call.chosen());
  const self = handle(place, made, model);
  typing.step = (down, right) => {
    const now = self.chosen();
    if (now) self.go(now.row + down, now.column + right);
  };
  typing.holds = (where, begun) => {
    self.typing(begun ? where.row : null);
    call.held(where, begun);
  };
  place.addEventListener("keydown", (event) => keys(event, self, may, typing, call.key, made), { capture: true });
  return self;
}

/** @param {unknown} text */
const tidied = (text) => String(text ?? "").split(/\s+/).filter(Boolean).join(" ");

/**
 * @param {any} cell
 * @param {Model} model
 */
function label(cell, model) {
  const row = model.rows[Number(cell.getRow().getIndex())];
  const kind = KINDS[/** @type {keyof typeof KINDS} */ (row?.kind)] ?? "";
  cell.getRow().getElement().classList.toggle("is-qc", Boolean(kind));
  cell.getElement().classList.toggle("is-warn", Boolean(row?.notes.length));
  const made = tag("span", row?.label ?? "", "tag");
  if (!kind) return made;
  const both = document.createElement("span");
  both.append(made, tag("span", kind, "typed-unit"));
  return both;
}

/**
 * @param {any} cell
 * @param {Model} model
 */
function shown(cell, model) {
  const { row, column } = at(cell);
  const known = model.cells.get(`${row} ${column}`);
  const list = cell.getElement().classList;
  list.remove(...STYLES);
  const style = styleOf(known);
  if (style) list.add(style);
  if (known?.dirty && !known.clash) list.add("is-dirty");
  cell.getElement().setAttribute("aria-invalid", String(style === "is-bad"));
  return document.createTextNode(String(cell.getValue() ?? ""));
}

/**
 * @param {KeyboardEvent} event
 * @param {Table} self
 * @param {boolean} may
 * @param {Typing} typing
 * @param {(event: KeyboardEvent) => boolean} other
 * @param {any} made
 */
function keys(event, self, may, typing, other, made) {
  const now = self.chosen();
  if (event.target instanceof HTMLInputElement || !now) return;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typed = plain && event.key.length === 1 && event.key !== " ";
  let done = false;
  if (may && (typed || (plain && event.key === "F2"))) {
    typing.first = typed ? event.key : null;
    made.getRow(now.row)?.getCell(`c${now.column}`)?.edit(true);
    done = true;
  } else if (plain && (event.key === "Home" || event.key === "End")) {
    self.go(now.row, event.key === "Home" ? 0 : Infinity);
    done = true;
  } else done = other(event);
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {HTMLElement} place
 * @param {any} made
 * @param {Model} model
 * @returns {Table}
 */
function handle(place, made, model) {
  let built = false;
  /** @type {Set<number>} */
  const later = new Set();
  /** @type {number | null} */
  let typedIn = null;
  const holder = () => /** @type {HTMLElement | null} */ (place.querySelector(".tabulator-tableholder"));
  const show = (/** @type {Set<number>} */ rows) => {
    for (const row of rows) {
      if (!built || row === typedIn) {
        later.add(row);
        continue;
      }
      /** @type {Record<string, string>} */
      const line = {};
      model.columns.forEach((_, column) => (line[`c${column}`] = model.raw(row, column)));
      const shownRow = made.getRow(row);
      void shownRow?.update(line);
      shownRow?.reformat();
    }
  };
  made.on("tableBuilt", () => {
    built = true;
    again();
  });
  const again = () => {
    const rows = new Set(later);
    later.clear();
    show(rows);
  };
  const range = () => (built ? made.getRanges()[0]?.getStructuredCells().map((/** @type {any[]} */ row) => row.map(at)) ?? [] : []);
  const focus = () => holder()?.focus({ preventScroll: true });
  return {
    show,
    range,
    focus,
    typing(row) {
      typedIn = row;
      if (row === null) again();
    },
    focused: () => place.contains(document.activeElement),
    chosen: () => range()[0]?.[0] ?? null,
    go(row, column) {
      const line = made.getRow(Math.max(0, Math.min(row, model.rows.length - 1)));
      const cell = line?.getCell(`c${Math.max(0, Math.min(column, model.columns.length - 1))}`);
      if (!cell) return;
      made.getRanges()[0]?.setBounds(cell, cell);
      void line.scrollTo("nearest", false)?.catch?.(() => undefined);
      void cell.getColumn().scrollTo("middle", false)?.catch?.(() => undefined);
      focus();
    },
  };
}
