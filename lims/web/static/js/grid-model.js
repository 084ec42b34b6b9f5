// The cells of a grid as this browser knows them: what the server keeps, what is typed and not yet kept, what clashes
// with somebody else's. Pure: it knows no page and no network.

/** @typedef {{severity: string, code: string, message: string, remedy: string}} Note */
/** @typedef {{item: string, column: number, raw: string, version: number, by: string, at: string, mark: string, notes: Note[]}} Kept */
/** @typedef {{item: string, column: number, yours: string, theirs: string, version: number, by: string, at: string}} Clash */
/** @typedef {{version: number, cells: Kept[], rows: {item: string, notes: Note[]}[], clashes: Clash[]}} Changes */
/** @typedef {{number: number, heading: string, analyte: string, oxide: string, unit: string, method: string, lower: string | null, upper: string | null}} GridColumn */
/** @typedef {{item: string, label: string, position: number | null, kind: string | null, notes: Note[]}} GridRow */
/** @typedef {{id: string, version: number, state: string, columns: GridColumn[], rows: GridRow[], cells: Kept[]}} GridState */
/** @typedef {{item: string, column: number, raw: string, seen: number}} Unsaved */
/**
 * @typedef {object} Cell
 * @property {string} raw what stands in it here
 * @property {number} seen the version of it that was seen
 * @property {boolean} dirty whether the server does not have it yet
 * @property {boolean} held whether somebody types in it just now: what others typed meanwhile is not taken over
 * @property {string | null} sent what was sent and is not answered yet
 * @property {Clash | null} clash somebody else's text, where it must be chosen
 * @property {string} mark
 * @property {Note[]} notes
 * @property {string} by
 */
/** @typedef {{row: number, column: number, raw: string}} Edit */
/** @typedef {{row: number, column: number, before: string, after: string}} Step what one edit made of a cell */

/** @returns {Cell} */
const empty = () => ({ raw: "", seen: 0, dirty: false, held: false, sent: null, clash: null, mark: "blank", notes: [], by: "" });

export class Model {
  /** @param {GridState} state */
  constructor(state) {
    this.columns = state.columns;
    this.rows = state.rows;
    this.version = state.version;
    /** @type {Map<string, number>} */
    this.places = new Map(state.rows.map((row, at) => [row.item, at]));
    /** @type {Map<string, Cell>} */
    this.cells = new Map();
    /** @type {Step[][]} */
    this.undone = [];
    /** @type {Step[][]} */
    this.done = [];
    for (const kept of state.cells) this.take(kept);
  }

  /**
   * @param {number} row
   * @param {number} column
   * @returns {Cell}
   */
  cell(row, column) {
    const key = `${row} ${column}`;
    let found = this.cells.get(key);
    if (!found) this.cells.set(key, (found = empty()));
    return found;
  }

  /**
   * What stands in a cell, without making one.
   * @param {number} row
   * @param {number} column
   */
  raw(row, column) {
    return this.cells.get(`${row} ${column}`)?.raw ?? "";
  }

  /**
   * Type in cells, as one step to undo. Returns those that are another text now.
   * @param {readonly Edit[]} edits
   * @returns {Edit[]}
   */
  edit(edits) {
    const changed = edits.filter((edit) => this.raw(edit.row, edit.column) !== edit.raw);
    if (!changed.length) return [];
    this.done.push(changed.map(({ row, column, raw }) => ({ row, column, before: this.raw(row, column), after: raw })));
    this.undone = [];
    this.write(changed);
    return changed;
  }

  /** @param {readonly Edit[]} edits */
  write(edits) {
    for (const edit of edits) {
      const cell = this.cell(edit.row, edit.column);
      Object.assign(cell, { raw: edit.raw, dirty: true, mark: "", notes: [] });
      if (cell.clash) cell.clash = { ...cell.clash, yours: edit.raw };
    }
  }

  /**
   * Take back the last step, or do it again; a cell in which somebody else has typed since stays as it is. Returns what
   * changed.
   * @param {boolean} again
   * @returns {Edit[]}
   */
  undo(again = false) {
    const steps = (again ? this.undone : this.done).pop() ?? [];
    if (steps.length) (again ? this.done : this.undone).push(steps);
    const mine = steps.filter(({ row, column, before, after }) => this.raw(row, column) === (again ? before : after));
    const edits = mine.map(({ row, column, before, after }) => ({ row, column, raw: again ? after : before }));
    this.write(edits);
    return edits;
  }

