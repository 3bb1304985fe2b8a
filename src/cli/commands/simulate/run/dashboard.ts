import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  tickMs,
  Timeline,
  dashboardContent,
  dashboardPage,
  dashboardScript,
  type Snapshot,
} from '../../../../simulate/index.ts';
import type { Io } from '../../../terminal/io.ts';
import { servePages } from './localPage.ts';
import { isNewTick, type RunObserver } from './observers.ts';

/** A local web page that shows the run as it goes. */
export async function openDashboard(port: number, io: Io): Promise<RunObserver> {
  const readers = new Set<ServerResponse>();
  const timeline = new Timeline(tickMs);
  let latest: Snapshot | undefined;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digestOf(dashboardScript)}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const pages = await servePages(
    { host: '127.0.0.1', port },
    {
      '/': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
        response.end(dashboardPage(contentOf(latest, timeline)));
      },
      '/events': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        readers.add(response);
        response.on('close', () => readers.delete(response));
        response.write(eventOf(contentOf(latest, timeline)));
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
      const event = eventOf(contentOf(snapshot, timeline));
      for (const reader of readers) tell(reader, event);
    },
    async finish() {
      for (const reader of readers) reader.end('event: end\ndata: {}\n\n');
      await pages.close();
    },
  };
}

/** A browser that does not read loses events beyond this: the next event repeats everything. */
const mostWaitingBytes = 1024 * 1024;

function tell(reader: ServerResponse, event: string): void {
  if (reader.writableLength < mostWaitingBytes) reader.write(event);
}

function contentOf(snapshot: Snapshot | undefined, timeline: Timeline): string {
  return dashboardContent(snapshot, timeline.result());
}

function eventOf(content: string): string {
  return `data: ${JSON.stringify(content)}\n\n`;
}

function digestOf(script: string): string {
  return createHash('sha256').update(script).digest('base64');
}
