import { formatTimestamp } from '../../protocol/timestamps.ts';
import type { Handler } from '../rights/caller.ts';

/** The version this server behaves like (PROTOCOL.md 4.1). */
const apiVersion = '4.1.0';

/** PROTOCOL.md 4.1 */
export const info: Handler<'server/info'> = (_request, { hive, restServerUrl }) => ({
  info: { apiVersion, serverTimestamp: formatTimestamp(hive.clock.now()), restServerUrl },
});

/** PROTOCOL.md 4.2; there is no cache, so its statistics are all zero */
export const cacheInfo: Handler<'server/cacheInfo'> = (_request, { hive }) => ({
  cacheInfo: {
    serverTimestamp: formatTimestamp(hive.clock.now()),
    cacheStats: 'Statistics[second level cache hits=0,second level cache misses=0]',
  },
});
