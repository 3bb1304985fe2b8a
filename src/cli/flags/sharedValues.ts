import type { Io } from '../terminal/io.ts';
import { findProject } from './projectFile.ts';

/** The shared flags as commander leaves them. */
export interface SharedValues {
  readonly url?: string;
  readonly context?: string;
  readonly embedded?: boolean;
  readonly answerAll?: boolean;
  readonly strict?: boolean;
  readonly latency?: string;
  readonly demo?: boolean;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly seed?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly header?: readonly string[];
  readonly tlsInsecure?: boolean;
  readonly connectTimeout?: string;
  readonly retry?: string;
  readonly timeout?: string;
  readonly probe?: boolean;
  readonly allowLarge?: boolean;
  readonly dryRun?: boolean;
  readonly requestId?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly query?: string;
  readonly queryRequired?: boolean;
  readonly envelope?: boolean;
  readonly verbose?: boolean;
  readonly traceFile?: string;
  readonly envFile?: string;
  readonly quiet?: boolean;
  readonly input?: boolean;
  readonly color?: string | boolean;
}

/** The context of every function of a command: streams, signal and environment, and the flags of the command line. */
export interface FlagContext<Values = SharedValues> {
  readonly io: Io;
  readonly values: Values;
}

/** A setting that a flag, the environment or the project file may give, and where it was found. */
export function defaulted(
  name: 'timeout' | 'output',
  flag: string | undefined,
  io: Io,
): { readonly text: string; readonly at: string } | undefined {
  if (flag !== undefined) return { text: flag, at: `--${name}` };
  const variable = `DEVICEHIVE_${name.toUpperCase()}`;
  const fromEnvironment = io.env[variable];
  if (isSet(fromEnvironment)) return { text: fromEnvironment, at: variable };
  const project = findProject(io.cwd);
  const fromProject = project?.[name];
  return fromProject === undefined ? undefined : { text: fromProject, at: `${name} in ${project?.file ?? ''}` };
}

/** True if a variable holds anything. */
export function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** Whether a person can be asked, and wants to be. */
export function mayAsk({ io, values }: FlagContext): boolean {
  const { CI, DEVICEHIVE_NO_INPUT } = io.env;
  const forbidden = [CI, DEVICEHIVE_NO_INPUT].some(
    (value) => value !== undefined && value !== '' && value !== '0' && value !== 'false',
  );
  return io.stdinIsTerminal && io.stderrIsTerminal && values.input !== false && !forbidden;
}
