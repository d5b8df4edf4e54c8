// The camera as a scanner: the browser's own detector where it is, otherwise the decoder that we bring along.
import { BarcodeDetector as Brought, prepareZXingModule } from "barcode-detector/ponyfill";

const FORMATS = ["qr_code", "code_128", "data_matrix"] as const;
const AGAIN_MS = 2_500;
const LOOK_MS = 80;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface Own {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

async function detector(decoder: string): Promise<Detector> {
  const own = (globalThis as { BarcodeDetector?: Own }).BarcodeDetector;
  const can = own ? await own.getSupportedFormats().catch(() => []) : [];
  if (own && FORMATS.every((format) => can.includes(format))) return new own({ formats: [...FORMATS] });
  prepareZXingModule({ overrides: { locateFile: (path: string, folder: string) => (path.endsWith(".wasm") ? decoder : folder + path) } });
  return new Brought({ formats: [...FORMATS] });
}

/** Opens the camera and tells each code once while it stays in the picture. Returns what closes it. */
export async function start(video: HTMLVideoElement, decoder: string, scanned: (code: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  const close = (): void => stream.getTracks().forEach((track) => track.stop());
  try {
    video.srcObject = stream;
    await video.play();
    const eye = await detector(decoder);
    look(eye, video, stream, scanned);
  } catch (error) {
    close();
    throw error;
  }
  return close;
}

function look(eye: Detector, video: HTMLVideoElement, stream: MediaStream, scanned: (code: string) => void): void {
  const seen = new Map<string, number>();
  const glance = async (): Promise<void> => {
    if (!stream.active) return;
    const found = document.hidden ? [] : await eye.detect(video).catch(() => []);
    const now = performance.now();
    for (const { rawValue } of found) {
      const before = seen.get(rawValue) ?? -Infinity;
      seen.set(rawValue, now);
      if (rawValue && now - before > AGAIN_MS) scanned(rawValue);
    }
    setTimeout(() => void glance(), LOOK_MS);
  };
  void glance();
}
