import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Meeting, type MeetingNews } from '../../src/simulate/engine/meeting/meeting.ts';
import { VirtualClock } from './virtualClock.ts';

const timeoutMs = 300_000;
const lagMs = 5;

/** A server that tells every shard what one says, a little later. */
class Hall {
  readonly clock = new VirtualClock();
  said: MeetingNews[] = [];
  readonly #present: Meeting[] = [];

  enter(index: number, count: number): Arrival {
    const { clock } = this;
    const meeting = new Meeting({
      shard: { index, count },
      timeoutMs,
      say: (news) => this.#tell(news),
      nowMs: () => clock.nowMs(),
      schedule: (afterMs, run) => clock.schedule(afterMs, run),
    });
    this.#present.push(meeting);
    const arrival: Arrival = { meeting, startMs: undefined };
    void meeting.agreed.then((startMs) => (arrival.startMs = startMs));
    meeting.join();
    return arrival;
  }

  leave(meeting: Meeting): void {
    meeting.close();
    this.#present.splice(this.#present.indexOf(meeting), 1);
  }

  #tell(news: MeetingNews): void {
    this.said.push(news);
    const text = JSON.stringify(news);
    this.clock.schedule(lagMs, () => {
      for (const meeting of [...this.#present]) meeting.hear(JSON.parse(text) as MeetingNews);
    });
  }
}

interface Arrival {
  readonly meeting: Meeting;
  startMs: number | undefined;
}

describe('shards that meet', () => {
  for (const count of [2, 4, 16]) {
    it(`agree on one start a little after the last of ${count} is ready, in whatever order they come`, async () => {
      const hall = new Hall();
      const arrivals: Arrival[] = [];
      for (let shard = count - 1; shard >= 0; shard--) {
        await hall.clock.pass(4000);
        arrivals.push(hall.enter(shard, count));
      }
      const readyMs = hall.clock.nowMs();
      await hall.clock.pass(1900);
      assert.deepEqual([...new Set(arrivals.map(({ startMs }) => startMs))], [readyMs + 2000]);
      assert.ok(hall.said.length <= 2 * count, `${hall.said.length} messages`);
    });
  }

  it('start without those that are not ready in time, and all at once', async () => {
    const hall = new Hall();
    const first = hall.enter(2, 4);
    const firstMs = hall.clock.nowMs();
    await hall.clock.pass(20_000);
    const second = hall.enter(0, 4);
    await hall.clock.pass(279_999);
    assert.equal(first.startMs, undefined);
    await hall.clock.pass(1);
    assert.deepEqual([first.startMs, second.startMs], [firstMs + timeoutMs, firstMs + timeoutMs]);
    assert.deepEqual(first.meeting.absent, [1, 3]);
  });

  it('tell one that comes late when they started, without the one that was there first', async () => {
    const hall = new Hall();
    const first = hall.enter(0, 3);
    const second = hall.enter(1, 3);
    await hall.clock.pass(timeoutMs);
    hall.leave(first.meeting);
    await hall.clock.pass(300_000);
    const late = hall.enter(2, 3);
    await hall.clock.pass(2000);
    assert.equal(late.startMs, second.startMs);
    assert.ok(second.startMs !== undefined);
  });

  it('count one that is started again once', async () => {
    const hall = new Hall();
    hall.leave(hall.enter(1, 2).meeting);
    const again = hall.enter(1, 2);
    await hall.clock.pass(10_000);
    assert.equal(again.startMs, undefined);
    const other = hall.enter(0, 2);
    await hall.clock.pass(2000);
    assert.ok(other.startMs !== undefined);
    assert.equal(other.startMs, again.startMs);
  });
});
