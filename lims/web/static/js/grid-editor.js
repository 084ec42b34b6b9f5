// Typing in one cell of the grid.

/** @typedef {{row: number, column: number}} At */
/**
 * @typedef {object} Typing
 * @property {string | null} first the sign that begins to type in a cell
 * @property {(down: number, right: number) => void} step goes to the next cell
 * @property {(at: At, begun: boolean) => void} holds hears where somebody begins to type, and that it is over
 */

/**
 * @param {any} cell Tabulator's
 * @returns {At}
 */
export const at = (cell) => ({ row: Number(cell.getRow().getIndex()), column: Number(cell.getField().slice(1)) });

/**
 * What is typed over in a cell: Enter keeps and goes down, Tab keeps and goes right, Esc leaves it as it was.
 * @param {any} cell
 * @param {(call: () => void) => void} rendered
 * @param {(value: string) => void} keep
 * @param {() => void} leave
 * @param {Typing} typing
 */
export function editor(cell, rendered, keep, leave, typing) {
  const input = document.createElement("input");
  input.className = "typed-input";
  input.maxLength = 200;
  input.autocomplete = "off";
  input.setAttribute("aria-label", "Value");
  input.value = typing.first ?? cell.getValue() ?? "";
  typing.first = null;
  let over = false;
  const place = at(cell);
  typing.holds(place, true);
  /** @param {boolean} kept */
  const end = (kept) => {
    if (over) return;
    over = true;
    if (kept) keep(input.value);
    else leave();
    typing.holds(place, false);
  };
  rendered(() => {
    input.focus({ preventScroll: true });
    input.setSelectionRange(input.value.length, input.value.length);
  });
  input.addEventListener("blur", () => end(true));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") {
      end(false);
      typing.step(0, 0);
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      end(true);
      // At once: whoever types fast has the next key under way already.
      const back = event.shiftKey ? -1 : 1;
      typing.step(event.key === "Enter" ? back : 0, event.key === "Enter" ? 0 : back);
    }
  });
  return input;
}
