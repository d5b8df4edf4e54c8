// Good and bad, told apart without looking: one high note, or two low ones; a short or a long tremble.
const MUTED = "scan:muted";
const GOOD = [{ at: 0, hertz: 1320, long: 0.08 }];
const BAD = [
  { at: 0, hertz: 220, long: 0.18 },
  { at: 0.22, hertz: 165, long: 0.28 },
];

let sound: AudioContext | undefined;

export function muted(): boolean {
  try {
    return localStorage.getItem(MUTED) === "1";
  } catch {
    return false;
  }
}

export function mute(yes: boolean): void {
  try {
    localStorage.setItem(MUTED, yes ? "1" : "0");
  } catch {
    // A forbidden store: it is loud again next time.
  }
}

export function good(): void {
  tremble(40);
  play(GOOD);
}

export function bad(): void {
  tremble([120, 60, 220]);
  play(BAD);
}

function tremble(pattern: number | number[]): void {
  if (!muted() && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

function play(notes: typeof GOOD): void {
  if (muted() || typeof AudioContext === "undefined" || navigator.userActivation?.hasBeenActive === false) return;
  sound ??= new AudioContext();
  void sound.resume();
  for (const note of notes) {
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    const from = sound.currentTime + note.at;
    tone.frequency.value = note.hertz;
    loud.gain.setValueAtTime(0.25, from);
    loud.gain.exponentialRampToValueAtTime(0.001, from + note.long);
    tone.connect(loud).connect(sound.destination);
    tone.start(from);
    tone.stop(from + note.long);
  }
}
