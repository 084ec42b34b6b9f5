// The words beside a grid: what became of what was typed, what is to be looked at, who typed the same cell, what was pasted.

/** @typedef {import("./grid-model.js").Model} Model */
/** @typedef {import("./grid-paste.js").Understood} Understood */

/** problems that are listed; the others are counted */
const MOST_LISTED = 50;

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [style]
 */
export function tag(name, text, style = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (style) made.className = style;
  return made;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const several = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/**
 * How a cell is called.
 * @param {Model} model
 * @param {number} row
 * @param {number} column
 */
export function called(model, row, column) {
  const head = model.columns[column];
  return `${model.rows[row]?.label ?? ""}, ${head ? `${head.oxide || head.analyte} in ${head.unit}` : ""}`;
}

/**
 * How a cell is coloured, from what was read.
 * @param {import("./grid-model.js").Cell | undefined} cell
 * @returns {string}
 */
export function styleOf(cell) {
  if (!cell) return "";
  if (cell.clash) return "is-clash";
  if (cell.notes.some((note) => note.severity === "error")) return "is-bad";
  if (cell.notes.some((note) => note.severity === "warning")) return "is-warn";
  if (cell.mark === "<") return "is-below";
  if (cell.mark === ">") return "is-over";
  return cell.mark && cell.mark !== "blank" ? "is-word" : "";
}

/**
 * What is to be looked at, errors first, as a list of ways to the cells.
 * @param {Model} model
 * @param {HTMLElement} section
 * @param {(row: number, column: number) => void} go
 * @returns {{wrong: number, odd: number}}
 */
export function showProblems(model, section, go) {
  /** @type {{rank: number, row: number, column: number, text: string, note: import("./grid-model.js").Note}[]} */
  const found = [];
  for (const { row, column, cell } of model.all()) {
    for (const note of cell.notes) found.push({ rank: note.severity === "error" ? 0 : 1, row, column, text: called(model, row, column), note });
  }
  model.rows.forEach((line, row) => line.notes.forEach((note) => found.push({ rank: 1, row, column: 0, text: line.label, note })));
  found.sort((one, other) => one.rank - other.rank || one.row - other.row || one.column - other.column);
  const list = section.querySelector("ul");
  list?.replaceChildren(...found.slice(0, MOST_LISTED).map(({ rank, row, column, text, note }) => {
    const item = document.createElement("li");
    const way = tag("button", text, `typed-way ${rank ? "is-warn" : "is-bad"}`);
    way.setAttribute("type", "button");
    way.addEventListener("click", () => go(row, column));
    item.append(way, " ", rank ? "" : "Error: ", note.message, " ", tag("span", note.remedy, "muted"));
    return item;
  }));
  if (found.length > MOST_LISTED) list?.append(tag("li", `and ${found.length - MOST_LISTED} more`, "muted"));
  section.hidden = !found.length;
  const wrong = found.filter(({ rank }) => rank === 0).length;
  return { wrong, odd: found.length - wrong };
}

/**
 * Cells that somebody else typed in meanwhile: both texts, whose, and the choice.
 * @param {Model} model
 * @param {HTMLElement} section
 * @param {(row: number, column: number, mine: boolean) => void} choose
 * @returns {number}
 */
export function showClashes(model, section, choose) {
  const found = model.all().filter(({ cell }) => cell.clash);
  const items = found.map(({ row, column, cell }) => {
    const clash = cell.clash;
    const item = document.createElement("li");
    if (!clash) return item;
    const at = new Date(clash.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    item.append(`${called(model, row, column)}: you typed `, tag("strong", clash.yours || "nothing"), `; ${clash.by} typed `, tag("strong", clash.theirs || "nothing"), `, ${at}. `);
    for (const mine of [false, true]) {
      const way = tag("button", mine ? "Keep mine" : "Keep theirs", "btn");
      way.setAttribute("type", "button");
      way.addEventListener("click", () => choose(row, column, mine));
      item.append(way, " ");
    }
    return item;
  });
  const list = tag("ul", "", "plain-list");
  list.append(...items);
  section.replaceChildren(...(items.length ? [tag("h2", "Somebody else typed in the same cells"), list] : []));
  section.hidden = !items.length;
  return items.length;
}

/**
 * What was understood of a paste, in sentences.
 * @param {Understood} said
 * @param {number} emptied cells that had something in them and would be empty
 * @param {number} replaced cells that would have another text
 * @param {boolean} comma whether the laboratory's profile has decimal commas
 */
export function pasteWords(said, emptied, replaced, comma) {
  const words = [`${several(said.edits.length, "cell", "cells")} in ${several(said.rows, "row", "rows")} and ${several(said.columns, "column", "columns")}.`];
  words.push(`Rows go ${said.labelled ? "where their ids stand" : "one below the other from the chosen cell"}; columns go ${said.heads ? "by their headings" : "one beside the other"}.`);
  if (replaced) words.push(`${several(replaced, "cell has", "cells have")} something else in them now.`);
  if (emptied) words.push(`${several(emptied, "cell is", "cells are")} emptied.`);
  if (said.commas) words.push(comma ? `Commas are read as decimal signs.` : `${several(said.commas, "cell has", "cells have")} a comma: this laboratory's profile does not say that it is a decimal sign, so the server will ask.`);
  return words;
}

/**
 * What of a paste is not taken, in sentences.
 * @param {Understood} said
 */
export function leftWords(said) {
  /** @param {string[]} names */
  const some = (names) => names.slice(0, 6).map((name) => `“${name.slice(0, 40)}”`).join(", ") + (names.length > 6 ? ` and ${names.length - 6} more` : "");
  const words = [];
  if (said.otherUnits.length) words.push(`${some(said.otherUnits)}: the unit is another one than the column's.`);
  if (said.unknownHeads.length) words.push(`${some(said.unknownHeads)}: no column of this run.`);
  if (said.unknownLabels.length) words.push(`${some(said.unknownLabels)}: no item of this run.`);
  if (said.twice.length) words.push(`${some(said.twice)}: came more than once; the first is taken.`);
  if (said.outside) words.push(`${several(said.outside, "cell lies", "cells lie")} outside the grid.`);
  if (said.tooLong) words.push(`${several(said.tooLong, "cell has", "cells have")} more than 200 signs.`);
  return words;
}
