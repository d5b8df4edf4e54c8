// What the desk, the depot and the board load.
import { startBeside } from "./beside";
import { startCopy } from "./copy";
import { startFocus } from "./focus";
import { startHtmx } from "./htmx";
import { startKeep } from "./keep";
import { startKeys } from "./keys";
import { fillOps } from "./op";
import { startLeaving } from "./leaving";
import { startPrint } from "./print";
import { startRows } from "./rows";
import { startScanline } from "./scanline";
import { startScans } from "./scans";
import { startTheme } from "./theme";

startHtmx();
startBeside();
fillOps(document);
startFocus();
startKeep();
startScanline();
startScans();
startKeys();
startLeaving();
startPrint();
startRows();
startCopy();
startTheme();
