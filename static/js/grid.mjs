// The grid of values: keys and paste as in a spreadsheet. Without scripts it is a plain form.

const grid = document.querySelector("[data-grid]");
const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
const boxAt = (row, column) => rows[row]?.[column]?.querySelector("input, select") ?? null;

function placeOf(box) {
  const row = rows.findIndex((cells) => cells.some((cell) => cell.contains(box)));
  return [row, rows[row]?.findIndex((cell) => cell.contains(box))];
}

function move(box, down, right) {
  let [row, column] = placeOf(box);
  do {
    row += down;
    column += right;
  } while (rows[row]?.[column] && !boxAt(row, column));
  const next = boxAt(row, column);
  next?.focus();
  next?.select?.();
  return next !== null;
}

grid.addEventListener("keydown", (event) => {
  const box = event.target;
  const isText = box.tagName === "INPUT";
  if (event.altKey || event.ctrlKey || event.metaKey || !box.matches(".qip-grid__value")) return;
  const atStart = isText && box.selectionEnd === 0;
  const atEnd = isText && box.selectionStart === box.value.length;
  const isWhole = isText && box.selectionStart === 0 && atEnd;
  // A list of choices keeps its own arrows.
  const moves = {
    Enter: [event.shiftKey ? -1 : 1, 0],
    ArrowDown: isText && [1, 0],
    ArrowUp: isText && [-1, 0],
    ArrowLeft: (atStart || isWhole) && [0, -1],
    ArrowRight: (atEnd || isWhole) && [0, 1],
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  move(box, ...moves[event.key]);
});

function fill(box, text) {
  if (box.tagName === "SELECT") {
    const wanted = text.trim().toLowerCase();
    const found = [...box.options].find(
      (option) => option.text.toLowerCase() === wanted || option.value === wanted,
    );
    if (found) box.value = found.value;
  } else {
    box.value = text.trim();
  }
}

grid.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  const [row, column] = placeOf(event.target);
  if (row < 0 || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  text.split(/\r?\n/).forEach((line, down) => {
    line.split("\t").forEach((value, right) => {
      const box = boxAt(row + down, column + right);
      if (box && value.trim()) fill(box, value);
    });
  });
});
