/** The most shards named in a sentence. */
const mostNamed = 20;

/** Returns shards for people: `shard 2 of 3`, `shards 1, 2 of 4`; of very many only the first, and how many more. */
export function spokenShards(shards: readonly number[], shardCount: number, count = shards.length): string {
  const named = shards.slice(0, mostNamed);
  const others = count > named.length ? ` and ${count - named.length} others` : '';
  return `${count === 1 ? 'shard' : 'shards'} ${named.join(', ')}${others} of ${shardCount}`;
}