  /**
   * Somebody begins to type in a cell, or is done. Returns the version of it that they saw.
   * @param {number} row
   * @param {number} column
   * @param {boolean} held
   */
  hold(row, column, held) {
    const cell = this.cell(row, column);
    cell.held = held;
    return cell.seen;
  }

  /**
   * Everything that the server does not have; what clashes waits until somebody has chosen.
   * @returns {Unsaved[]}
   */
  unsaved() {
    const found = [];
    for (const [key, cell] of this.cells) {
      const [row, column] = key.split(" ").map(Number);
      const item = this.rows[row ?? -1]?.item;
      if (cell.dirty && !cell.clash && item !== undefined) found.push({ item, column: column ?? 0, raw: cell.raw, seen: cell.seen });
    }
    return found;
  }

  /** @param {readonly Unsaved[]} cells */
  sending(cells) {
    for (const { item, column, raw } of cells) this.cell(this.places.get(item) ?? -1, column).sent = raw;
  }

  failed() {
    for (const cell of this.cells.values()) cell.sent = null;
  }

  /**
   * Put back what this browser had kept when it was closed.
   * @param {readonly Unsaved[]} cells
   */
  restore(cells) {
    for (const { item, column, raw, seen } of cells) {
      const row = this.places.get(item);
      if (row === undefined || !this.columns[column] || this.raw(row, column) === raw) continue;
      Object.assign(this.cell(row, column), { raw, seen, dirty: true, mark: "", notes: [] });
    }
  }

  /**
   * What the server says: cells that were kept, by whomever, and those that clash. Returns the rows to show again.
   * @param {Changes} changes
   * @param {boolean} answered whether this answers what was sent
   * @returns {Set<number>}
   */
  merge(changes, answered) {
    const touched = new Set(changes.cells.map((kept) => this.take(kept)));
    for (const { item, notes } of changes.rows) {
      const at = this.places.get(item);
      const row = at === undefined ? undefined : this.rows[at];
      if (row) row.notes = notes;
    }
    for (const clash of changes.clashes) {
      const row = this.places.get(clash.item) ?? -1;
      const cell = this.cell(row, clash.column);
      cell.clash = { ...clash, yours: cell.raw };
      touched.add(row);
    }
    if (answered) for (const [key, cell] of this.cells) if (this.answer(cell)) touched.add(Number(key.split(" ")[0]));
    this.version = Math.max(this.version, changes.version);
    touched.delete(-1);
    return touched;
  }

  /**
   * A cell that was sent and neither came back nor clashed stood there already as it was typed.
   * @param {Cell} cell
   */
  answer(cell) {
    if (cell.sent === null) return false;
    if (cell.sent === cell.raw && !cell.clash) cell.dirty = false;
    cell.sent = null;
    return true;
  }

  /**
   * @param {Kept} kept
   * @returns {number} its row, -1 when it is not in this grid
   */
  take(kept) {
    const row = this.places.get(kept.item);
    if (row === undefined) return -1;
    const cell = this.cell(row, kept.column);
    const known = { seen: kept.version, mark: kept.mark, notes: kept.notes, by: kept.by };
    if ((!cell.dirty && !cell.held) || cell.raw === kept.raw) Object.assign(cell, known, { raw: kept.raw, dirty: false, clash: null });
    // Typed on since it was sent: the next save goes on from there. Somebody else's text is left for the server to tell.
    else if (cell.sent === kept.raw) cell.seen = kept.version;
    return row;
  }

  /**
   * Choose between two texts of a cell that clashes.
   * @param {number} row
   * @param {number} column
   * @param {boolean} mine
   */
  choose(row, column, mine) {
    const cell = this.cell(row, column);
    if (!cell.clash) return;
    const { theirs, version, by } = cell.clash;
    Object.assign(cell, { seen: version, clash: null, by }, mine ? { dirty: true } : { raw: theirs, dirty: false, mark: "", notes: [] });
  }

  /** @returns {{row: number, column: number, cell: Cell}[]} cells in the order of the grid */
  all() {
    return [...this.cells]
      .map(([key, cell]) => ({ row: Number(key.split(" ")[0]), column: Number(key.split(" ")[1]), cell }))
      .sort((one, other) => one.row - other.row || one.column - other.column);
  }
}
