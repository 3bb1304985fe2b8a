import { Failure } from '../../errors.ts';
import { mayAsk, type FlagContext } from '../flags/sharedValues.ts';
import { cutText } from '../terminal/safeText.ts';
import { isConfirmed, rememberConfirmed } from './contexts/confirmedServers.ts';
import { contextsOf, readContexts } from './contexts/contextList.ts';
import { normalUrl, shownUrl } from './serverUrl.ts';
import { namedServer, type CommonValues } from './serverName.ts';

/** A server that only a project file names, and that file. */
interface ProjectServer {
  readonly url: string;
  readonly file: string;
}

/**
 * Makes sure that passwords may go to the server of a command. One that only a project file names, which may be
 * anybody's, is confirmed once by a person. Throws a usage `Failure` where nobody can be asked, or it is not confirmed.
 */
export async function confirmServer(context: FlagContext<CommonValues>): Promise<void> {
  const { token, tokenFile } = context.values;
  // whoever gave a token for this command has decided, see confirmFlagToken
  if (token !== undefined || tokenFile !== undefined) return;
  const server = projectServer(context);
  if (server !== undefined) await confirmProjectServer(server, context);
}

function projectServer({ io, values }: FlagContext<CommonValues>): ProjectServer | undefined {
  if (values.embedded === true) return undefined;
  const { url: _url, context: _context, chosen, ...others } = values;
  const named = namedServer({ io, values: chosen === undefined ? values : others });
  if (named?.kind !== 'url' || named.from !== 'project') return undefined;
  if (chosen !== undefined) return chosen.from === 'project' ? { url: chosen.url, file: named.at } : undefined;
  return { url: normalUrl(named.text, named.at), file: named.at };
}

/**
 * Confirms the server for a token from a flag: a script means the server of its project, a person may have overlooked
 * the file.
 */
export async function confirmFlagToken(server: ProjectServer, context: FlagContext<CommonValues>): Promise<void> {
  if (mayAsk(context)) await confirmProjectServer(server, context);
}

/** The same as `confirmServer` for a server that a project file is known to name. */
export async function confirmProjectServer(
  { url, file }: ProjectServer,
  context: FlagContext<CommonValues>,
): Promise<void> {
  const { io } = context;
  if (contextsOf(url, readContexts(io)).length > 0 || isConfirmed(url, io)) return;
  const shown = shownUrl(url);
  const what = `only ${cutText(file, 200)} names the server ${shown}`;
  if (mayAsk(context)) {
    const { prompterOf } = await import('../printing/prompters.ts');
    const prompter = await prompterOf(context);
    io.err(`${what}; whoever wrote that file gets what is sent there\n`);
    if (await prompter.confirm(`May secrets be sent to ${shown}?`, false)) return rememberConfirmed(url, io);
  }
  throw new Failure('usage', `${what}, and nobody has confirmed that secrets may go there; nothing was sent`, {
    hint: `If you trust it, name it yourself: --url ${shown}, DEVICEHIVE_URL, or devicehive context add NAME --url ${shown}`,
  });
}
