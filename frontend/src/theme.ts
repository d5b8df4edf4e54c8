// As the device says, or light, or dark: remembered in a cookie, so that the server writes it into the page.
type Theme = "auto" | "light" | "dark";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];
const YEAR_S = 365 * 24 * 60 * 60;

function chosen(): Theme {
  const value = document.documentElement.dataset["theme"];
  return value === "light" || value === "dark" ? value : "auto";
}

function choose(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

export function startTheme(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    const button = box.querySelector<HTMLElement>("[data-theme-next]");
    const said = button?.querySelector("span");
    if (!button || !said) continue;
    const show = (): void => void (said.textContent = button.dataset[chosen()] ?? "");
    button.addEventListener("click", () => {
      choose(ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length] ?? "auto");
      show();
    });
    show();
    box.hidden = false;
  }
}
