// What public and family pages load. They work without it.
import { startCopy } from "./copy";
import { startFocus } from "./focus";
import { startKeep } from "./keep";
import { fillOps } from "./op";
import { startPrint } from "./print";
import { startTheme } from "./theme";

fillOps(document);
startFocus();
startKeep();
startCopy();
startPrint();
startTheme();
