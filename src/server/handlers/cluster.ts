import type { Handler } from '../rights/caller.ts';

/** PROTOCOL.md 4.3; the addresses a default installation tells */
export const info: Handler<'cluster/info'> = () => ({
  clusterInfo: { 'bootstrap.servers': '127.0.0.1:9092', 'zookeeper.connect': '127.0.0.1:2181' },
});
