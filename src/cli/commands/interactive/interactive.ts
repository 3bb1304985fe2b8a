import { Failure } from '../../../errors.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { contextOf } from '../../target/context.ts';
import { prompterOf } from '../../printing/prompters.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { version } from '../../terminal/version.ts';
import { Dialogue } from './dialogue.ts';
import { InteractiveSession } from './session.ts';

/**
 * Interactive mode: choose an action, answer, see the frame and the reply, repeat. `given` are the flags of the command
 * line.
 */
export async function interactive(given: FlagContext<CommonValues>): Promise<void> {
  const { io, values } = given;
  if (values.token === '-')
    throw new Failure('usage', '--token - reads stdin, which the answers of interactive mode come from', {
      hint: 'Give the token with --token-file.',
    });
  const context = await contextOf(given);
  const prompter = await prompterOf(given);
  await using session = new InteractiveSession(context, prompter);
  io.note(`devicehive ${version()}: choose what to do. Esc goes back, Ctrl-C leaves.`);
  try {
    if (await session.connect()) await new Dialogue(session, prompter).run();
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'interrupted') throw error;
    if (!prompter.hasLeft) throw new Failure('interrupted', 'left', { cause: error });
  }
}
