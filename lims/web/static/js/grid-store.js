// Keeps what is typed in a grid: saved a moment after typing, in this browser until the server has it, and what others
// typed is fetched now and then.

/** @typedef {import("./grid-model.js").Model} Model */
/** @typedef {import("./grid-model.js").Unsaved} Unsaved */
/** @typedef {"saved" | "typing" | "saving" | "offline" | "refused"} State */

/** cells of one request; the server takes more, but a slow line answers sooner so */
const AT_ONCE = 1000;
const SOON_MS = 500;
const AGAIN_MS = [2000, 5000, 15000, 30000];
const LOOK_MS = 5000;

export class Store {
  /**
   * @param {Model} model
   * @param {string} api address of the grid, with a slash at its end
   * @param {{shown: (rows: Set<number>) => void, told: (state: State, words: string) => void}} page
   */
  constructor(model, api, page) {
    this.model = model;
    this.api = api;
    this.page = page;
    this.key = `typed:${document.body.dataset["person"] ?? ""}:${api}`;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.failures = 0;
    this.closed = false;
    /** whether a question is open to which what others type must not change the answer */
    this.paused = false;
  }

  /** Put back what was typed and not saved when the page was closed, then watch. */
  start() {
    try {
      this.model.restore(JSON.parse(localStorage.getItem(this.key) ?? "[]"));
    } catch {
      // What cannot be read is nothing that was typed.
    }
    document.addEventListener("visibilitychange", () => void (document.hidden ? this.flush(true) : this.look()));
    window.addEventListener("online", () => void this.flush());
    setInterval(() => void (document.hidden || this.look()), LOOK_MS);
    if (this.model.unsaved().length) this.typed();
    else this.page.told("saved", "");
  }

  /** Something was typed: keep it here now, and send it soon. */
  typed() {
    this.keep();
    this.page.told("typing", "");
    this.later(SOON_MS);
  }

  keep() {
    const cells = this.model.unsaved();
    try {
      if (cells.length) localStorage.setItem(this.key, JSON.stringify(cells));
      else localStorage.removeItem(this.key);
    } catch {
      // A full or closed store keeps nothing; the server does.
    }
  }

  /** @param {number} ms */
  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  /**
   * Send everything that is not saved; one request at a time.
   * @param {boolean} leaving whether the page may be gone before the answer comes
   * @returns {Promise<boolean>} whether all of it is saved
   */
  async flush(leaving = false) {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    while (!this.closed && this.model.unsaved().length) {
      this.running = this.send(this.model.unsaved().slice(0, AT_ONCE), leaving);
      const before = this.failures;
      await this.running;
      this.running = null;
      if (this.failures > before) return false;
    }
    return !this.closed || !this.model.unsaved().length;
  }

  /**
   * @param {Unsaved[]} cells
   * @param {boolean} leaving
   */
  async send(cells, leaving) {
    this.model.sending(cells);
    this.page.told("saving", "");
    const since = Math.min(this.model.version, ...cells.filter((cell) => cell.seen).map((cell) => cell.seen - 1));
    const answer = await this.ask("cells/", { method: "POST", body: JSON.stringify({ cells, since }), keepalive: leaving && cells.length < 300 });
    if (!answer) {
      this.model.failed();
      return;
    }
    this.failures = 0;
    this.page.shown(this.model.merge(answer, true));
    this.keep();
    this.page.told(this.model.unsaved().length ? "typing" : "saved", "");
  }

  /** Fetch what others typed. */
  async look() {
    if (this.closed || this.paused || this.running || this.model.unsaved().length) return;
    await this.fetchSince(this.model.version);
  }

  /** @param {number} version */
  async fetchSince(version) {
    const answer = await this.ask(`changes/?since=${Math.max(0, version)}`, {});
    if (answer) this.page.shown(this.model.merge(answer, false));
  }

  /**
   * Ask the server; nothing when it did not answer or refused, which is told.
   * @param {string} path
   * @param {RequestInit} how
   * @returns {Promise<import("./grid-model.js").Changes | null>}
   */
  async ask(path, how) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": document.body.dataset["csrf"] ?? "" };
    /** @type {Response} */
    let answer;
    try {
      answer = await fetch(this.api + path, { ...how, headers, credentials: "same-origin" });
    } catch {
      return this.missed("offline", "no connection; what you typed is kept in this browser");
    }
    if (answer.ok) return await answer.json();
    const problem = await answer.json().catch(() => ({}));
    const first = problem.errors?.[0] ?? problem;
    const words = [first.message ?? first.detail ?? problem.title, first.remedy].filter(Boolean).join(" ");
    if (answer.status >= 500 || answer.status === 429) return this.missed("offline", "the server does not answer; it is tried again");
    this.closed ||= answer.status === 404 || answer.status === 409;
    this.failures += 1;
    this.page.told("refused", words || "the server refused it");
    return null;
  }

  /**
   * @param {State} state
   * @param {string} words
   */
  missed(state, words) {
    this.failures += 1;
    this.page.told(state, words);
    if (this.model.unsaved().length) this.later(AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1] ?? 30000);
    return null;
  }
}
