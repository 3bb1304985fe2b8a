import { connect, type Connection, type Credentials } from '../../client/index.ts';
import type { Io } from '../io.ts';
import { requestSettings, type CommonValues } from '../settings.ts';

/** Connects to a server, anonymously or as these credentials say, with what the shared flags ask for. Throws as `connect` does. */
export async function connectAs(
  url: string,
  credentials: Credentials | undefined,
  values: CommonValues,
  io: Io,
  proxy = true,
): Promise<Connection> {
  const { ca, retries, ...times } = requestSettings(values, io);
  const isTraced = values.verbose === true || values.traceFile !== undefined;
  return connect({
    url,
    ...times,
    retries,
    ...(ca === undefined ? {} : { ca }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(isTraced ? { trace: (await import('../trace.ts')).tracer(values, io) } : {}),
    signal: io.signal,
    proxy,
  });
}
