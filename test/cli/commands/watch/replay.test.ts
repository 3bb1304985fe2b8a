import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WatchProgress, timestampOf } from '../../../../src/cli/commands/watch/replay.ts';
import type { PushFrame } from '../../../../src/protocol/frames.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');

function push(atMs: number, action = 'command/insert', lastUpdatedMs = atMs): PushFrame {
  const command = { id: 1, timestamp: timestampOf(atMs), lastUpdated: timestampOf(lastUpdatedMs) };
  return { action, command, subscriptionId: 5 };
}

describe('where a replay begins', () => {
  it('is a second before the last push, by the date the server gave it', () => {
    const progress = new WatchProgress(startMs);
    progress.saw(push(startMs + 40_000), startMs + 40_050);
    assert.equal(progress.gap(startMs + 50_000, startMs + 51_000, 0).fromMs, startMs + 39_000);
  });

  it('is the start of the watch where nothing was pushed', () => {
    const progress = new WatchProgress(startMs);
    assert.equal(progress.gap(startMs + 50_000, startMs + 51_000, 0).fromMs, startMs - 1000);
  });

  it('goes by the last update where updates are watched', () => {
    const progress = new WatchProgress(startMs);
    progress.saw(push(startMs - 60_000, 'command/update', startMs + 40_000), startMs + 40_000);
    assert.equal(progress.gap(startMs + 50_000, startMs + 51_000, 0).fromMs, startMs + 39_000);
  });

  it('follows the clock of the server', () => {
    const progress = new WatchProgress(startMs);
    const aheadMs = 3_600_000;
    progress.saw(push(startMs + aheadMs + 40_000), startMs + 40_000);
    assert.equal(progress.gap(startMs + 50_000, startMs + 51_000, aheadMs).fromMs, startMs + aheadMs + 39_000);
  });

  it('does not believe a sender that dates a command into the future, or before the watch', () => {
    const future = new WatchProgress(startMs);
    future.saw(push(Date.parse('2099-01-01T00:00:00Z')), startMs + 40_000);
    assert.equal(future.gap(startMs + 50_000, startMs + 51_000, 0).fromMs, startMs + 39_000);
    const past = new WatchProgress(startMs);
    past.saw(push(Date.parse('1999-01-01T00:00:00Z')), startMs + 40_000);
    assert.equal(past.gap(startMs + 50_000, startMs + 51_000, 0).fromMs, startMs - 1000);
  });
});

describe('the time in which nothing was heard', () => {
  it('counts a connection that may have been dead for a while', () => {
    const progress = new WatchProgress(startMs);
    for (let atMs = startMs; atMs <= startMs + 600_000; atMs += 5000) progress.tick(atMs);
    assert.equal(progress.gap(startMs + 600_000, startMs + 610_000, 0).lengthMs, 55_000);
  });

  it('counts from the last push where that came later', () => {
    const progress = new WatchProgress(startMs);
    progress.saw(push(startMs + 595_000), startMs + 595_000);
    assert.equal(progress.gap(startMs + 600_000, startMs + 610_000, 0).lengthMs, 15_000);
  });

  it('counts the sleep of the machine', () => {
    const progress = new WatchProgress(startMs);
    for (let atMs = startMs; atMs <= startMs + 100_000; atMs += 5000) progress.tick(atMs);
    const wokenMs = startMs + 7_200_000;
    assert.ok(progress.gap(wokenMs, wokenMs + 1000, 0).lengthMs > 7_000_000);
  });

  it('begins anew with each connection', () => {
    const progress = new WatchProgress(startMs);
    const wokenMs = startMs + 7_200_000;
    progress.tick(wokenMs);
    progress.resumed(wokenMs);
    assert.equal(progress.gap(wokenMs + 1000, wokenMs + 2000, 0).lengthMs, 2000);
  });
});
