import type { Handler } from '../rights/caller.ts';

/** Returns the addresses that a default installation reports (PROTOCOL.md 4.3). */
export const info: Handler<'cluster/info'> = () => ({
  clusterInfo: { 'bootstrap.servers': '127.0.0.1:9092', 'zookeeper.connect': '127.0.0.1:2181' },
});
