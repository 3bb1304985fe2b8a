import ts from 'typescript';
import { hasModifier, importedFiles, type Source } from './sources.ts';

/** The floors of rooms, lowest first; each entry is the files or folders (`name/`) of one floor. */
export const floors: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'src/cli': [
    ['terminal/'],
    ['flags/'],
    ['printing/'],
    ['target/'],
    ['request/'],
    ['commands/'],
    ['program/'],
    ['main.ts'],
  ],
  'src/server': [
    ['outcome.ts', 'clock.ts', 'manualClock.ts', 'harm/harm.ts'],
    ['reading/'],
    ['bus.ts', 'intake.ts', 'limits.ts', 'log.ts', 'logQueue.ts', 'pageGuard.ts'],
    ['store/', 'rights/', 'hive.ts', 'subscriptions.ts', 'harm/'],
    ['views.ts', 'session.ts', 'failureReply.ts', 'pushText.ts'],
    ['handlers/'],
    ['actions.ts', 'execution.ts', 'dispatch.ts'],
    ['rest/', 'wire/'],
    ['start/'],
    ['index.ts'],
  ],
  'src/client': [
    ['contract.ts', 'linkContract.ts', 'clock.ts', 'deadlines.ts', 'serverPlace.ts', 'settings.ts'],
    ['wire/'],
    ['lists/'],
    ['pushQueue.ts', 'calls/'],
    ['fleetCommon.ts', 'session.ts'],
    [
      'authentication.ts',
      'subscription.ts',
      'bothLists.ts',
      'wideSubscription.ts',
      'renewal.ts',
      'channel.ts',
      'health.ts',
    ],
    ['connection.ts', 'links.ts'],
    ['index.ts'],
  ],
  'src/simulate/plan': [
    ['load.ts', 'model.ts', 'random.ts', 'problems.ts', 'shard.ts'],
    ['device.ts', 'pauses.ts', 'answer.ts', 'generators/'],
    ['behaviour/'],
    ['document/', 'playing/'],
    ['check/'],
    ['index.ts'],
  ],
};

/** Returns the number of the floor that a file of this folder is on; -1 where it is on none. */
export function floorOf(folder: string, order: readonly (readonly string[])[], path: string): number {
  if (!path.startsWith(`${folder}/`)) return -1;
  const rest = path.slice(folder.length + 1);
  return order.findIndex((entries) =>
    entries.some((entry) => rest === entry || (entry.endsWith('/') && rest.startsWith(entry))),
  );
}

/** Returns the import circles among the files, each as sorted paths, those of `import()` included. */
export function circles(sources: readonly Source[]): string[][] {
  const edges = new Map(sources.map((source) => [source.path, importedFiles(source, { dynamic: true })]));
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string): number => {
    const number = order.size;
    order.set(path, number);
    low.set(path, number);
    stack.push(path);
    for (const target of edges.get(path) ?? []) {
      if (!edges.has(target)) continue;
      if (!order.has(target)) low.set(path, Math.min(low.get(path) ?? 0, visit(target)));
      else if (stack.includes(target)) low.set(path, Math.min(low.get(path) ?? 0, order.get(target) ?? 0));
    }
    const lowest = low.get(path) ?? 0;
    if (lowest === number) {
      const members = stack.splice(stack.indexOf(path));
      if (members.length > 1) found.push(members.sort());
    }
    return lowest;
  };
  for (const path of edges.keys()) if (!order.has(path)) visit(path);
  return found;
}

/** Handlers are named after their verbs, one set for each noun: `update` is the one of its file's noun. */
const handlers = /^src\/server\/handlers\//;

/** Returns names that several files declare and export, or that one declares as a type and another exports. */
export function doubledNames(sources: readonly Source[]): string[] {
  const homes = new Map<string, Set<string>>();
  const add = (name: string, path: string) => homes.set(name, (homes.get(name) ?? new Set()).add(path));
  const exported = new Set<string>();
  for (const { path, tree } of sources) {
    for (const statement of tree.statements) {
      const isExported = hasModifier(statement, ts.SyntaxKind.ExportKeyword);
      const isType =
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isClassDeclaration(statement);
      if (!isExported && !isType) continue;
      if (handlers.test(path) && !isType) continue;
      for (const name of declaredNames(statement)) {
        add(name, path);
        if (isExported) exported.add(name);
      }
    }
  }
  return [...homes]
    .filter(([name, paths]) => paths.size > 1 && exported.has(name))
    .map(([name]) => name)
    .sort();
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const named = statement as ts.Statement & { readonly name?: ts.Identifier };
  return named.name === undefined ? [] : [named.name.text];
}
