import { isIP } from 'node:net';
import { Failure } from '../../../../errors.ts';
import type { RunOutline } from '../../../../simulate/index.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { PagePlace } from './localPage.ts';
import { sickServer } from './sickServer.ts';
import type { ObserverValues, RunObserver } from './runObserver.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/**
 * Returns the observers that flags, terminal and environment ask for. Throws a usage `Failure` if a port is invalid or
 * taken.
 */
export async function observersOf(
  outline: RunOutline,
  context: FlagContext<ObserverValues>,
): Promise<readonly RunObserver[]> {
  const { io, values } = context;
  const dashboardPort = portOf(values.dashboard === true ? '0' : values.dashboard || undefined, '--dashboard');
  const metrics = metricsPlace(values.metrics);
  const observers: RunObserver[] = [];
  try {
    if (dashboardPort !== undefined)
      observers.push(await (await import('./dashboard.ts')).openDashboard(dashboardPort, outline, io));
    if (metrics !== undefined) observers.push(await (await import('./metrics.ts')).openMetrics(metrics, outline, io));
  } catch (error) {
    for (const observer of observers) await observer.finish();
    throw error;
  }
  const teller = await tellerOf(outline, context);
  return [...observers, sickServer(io), ...(teller === undefined ? [] : [teller])];
}

async function tellerOf(outline: RunOutline, context: FlagContext<ObserverValues>): Promise<RunObserver | undefined> {
  const { io, values } = context;
  if (values.quiet === true || values.json === true) return undefined;
  const { CI: ci = '', TERM: term = '' } = io.env;
  // a terminal of unknown size, as `docker exec -t` may give, has no room to draw in
  const hasRoom = process.stderr.columns !== 0 && process.stderr.rows !== 0;
  const isStill = values.verbose !== true && ci === '' && term !== 'dumb' && hasRoom;
  if (io.stderrIsTerminal && isStill) return (await import('./liveView.ts')).liveView(outline, context);
  return (await import('./progressLines.ts')).progressLines(io);
}

/** Parses `PORT` (on loopback) or `ADDRESS:PORT`; the address may be IPv4 or IPv6. */
function metricsPlace(text: string | undefined): PagePlace | undefined {
  const [, written = '', portText] = /^(?:(.*):)?([^:]*)$/s.exec(text ?? '') ?? [];
  const port = portOf(text === undefined ? undefined : portText, '--metrics');
  if (port === undefined) return undefined;
  const host = written.replace(/^\[(.*)\]$/, '$1');
  if (text?.includes(':') !== true) return { host: '127.0.0.1', port };
  if (isIP(host) !== 0) return { host, port };
  throw new Failure('usage', `--metrics '${cutText(text)}' names no address to listen on`, {
    hint: 'Write a port alone for 127.0.0.1, or an IP address of this machine and a port: 192.168.1.5:9464.',
  });
}

function portOf(text: string | undefined, at: string): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Failure('usage', `${at} '${text}' is no port`, {
    hint: 'A number from 0 to 65535; 0 takes any that is free.',
  });
}
