import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  tickMs,
  Timeline,
  dashboardContent,
  dashboardPage,
  dashboardScript,
  dashboardEnd,
  type RunOutline,
  type Snapshot,
} from '../../../../simulate/index.ts';
import type { Io } from '../../../terminal/io.ts';
import { servePages } from './localPage.ts';
import { isNewTick, type RunObserver } from './runObserver.ts';

/** Opens a local web page that shows the run live. */
export async function openDashboard(port: number, outline: RunOutline, io: Io): Promise<RunObserver> {
  const readers = new Set<ServerResponse>();
  const timeline = new Timeline(tickMs);
  let latest: Snapshot | undefined;
  const content = () => dashboardContent(outline, latest, timeline.result());
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digestOf(dashboardScript)}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const pages = await servePages(
    { host: '127.0.0.1', port },
    {
      '/': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
        response.end(dashboardPage(outline, content()));
      },
      '/events': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        readers.add(response);
        response.on('close', () => readers.delete(response));
        response.write(eventOf(content()));
      },
    },
    '--dashboard',
  );
  io.note(`dashboard: ${pages.url}/`);
  return {
    update(snapshot) {
      const isNews = isNewTick(snapshot, latest);
      latest = snapshot;
      if (isNews && snapshot.lastTick !== undefined) timeline.append(snapshot.lastTick);
      if (readers.size === 0) return;
      const event = eventOf(content());
      for (const reader of readers) tell(reader, event);
    },
    async finish(bundle) {
      const end = `event: end\ndata: ${dashboardEnd(bundle)}\n\n`;
      await Promise.all([...readers].map((reader) => ended(reader, end)));
      await pages.close();
    },
  };
}

/** A browser with more unread bytes loses events; the next event repeats everything. */
const mostWaitingBytes = 1024 * 1024;

function tell(reader: ServerResponse, event: string): void {
  if (reader.writableLength < mostWaitingBytes) reader.write(event);
}

/** How long a browser may take to read the end, in ms. */
const mostLastMs = 2000;

/** Sends the last event to a browser, and gives up on one that does not read it in time. */
async function ended(reader: ServerResponse, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, mostLastMs);
    reader.once('close', resolve);
    reader.end(text, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function eventOf(content: string): string {
  return `data: ${JSON.stringify(content)}\n\n`;
}

function digestOf(script: string): string {
  return createHash('sha256').update(script).digest('base64');
}
