import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isTabKey,
  isUpKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useRef,
  useState,
  type KeypressEvent,
} from '@inquirer/core';
import { matching, pageOf, type Suggestion, type Suggestions } from './suggestion.ts';

/** A line of text to be asked for. */
export interface LineQuestion {
  readonly message: string;
  /** Stands in the line from the start. */
  readonly initial?: string;
  /** True if Enter on an empty line takes the first suggestion. */
  readonly takesFirst?: boolean;
  /** The value that an empty line means. */
  readonly default?: string | undefined;
  /** Returns what is wrong with this text, or undefined. */
  readonly check: (text: string) => Promise<string | undefined>;
  /** Whether a text is checked while it is typed; after one was refused, each is. */
  readonly isCheckedTyping: (text: string) => boolean;
  /** Values to choose from, once they are known; whatever is typed counts. */
  readonly suggestions?: () => Promise<Suggestions> | undefined;
  /** Said under the line. */
  readonly remark?: string | undefined;
  /** Said under the line as soon as it is known. */
  readonly news?: Promise<string> | undefined;
}

/** The prompter's settings: the theme, and how many suggestions fit, at what length. */
export interface LinePromptSettings {
  readonly theme: object;
  readonly room: () => { readonly rows: number; readonly columns: number };
}

/** No suggestion is chosen. */
const none = -1;

/**
 * Asks for a line of text. Enter takes what stands in the line: a suggestion that the arrow keys or Tab choose is
 * written there first.
 */
export const linePrompt = createPrompt<string, LineQuestion & LinePromptSettings>((question, done) => {
  const theme = makeTheme(question.theme);
  const [isDone, setDone] = useState(false);
  const { initial = '' } = question;
  const [{ line, typed, chosen }, setText] = useState({ line: initial, typed: initial, chosen: none });
  const [suggestions, setSuggestions] = useState<Suggestions>({ list: [] });
  const [news, setNews] = useState('');
  const memory = useRef({ wasRefused: false, willFollow: false });
  const [complaint, setComplaint] = useComplaint(question, line, memory.current);
  const prefix = usePrefix({ status: isDone ? 'done' : 'idle', theme });
  const matches = matching(suggestions.list, typed);
  const first = line === '' && question.takesFirst === true ? matches[0] : undefined;

  useEffect((readline) => {
    if (initial !== '') readline.write(initial);
    void question.suggestions?.()?.then(setSuggestions, () => undefined);
    void question.news?.then(setNews, () => undefined);
  }, []);

  useKeypress(async (key, readline) => {
    if (isDone) return;
    if (isEnterKey(key)) {
      const answer = line === '' ? (question.default ?? first?.value ?? '') : line;
      const problem = await question.check(answer);
      if (problem !== undefined) {
        memory.current.wasRefused = true;
        readline.write(line);
        return setComplaint(problem);
      }
      setText({ line: answer, typed, chosen });
      setDone(true);
      return done(answer);
    }
    const moved = withKey(key, { line, typed, chosen }, matches, question.default);
    if (moved !== undefined) {
      readline.clearLine(0);
      readline.write(moved.line);
      setText(moved);
    } else if (!memory.current.willFollow) {
      // Pasted text comes key by key: it is drawn once it is complete.
      memory.current.willFollow = true;
      setImmediate(() => {
        memory.current.willFollow = false;
        setText({ line: readline.line, typed: readline.line, chosen: none });
      });
    }
  });

  const message = theme.style.message(question.message, isDone ? 'done' : 'idle');
  if (isDone) return `${prefix} ${message} ${theme.style.answer(line)}`;
  const { error, highlight, help, defaultAnswer } = theme.style;
  const page = pageOf(matches, first === undefined ? chosen : 0, question.room());
  const below = [
    ...[complaint, news].filter((text) => text !== '').map((text) => error(text)),
    ...page.map(({ text, isChosen }) => (isChosen ? highlight(text) : text)),
    ...[suggestions.remark, question.remark].filter((text) => text !== undefined).map((text) => help(text)),
  ];
  const fallback = question.default === undefined || line !== '' ? '' : ` ${defaultAnswer(question.default)}`;
  return [`${prefix} ${message}${fallback} ${line}`, below.join('\n')];
});

/** Shows what is wrong with the line, while it is typed if wanted, or after one was refused. */
function useComplaint(
  question: LineQuestion,
  line: string,
  memory: { readonly wasRefused: boolean },
): [string, (complaint: string) => void] {
  const [complaint, setComplaint] = useState('');
  useEffect(() => {
    let isOld = false;
    const isChecked = line !== '' && (memory.wasRefused || question.isCheckedTyping(line));
    if (isChecked) void question.check(line).then((problem) => (isOld ? undefined : setComplaint(problem ?? '')));
    else if (line !== '') setComplaint('');
    return () => {
      isOld = true;
    };
  }, [line]);
  return [complaint, setComplaint];
}

/** The line, the typed part of it, and the number of the chosen suggestion. */
interface Text {
  readonly line: string;
  readonly typed: string;
  readonly chosen: number;
}

/** The text after an arrow key or Tab; undefined for other keys. */
function withKey(
  key: KeypressEvent,
  { line, typed, chosen }: Text,
  matches: readonly Suggestion[],
  fallback: string | undefined,
): Text | undefined {
  if ((isDownKey(key) || isUpKey(key)) && matches.length > 0) {
    const next = isDownKey(key) ? Math.min(chosen + 1, matches.length - 1) : Math.max(chosen - 1, none);
    return { line: matches[next]?.value ?? typed, typed, chosen: next };
  }
  if (!isTabKey(key)) return undefined;
  const text = matches[Math.max(chosen, 0)]?.value ?? (line === '' ? fallback : undefined) ?? line;
  return { line: text, typed: text, chosen: none };
}
