import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { isFrame } from '../../../protocol/frames.ts';
import { parseTimestamp } from '../../../protocol/timestamps.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { ClockFacts, Findings, RoundTripFacts, ServerFacts } from './findings.ts';

/** One question and its answer: when it was asked, how long the answer took, and the server's time in it. */
interface Sample {
  readonly askedAtMs: number;
  readonly replyMs: number;
  readonly serverMs: number;
}

/** The fields of `server/info`. */
interface Info {
  readonly apiVersion: string;
  readonly restServerUrl: string | null;
  readonly sample: Sample;
}

/** Asking stops after so much time, in ms. */
const longestAskingMs = 5000;

/** Clocks may differ by this much without harm, in ms: tokens are refreshed a minute before they expire. */
const tolerableMs = 2000;

/** The answers of a server; null where one could not be had. */
export interface Answers {
  readonly server: Pick<ServerFacts, 'isDeviceHive' | 'connectMs' | 'apiVersion' | 'restServerUrl'>;
  readonly clock: ClockFacts | null;
  readonly roundTrip: RoundTripFacts | null;
}

/** Asks the server who it is, up to `requests` times. Failures become findings; an interruption is thrown. */
export async function askServer(connection: Connection, requests: number, findings: Findings): Promise<Answers> {
  const connectMs = roundedMs(connection.timing.connectMs);
  const info = await findings.attempt('server', () => ask(connection));
  if (info === undefined) {
    const server = { isDeviceHive: false, connectMs, apiVersion: null, restServerUrl: null };
    return { server, clock: null, roundTrip: null };
  }
  const { apiVersion, restServerUrl } = info;
  tellVersion(connection.url, apiVersion, connectMs, findings);
  const samples = [info.sample];
  const endMs = performance.now() + longestAskingMs;
  await findings.attempt('roundTrip', async () => {
    while (samples.length < requests && performance.now() < endMs) samples.push((await ask(connection)).sample);
  });
  const server = { isDeviceHive: true, connectMs, apiVersion, restServerUrl };
  return { server, clock: clockOf(samples, findings), roundTrip: roundTripOf(samples, findings) };
}

async function ask(connection: Connection): Promise<Info> {
  const askedAtMs = Date.now();
  const { reply, replyMs } = await connection.request('server/info', {});
  const info: unknown = reply.info;
  const { apiVersion, serverTimestamp, restServerUrl } = isFrame(info) ? info : {};
  const serverMs = typeof serverTimestamp === 'string' ? parseTimestamp(serverTimestamp) : undefined;
  if (typeof apiVersion !== 'string' || serverMs === undefined)
    throw new Failure('connect', `${connection.url} answers, but not as DeviceHive does: ${whatLacks(apiVersion)}`, {
      hint: 'Check the URL: it must be that of a DeviceHive server, with its path.',
    });
  const restUrl = typeof restServerUrl === 'string' ? restServerUrl : null;
  return { apiVersion, restServerUrl: restUrl, sample: { askedAtMs, replyMs, serverMs } };
}

function whatLacks(apiVersion: unknown): string {
  return `its server/info has no ${typeof apiVersion === 'string' ? 'serverTimestamp' : 'apiVersion'}`;
}

function tellVersion(url: string, apiVersion: string, connectMs: number, findings: Findings): void {
  const message = `${url} is DeviceHive ${cutText(apiVersion)}, connected in ${connectMs} ms`;
  if (apiVersion.startsWith('4.')) findings.add('server', 'ok', message);
  else findings.add('server', 'note', message, 'devicehive is made for DeviceHive 4; others may answer otherwise.');
}

/** Compares the clocks by the quickest answer: the server read its clock at some moment between question and reply. */
function clockOf(samples: readonly Sample[], findings: Findings): ClockFacts {
  const best = samples.reduce((one, other) => (other.replyMs < one.replyMs ? other : one));
  const { askedAtMs, replyMs, serverMs } = best;
  // Both clocks are read to the millisecond.
  const uncertaintyMs = Math.ceil(replyMs / 2) + 1;
  const aheadMs = Math.round(serverMs - askedAtMs - replyMs / 2);
  const told = `the server's clock is ${spoken(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} ours, give or take ${spoken(uncertaintyMs)}`;
  if (Math.abs(aheadMs) - uncertaintyMs <= tolerableMs) findings.add('clock', 'ok', told);
  else
    findings.add(
      'clock',
      'note',
      told,
      'Set the clocks right: the ends of tokens and --since are judged by both of them.',
    );
  return { aheadMs, uncertaintyMs };
}

function spoken(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}

function roundTripOf(samples: readonly Sample[], findings: Findings): RoundTripFacts {
  const sorted = samples.map(({ replyMs }) => replyMs).sort((one, other) => one - other);
  const percentile = (share: number) => roundedMs(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  const facts = {
    requests: samples.length,
    minMs: percentile(0),
    p50Ms: percentile(0.5),
    p90Ms: percentile(0.9),
    p99Ms: percentile(0.99),
    maxMs: percentile(1),
  };
  const { requests, p50Ms, p90Ms, maxMs } = facts;
  findings.add(
    'roundTrip',
    'ok',
    `${requests} times server/info: half within ${p50Ms} ms, 90 % within ${p90Ms} ms, the longest ${maxMs} ms`,
  );
  return facts;
}

/** Rounds to whole ms, the precision of clocks. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
