// What the scan page loads. It works without a network after the first visit.
import { startFocus } from "./focus";
import { startScanline } from "./scanline";
import { startTheme } from "./theme";
import { startScanPage } from "./scan/page";

startScanline();
startFocus();
startTheme();
void startScanPage();
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/scan/worker.js", { scope: "/scan/" }).catch(() => undefined);
