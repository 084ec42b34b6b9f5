// The grid of a file: arrows go from cell to cell, Home and End to the ends of a row, as in a spreadsheet.

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * The cell that is so many rows and columns away, if there is one.
 * @param {HTMLTableCellElement} cell
 * @param {number} down
 * @param {number} right
 * @returns {HTMLElement | null}
 */
function neighbour(cell, down, right) {
  const row = cell.parentElement;
  const table = cell.closest("tbody");
  if (!row || !table) return null;
  const rows = [...table.rows];
  const other = rows[rows.findIndex((one) => one === row) + down];
  const found = other?.cells[cell.cellIndex + right];
  return found?.hasAttribute("tabindex") ? found : null;
}

/**
 * The first or the last cell of values in the row.
 * @param {HTMLTableCellElement} cell
 * @param {boolean} last
 * @returns {HTMLElement | null}
 */
function end(cell, last) {
  /** @type {NodeListOf<HTMLElement> | undefined} */
  const cells = cell.parentElement?.querySelectorAll("td[tabindex]");
  return (last ? cells?.[cells.length - 1] : cells?.[0]) ?? null;
}

for (const frame of document.querySelectorAll("[data-cells]")) {
  frame.addEventListener("keydown", (event) => {
    const { key, target } = /** @type {KeyboardEvent} */ (event);
    const step = STEPS[key];
    /** @type {HTMLElement | null} */
    let next = null;
    if (target === frame && step) next = frame.querySelector("td[tabindex]");
    else if (target instanceof HTMLTableRowElement && step) next = target.querySelector("td[tabindex]");
    else if (target instanceof HTMLTableCellElement && step) next = neighbour(target, step[0], step[1]);
    else if (target instanceof HTMLTableCellElement && /^(Home|End)$/.test(key)) next = end(target, key === "End");
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  });
}
