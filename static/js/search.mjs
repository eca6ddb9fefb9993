// The key "/" leads to the search box of the header. It can be turned off on the search page
// (WCAG 2.1.4), for who speaks to their computer or presses keys by accident.

const KEPT = "qip-search-key";
const box = document.querySelector("[data-search]");
const choice = document.querySelector("[data-search-key]");

function isOn() {
  return localStorage.getItem(KEPT) !== "off";
}

function isTyping(target) {
  return target.isContentEditable || target.matches("input, textarea, select");
}

function showState() {
  box.toggleAttribute("aria-keyshortcuts", isOn());
  if (isOn()) box.setAttribute("aria-keyshortcuts", "/");
  box.placeholder = isOn() ? "Search (press /)" : "Search";
  if (choice) {
    choice.hidden = false;
    choice.querySelector("input").checked = isOn();
  }
}

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key !== "/" || !isPlain || !isOn() || isTyping(event.target)) return;
  event.preventDefault();
  box.focus();
  box.select();
});

choice?.addEventListener("change", (event) => {
  localStorage.setItem(KEPT, event.target.checked ? "on" : "off");
  showState();
});

showState();
