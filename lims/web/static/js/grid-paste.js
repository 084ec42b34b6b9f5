// What was pasted, understood: text from a spreadsheet as rows of cells, and where each belongs in a grid. Pure: it knows
// no page. Numbers stay as they were written: what a comma means is the server's to say, by the laboratory's profile.

/** @typedef {{symbol: string, analyte: string, unit: string, method: string}} Column */
/** @typedef {{row: number, column: number, raw: string}} Edit */
/**
 * @typedef {object} Understood
 * @property {Edit[]} edits cells as they would be kept
 * @property {number} rows rows of the grid that they are in
 * @property {number} columns columns of the grid that they are in
 * @property {number} heads rows of headings at the top
 * @property {boolean} labelled whether rows were found by their labels
 * @property {number} outside cells with something in them for which the grid has no place
 * @property {string[]} unknownLabels labels that the grid does not have
 * @property {string[]} unknownHeads headings that no column of the grid fits
 * @property {string[]} otherUnits headings whose unit is another one than the column's: not taken
 * @property {string[]} twice labels or headings that came more than once: only the first was taken
 * @property {number} tooLong cells with more signs than are kept: not taken
 * @property {number} commas cells with a decimal comma
 */

import { fitting, headings, joined } from "./grid-heads.js";

/** characters of a cell that the server keeps */
const LONGEST = 200;
const COMMA = /^[<>]?\s*[-+]?\d*,\d+$/;

/**
 * A cell's text on one line, without signs that cannot be seen.
 * @param {string} text
 */
export function tidy(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028\u2029\ufeff]/g, " ").split(/\s+/).filter(Boolean).join(" ");
}

/**
 * Rows of cells of what a spreadsheet puts on the clipboard: tabs between cells, quotes around those with tabs, quotes or
 * line ends in them. Text without a tab may have semicolons instead, the same number in each line.
 * @param {string} text
 * @returns {string[][]}
 */
export function parse(text) {
  const between = text.includes("\t") || !evenly(text, ";") ? "\t" : ";";
  /** @type {string[][]} */
  const rows = [[]];
  let at = 0;
  while (at <= text.length) {
    const [cell, end] = text[at] === '"' ? quoted(text, at, between) : bare(text, at, between);
    rows[rows.length - 1]?.push(tidy(cell));
    if (end >= text.length) break;
    if (text[end] !== between) rows.push([]);
    at = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  while (rows.length && rows[rows.length - 1]?.every((cell) => cell === "")) rows.pop();
  return rows;
}

/**
 * Whether each line has the same number of a sign, and at least one.
 * @param {string} text
 * @param {string} sign
 */
function evenly(text, sign) {
  const counts = text.split(/\r\n|\r|\n/).filter((line) => line.trim()).map((line) => line.split(sign).length);
  return counts.length > 0 && (counts[0] ?? 0) > 1 && counts.every((count) => count === counts[0]);
}

/**
 * @param {string} text
 * @param {number} from
 * @param {string} between
 * @returns {[string, number]} the cell, and where it ends
 */
function bare(text, from, between) {
  let end = from;
  while (end < text.length && text[end] !== between && text[end] !== "\n" && text[end] !== "\r") end += 1;
  return [text.slice(from, end), end];
}

/**
 * A quoted cell; one whose quotes do not close before a cell's end is taken as it stands.
 * @param {string} text
 * @param {number} from
 * @param {string} between
 * @returns {[string, number]}
 */
function quoted(text, from, between) {
  let cell = "";
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') cell += text[at];
    else if (text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else {
      const next = text[at + 1];
      if (next === undefined || next === between || next === "\n" || next === "\r") return [cell, at + 1];
      break;
    }
  }
  return bare(text, from, between);
}

/**
 * Where each pasted column goes: by its heading, or one beside the other from `from` on.
 * @param {readonly (readonly string[])[]} heads
 * @param {number} width
 * @param {number} skip pasted columns that hold labels
 * @param {readonly Column[]} columns
 * @param {number} from
 * @param {Understood} said
 * @returns {number[]} the grid's column of each, -1 for none
 */
function columnsOf(heads, width, skip, columns, from, said) {
  if (!heads.length) return Array.from({ length: width }, (_, at) => (at < skip ? -1 : from + at - skip));
  const taken = new Set();
  return joined(heads, width).map((head, at) => {
    if (at < skip || !head) return -1;
    const { fits, otherUnit } = fitting(head, columns);
    const free = fits.find((one) => !taken.has(one));
    if (free === undefined) (otherUnit ? said.otherUnits : fits.length ? said.twice : said.unknownHeads).push(head);
    else taken.add(free);
    return free ?? -1;
  });
}

/**
 * Where what was pasted belongs: rows by their labels where the first column has them, columns by their headings where
 * the first rows have them, otherwise from the chosen cell on.
 * @param {readonly (readonly string[])[]} pasted
 * @param {readonly Column[]} columns
 * @param {readonly string[]} labels
 * @param {{row: number, column: number}} at
 * @returns {Understood}
 */
export function understand(pasted, columns, labels, at) {
  /** @type {Understood} */
  const said = { edits: [], rows: 0, columns: 0, heads: 0, labelled: false, outside: 0, unknownLabels: [], unknownHeads: [], otherUnits: [], twice: [], tooLong: 0, commas: 0 };
  const known = new Map(labels.map((label, row) => [label.toLowerCase(), row]));
  said.heads = headings(pasted, columns);
  const body = pasted.slice(said.heads);
  const named = body.filter((row) => known.has((row[0] ?? "").toLowerCase())).length;
  said.labelled = named > 0 && named * 2 >= body.filter((row) => row[0]).length;
  const width = Math.max(0, ...pasted.map((row) => row.length));
  const places = columnsOf(pasted.slice(0, said.heads), width, said.labelled ? 1 : 0, columns, at.column, said);
  const done = new Set();
  body.forEach((cells, number) => {
    const label = cells[0] ?? "";
    const row = said.labelled ? known.get(label.toLowerCase()) : at.row + number;
    if (said.labelled && label && (row === undefined || done.has(row))) (row === undefined ? said.unknownLabels : said.twice).push(label);
    if (row === undefined || done.has(row)) return;
    done.add(row);
    cells.forEach((raw, index) => {
      const column = places[index] ?? -1;
      // A column of labels is no value, and of a column that nothing fits its heading was told.
      if (column >= 0) place(said, { row, column, raw }, labels.length, columns.length);
    });
  });
  said.rows = new Set(said.edits.map((edit) => edit.row)).size;
  said.columns = new Set(said.edits.map((edit) => edit.column)).size;
  return said;
}

/**
 * @param {Understood} said
 * @param {Edit} edit
 * @param {number} rows
 * @param {number} columns
 */
function place(said, edit, rows, columns) {
  const inside = edit.row < rows && edit.column < columns;
  if (!inside) said.outside += edit.raw ? 1 : 0;
  else if (edit.raw.length > LONGEST) said.tooLong += 1;
  else {
    said.edits.push(edit);
    said.commas += COMMA.test(edit.raw) ? 1 : 0;
  }
}

/**
 * Text for the clipboard: tabs between cells, as spreadsheets take it.
 * @param {readonly (readonly string[])[]} rows
 */
export function asText(rows) {
  return rows.map((row) => row.map((cell) => (/["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}
