import { Failure } from '../../../errors.ts';
import type { Io } from '../../terminal/io.ts';
import { outputOf } from '../../printing/output.ts';
import { prompterOf } from '../../request/prompt.ts';
import { requestSettings, type CommonValues } from '../../target/settings.ts';
import { version } from '../../terminal/version.ts';
import { Dialogue } from './dialogue.ts';
import { InteractiveSession } from './session.ts';

/**
 * Interactive mode: choose what to do, answer, see what is sent and what comes back, again. `given` are the flags of
 * the command line.
 */
export async function interactive(given: CommonValues, io: Io): Promise<void> {
  if (given.token === '-')
    throw new Failure('usage', '--token - reads stdin, which the answers of interactive mode come from', {
      hint: 'Give the token with --token-file.',
    });
  const output = await outputOf(given, io);
  const settings = requestSettings(given, io);
  const prompter = await prompterOf(given, io);
  await using session = new InteractiveSession(given, settings, prompter, io);
  io.note(`devicehive ${version()}: choose what to do. Esc goes back, Ctrl-C leaves.`);
  try {
    if (await session.connect()) await new Dialogue(session, output, settings, prompter, io).run();
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'interrupted') throw error;
    if (!prompter.hasLeft) throw new Failure('interrupted', 'left', { cause: error });
  }
}
