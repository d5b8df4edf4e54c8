// Builds everything the pages load: scripts, one style sheet, one icon sprite, the scan page's decoder.
// Django's manifest storage adds the content hashes, so names stay plain here.
import { copyFileSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { bundle as bundleCss } from "lightningcss";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../src/firstbell/web/static/firstbell");

// School Chromebooks past their update date stop near Chrome 109; old iPhones stay on iOS 15.
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const cssTargets = { chrome: version(105), firefox: version(110), safari: version(15, 6), ios_saf: version(15, 6) };
const scriptTargets = ["chrome105", "firefox110", "safari15.6"];

function put(name, content) {
  writeFileSync(join(out, name), content);
  const raw = Buffer.from(content);
  const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(6);
  console.log(`${name.padEnd(16)} ${kb(raw.length)} kB  gzip ${kb(gzipSync(raw).length)}  brotli ${kb(brotliCompressSync(raw).length)}`);
}

function styles() {
  const { code } = bundleCss({ filename: join(here, "styles/firstbell.css"), minify: true, targets: cssTargets });
  put("firstbell.css", code);
}

function sprite() {
  const wanted = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const lucide = Object.entries(wanted).map(([name, file]) => {
    const svg = readFileSync(join(here, `node_modules/lucide-static/icons/${file}.svg`), "utf8");
    const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
  });
  const own = readFileSync(join(here, "own-icons.svg"), "utf8").match(/<symbol[\s\S]*?<\/symbol>/g) ?? [];
  const symbols = [...lucide, ...own.map((symbol) => symbol.replace(/\s*\n\s*/g, ""))];
  put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
  put("favicon.svg", readFileSync(join(here, "favicon.svg"), "utf8"));
}

// The fonts of printed papers (Noto, under the OFL): what Latin, Vietnamese, Arabic and Chinese names need.
function fonts() {
  const folder = join(here, "../src/firstbell/connectors/papers/fonts");
  const wanted = {
    latin: ["NotoSans-Regular.ttf", "NotoSans-Bold.ttf"],
    arabic: ["NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"],
    sc: ["NotoSansHans-Regular.otf"],
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, files] of Object.entries(wanted)) {
    const from = join(here, `node_modules/@embedpdf/fonts-${name}`);
    for (const file of files) copyFileSync(join(from, "fonts", file), join(folder, file));
    copyFileSync(join(from, "LICENSE"), join(folder, `OFL-${name}.txt`));
  }
}

/** The scan page's pictures for a home screen, and the decoder of camera pictures, which only a camera loads. */
function scanFiles() {
  for (const size of [192, 512]) copyFileSync(join(here, `icons/scan-${size}.png`), join(out, `scan-${size}.png`));
  put("zxing_reader.wasm", readFileSync(join(here, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm")));
}

const ENTRIES = ["street", "desk", "scan", "scan/camera", "worker"];

async function scripts() {
  const result = await esbuild.build({
    entryPoints: ENTRIES.map((name) => ({ in: join(here, `src/${name}.ts`), out: name.split("/").at(-1) })),
    bundle: true,
    minify: true,
    format: "esm",
    target: scriptTargets,
    outdir: out,
    write: false,
    legalComments: "none",
  });
  for (const file of result.outputFiles) put(file.path.split(/[\\/]/).at(-1), file.text);
}

async function build() {
  mkdirSync(out, { recursive: true });
  styles();
  sprite();
  fonts();
  scanFiles();
  await scripts();
}

if (process.argv.includes("--clean")) rmSync(out, { recursive: true, force: true });
await build();

if (process.argv.includes("--watch")) {
  let waiting;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => build().catch((error) => console.error(String(error))), 80);
  };
  for (const folder of ["src", "styles"]) watch(join(here, folder), again);
  console.log("Watching src and styles.");
}
