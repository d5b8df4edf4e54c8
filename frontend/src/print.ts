// <button data-print>: the browser's print dialog; what is printed is the page's print style.
export function startPrint(): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) print();
  });
}
