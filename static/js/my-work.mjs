// My work: what htmx leaves to us. The page does all of it without scripts, too.

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY = 24 * 60 * 60 * 1000;
const said = document.getElementById("work-said");

function monthOf(text) {
  const named = MONTHS.indexOf(text.trim().toLowerCase().slice(0, 3));
  return named < 0 ? Number(text) - 1 : named;
}

function typedDate(form) {
  const [day, month, year] = ["day", "month", "year"].map(
    (part) => form.elements[`forecast_date_${part}`].value,
  );
  const time = Date.UTC(Number(year), monthOf(month), Number(day));
  const isWhole = day && month && /^\d{4}$/.test(year);
  return isWhole && new Date(time).getUTCDate() === Number(day) ? time : null;
}

// By how many days the typed forecast moves, before it is saved.
function showMove(form) {
  const typed = typedDate(form);
  const days = typed === null ? 0 : Math.round((typed - Date.parse(form.dataset.before)) / DAY);
  const size = `${Math.abs(days)} ${Math.abs(days) === 1 ? "day" : "days"}`;
  form.querySelector("[data-move]").textContent =
    days === 0 ? "" : `Moves by ${days > 0 ? "+" : "\u2212"}${size}`;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-typed]");
  if (!form) return;
  form.dataset.typed = "yes";
  if (form.dataset.before) showMove(form);
});

// Typed text that no row has saved yet is worth a question before it goes.
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector('form[data-typed="yes"]')) event.preventDefault();
});

function notSaved() {
  said.textContent = "Not saved: the tracker did not answer. What you typed is still here, save again.";
}

document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (response.status >= 500) notSaved();
  // The text is kept while its person signs in again.
  if (response.headers.has("HX-Redirect")) sourceElement.dataset.typed = "";
  // A page instead of a row (signed out meanwhile, or not allowed): let the browser go there.
  const isRow = !response.raw.redirected && [200, 409, 422].includes(response.status);
  if (isRow || response.status >= 500) return;
  event.preventDefault();
  sourceElement.dataset.typed = "";
  sourceElement.submit();
});

// The row that was pressed is another one now: go on where it was, or where its problem stands.
document.addEventListener("htmx:after:swap", () => {
  const places = [...document.querySelectorAll("[data-focus]")];
  for (const place of places) place.removeAttribute("data-focus");
  places[0]?.focus();
});

document.addEventListener("htmx:error", notSaved);
