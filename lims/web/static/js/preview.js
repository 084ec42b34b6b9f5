// The preview by keys: n and p go from problem to problem, y accepts the first suggestion of the row in focus.

/** @param {EventTarget | null} target */
function typing(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

let at = -1;

/**
 * Go to the problem so many further on; past the end it begins again.
 * @param {number} step
 */
function go(step) {
  /** @type {HTMLAnchorElement[]} */
  const problems = [...document.querySelectorAll("a[data-problem]")].filter((one) => one instanceof HTMLAnchorElement);
  if (!problems.length) return;
  at = at < 0 && step < 0 ? problems.length - 1 : (at + step + problems.length) % problems.length;
  const link = problems[at];
  if (!link) return;
  if (!link) return;
  const cell = link.hash ? document.getElementById(link.hash.slice(1)) : null;
  if (!link.getAttribute("href")?.startsWith("#") || !cell) {
    link.click();
    return;
  }
  for (const other of problems) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
  cell.focus();
  cell.scrollIntoView({ block: "center", inline: "center" });
}

/** Accept the first suggestion of the question in focus, or of the first that is open. */
function accept() {
  const focus = document.activeElement?.closest(".open-row") ?? document.querySelector(".open-row:not(.is-settled)");
  const first = focus?.querySelector(".options button:not([value^='REJECTED'])");
  if (first instanceof HTMLButtonElement && first.name === "choice") first.click();
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-step]") : null;
  if (button instanceof HTMLElement) go(Number(button.dataset.step));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "n") go(1);
  else if (event.key === "p") go(-1);
  else if (event.key === "y") accept();
  else return;
  event.preventDefault();
});
