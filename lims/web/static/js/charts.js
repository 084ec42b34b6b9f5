// Charts: <div data-chart="id"> shows the Vega-Lite specification that lies in the data block #id, or in its own
// data-spec (htmx takes script elements, data blocks among them, out of fragments). The libraries are fetched when the
// first chart comes into sight; the table beside a chart says the same without them.

/** @typedef {{embed: Function, interpreter: unknown}} Tools */

/** @param {string} file */
const vendored = (file) => new URL(`../vendor/${file}`, import.meta.url).href;

/**
 * @param {string} file
 * @returns {Promise<void>}
 */
function load(file) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = vendored(file);
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(`${file} did not load`)));
    document.head.append(script);
  });
}

/** @returns {Promise<Tools>} */
async function fetchTools() {
  await load("vega.min.js");
  await load("vega-lite.min.js");
  await load("vega-embed.min.js");
  // Without it Vega would compile expressions with `Function`, which our policy refuses.
  const { expressionInterpreter } = await import(vendored("vega-interpreter.js"));
  return { embed: Reflect.get(globalThis, "vegaEmbed"), interpreter: expressionInterpreter };
}

/** @type {Promise<Tools> | undefined} */
let tools;

/** @param {HTMLElement} place */
async function draw(place) {
  const text = place.dataset["spec"] ?? document.getElementById(place.dataset["chart"] ?? "")?.textContent;
  if (!text || place.dataset["state"]) return;
  place.dataset["state"] = "loading";
  try {
    tools ??= fetchTools();
    const { embed, interpreter } = await tools;
    await embed(place, JSON.parse(text), {
      ast: true,
      expr: interpreter,
      actions: false,
      renderer: "svg",
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
    });
    // Vega names its own drawing; we have one name for it, and a table beside it.
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
    place.dataset["state"] = "drawn";
  } catch (error) {
    place.dataset["state"] = "failed";
    place.textContent = "The chart could not be drawn; the numbers are in the table.";
    console.error(error);
  }
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting || !(entry.target instanceof HTMLElement)) continue;
      watcher.unobserve(entry.target);
      void draw(entry.target);
    }
  },
  { rootMargin: "300px" },
);

/** @param {ParentNode} root */
function watch(root) {
  for (const place of root.querySelectorAll("[data-chart]")) watcher.observe(place);
}

watch(document);
// Fragments bring charts as well.
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) watch(event.target);
});
