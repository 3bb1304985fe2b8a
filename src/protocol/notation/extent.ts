/**
 * Returns the largest of these numbers, `floor` where none is larger. `Math.max(...numbers)` would take stack for each,
 * and fails beyond about 100,000.
 */
export function largest(numbers: Iterable<number>, floor = -Infinity): number {
  let most = floor;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}

/** Returns the smallest of these numbers, `ceiling` where none is smaller. */
export function smallest(numbers: Iterable<number>, ceiling = Infinity): number {
  let least = ceiling;
  for (const number of numbers) least = Math.min(least, number);
  return least;
}
