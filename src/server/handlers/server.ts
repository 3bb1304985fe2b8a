import { formatTimestamp } from '../../protocol/timestamps.ts';
import type { Handler } from '../rights/caller.ts';

/** The version of DeviceHive that this server imitates (PROTOCOL.md 4.1). */
const apiVersion = '4.1.0';

/** Returns version, time and REST URL of the server (PROTOCOL.md 4.1). */
export const info: Handler<'server/info'> = (_request, { hive, restServerUrl }) => ({
  info: { apiVersion, serverTimestamp: formatTimestamp(hive.clock.now()), restServerUrl },
});

/** Returns cache statistics, all zero because there is no cache (PROTOCOL.md 4.2). */
export const cacheInfo: Handler<'server/cacheInfo'> = (_request, { hive }) => ({
  cacheInfo: {
    serverTimestamp: formatTimestamp(hive.clock.now()),
    cacheStats: 'Statistics[second level cache hits=0,second level cache misses=0]',
  },
});
