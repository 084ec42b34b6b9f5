// Headings of what was pasted: which rows they are, and which column of the grid each means. Pure.

/** @typedef {import("./grid-paste.js").Column} Column */

/** rows of headings, at most: method, symbol, unit */
const MOST_HEADS = 4;
const NUMBER = /^[<>≤≥]?\s*[-+−]?(?:\d|[.,]\d)/;
/** words that stand where a value would: what each means is the server's to say */
const WORD = /^(?:l?n\.?r\.?|n\/?a|n\.d\.?|nss|ins|insuf|is|snr|inf|intf?|pending|tba|bdl|bd|bld|dl|trace|tr|x|[-–—]+)$/i;
/** units as they are compared: what is the same mass fraction is one */
const UNITS = new Map([
  ...["%", "pct", "wt%", "wt.%", "mass%", "percent"].map((unit) => /** @type {[string, string]} */ ([unit, "%"])),
  ...["ppm", "mg/kg", "g/t", "ug/g"].map((unit) => /** @type {[string, string]} */ ([unit, "ppm"])),
  ...["ppb", "ug/kg", "mg/t"].map((unit) => /** @type {[string, string]} */ ([unit, "ppb"])),
]);
/** what looks like a unit, also where nobody knows it: it is not the column's */
const UNITLIKE = /^(?:pp[a-z]v?|[a-z]{1,3}\/(?:k?g|t|tonne|m?l|dm3))$/;

/**
 * The words of a heading: symbol, unit and method apart, as in "Dy_ppm", "Nd2O3 (wt%)", "ME-MS81 Tb ppm".
 * @param {string} head
 * @returns {string[]}
 */
function words(head) {
  const apart = head.normalize("NFKC").replace(/µ|μ/g, "u").replace(/([A-Za-z0-9])%/g, (all, before) => (/wt|mass/i.test(head) ? all : `${before} %`));
  return apart.split(/[\s_()[\]{},;:|]+/).filter(Boolean);
}

/**
 * What a heading says of its column: nothing where no word is a symbol of the grid.
 * @param {string} head
 * @param {readonly Column[]} columns
 * @returns {{fits: number[], otherUnit: boolean}}
 */
export function fitting(head, columns) {
  const said = words(head).flatMap((word) => [word, ...word.split(/[-./](?=(?:ppm|ppb|pct|%)$)/i)]).map((word) => word.toLowerCase());
  const units = said.filter((word) => UNITS.has(word) || UNITLIKE.test(word)).map((word) => UNITS.get(word) ?? word);
  const named = columns.map((column, at) => ({ column, at })).filter(({ column }) => said.includes(column.symbol.toLowerCase()));
  const sameUnit = named.filter(({ column }) => !units.length || units.includes(UNITS.get(column.unit.toLowerCase()) ?? column.unit.toLowerCase()));
  const byMethod = sameUnit.filter(({ column }) => column.method && head.toLowerCase().includes(column.method.toLowerCase()));
  const fits = (byMethod.length ? byMethod : sameUnit).map(({ at }) => at);
  return { fits, otherUnit: named.length > 0 && !fits.length };
}

/**
 * Whether a row has values: numbers, or words that stand for one. "ND" is neodymium in a row of symbols, and no result
 * where it stands alone.
 * @param {readonly string[]} row
 */
function hasValues(row) {
  const cells = (row.length > 1 ? row.slice(1) : row).filter(Boolean);
  const none = cells.length > 0 && cells.every((cell) => /^nd$/i.test(cell)) && !cells.includes("Nd");
  return none || cells.some((cell) => NUMBER.test(cell) || WORD.test(cell));
}

/**
 * How many rows at the top are headings: those before the first value, if one of them names columns.
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly Column[]} columns
 */
export function headings(rows, columns) {
  const first = rows.slice(0, MOST_HEADS + 1).findIndex(hasValues);
  const heads = first < 0 ? Math.min(1, rows.length - 1) : first;
  const names = rows.slice(0, heads).some((row) => {
    const said = row.filter(Boolean);
    const known = said.filter((cell) => fitting(cell, columns).fits.length || fitting(cell, columns).otherUnit).length;
    return known > 0 && known * 2 >= said.length - 1;
  });
  return names ? heads : 0;
}

/**
 * The heading of each pasted column over all of its rows; a merged cell stands in the first of its columns only.
 * @param {readonly (readonly string[])[]} heads
 * @param {number} width
 */
export function joined(heads, width) {
  return Array.from({ length: width }, (_, at) => {
    const parts = heads.map((row, level) => {
      if (row[at] || level === heads.length - 1) return row[at] ?? "";
      return row.slice(0, at).reverse().find(Boolean) ?? "";
    });
    return parts.filter(Boolean).join(" ");
  });
}
