// Signing out anywhere warns while this device keeps scans that are not sent: they wait until the same person is back.
import { word } from "./words";

interface Row {
  owner: string;
}

/** How many scans of the person who used the scan page here last are not sent; none where it was never open. */
function waiting(): Promise<number> {
  return new Promise((done) => {
    const asked = indexedDB.open("firstbell-scan");
    asked.onupgradeneeded = () => asked.transaction?.abort(); // it was never open: leave no empty store behind
    asked.onerror = () => done(0);
    asked.onsuccess = () => {
      const look = asked.result.transaction(["scans", "about"]);
      const who = look.objectStore("about").get("who") as IDBRequest<{ value: string } | undefined>;
      const rows = look.objectStore("scans").getAll() as IDBRequest<Row[]>;
      look.onabort = () => done(0);
      look.oncomplete = () => {
        asked.result.close();
        done(rows.result.filter((row) => row.owner === who.result?.value).length);
      };
    };
  });
}

export function startLeaving(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-signs-out]")) return;
    event.preventDefault();
    void waiting().then((n) => {
      if (!n || confirm(word("leaving").replace("{n}", String(n)))) form.submit();
    });
  });
}
