// What was understood of a paste is shown before it is kept.

import { called, leftWords, pasteWords, tag } from "./grid-words.js";

/** rows and columns of the pasted cells that are shown */
const ROWS = 5;
const COLUMNS = 6;

/**
 * Ask whether what was understood is meant; without a cell there is only to leave.
 * @param {HTMLDialogElement} dialog
 * @param {import("./grid-paste.js").Understood} said
 * @param {import("./grid-model.js").Model} model
 * @param {boolean} comma
 * @returns {Promise<boolean>}
 */
export function confirmPaste(dialog, said, model, comma) {
  const now = said.edits.map((edit) => ({ before: model.raw(edit.row, edit.column), after: edit.raw }));
  const emptied = now.filter(({ before, after }) => before && !after).length;
  const replaced = now.filter(({ before, after }) => before && after && before !== after).length;
  const words = dialog.querySelector("[data-paste-words]");
  words?.replaceChildren(...pasteWords(said, emptied, replaced, comma).map((text) => tag("p", text)), ...leftWords(said).map((text) => tag("p", `Not taken: ${text}`, "typed-left")));
  preview(dialog, said, model);
  const keep = /** @type {HTMLButtonElement | null} */ (dialog.querySelector("[value=keep]"));
  if (keep) {
    keep.textContent = `Keep ${said.edits.length} cells`;
    keep.hidden = !said.edits.length;
  }
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "keep"), { once: true });
    dialog.showModal();
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("./grid-paste.js").Understood} said
 * @param {import("./grid-model.js").Model} model
 */
function preview(dialog, said, model) {
  const rows = [...new Set(said.edits.map((edit) => edit.row))].slice(0, ROWS);
  const columns = [...new Set(said.edits.map((edit) => edit.column))].sort((one, other) => one - other).slice(0, COLUMNS);
  const texts = new Map(said.edits.map((edit) => [`${edit.row} ${edit.column}`, edit.raw]));
  const head = document.createElement("tr");
  head.append(tag("th", "Item"), ...columns.map((at) => tag("th", called(model, -1, at).slice(2), "num")));
  for (const cell of head.children) cell.setAttribute("scope", "col");
  dialog.querySelector("thead")?.replaceChildren(head);
  dialog.querySelector("tbody")?.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    const name = document.createElement("th");
    name.setAttribute("scope", "row");
    name.append(tag("span", model.rows[row]?.label ?? "", "tag"));
    line.append(name, ...columns.map((at) => tag("td", texts.get(`${row} ${at}`) ?? "", "num")));
    return line;
  }));
}
