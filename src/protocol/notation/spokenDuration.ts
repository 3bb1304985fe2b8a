/** Returns a duration for people: `10 s`, `1.5 s`, `500 ms`. */
export function spokenDuration(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}
