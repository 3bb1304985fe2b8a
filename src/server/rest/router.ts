import { refuse } from '../outcome.ts';
import type { RestRoute } from './route.ts';

/** A path that exists: its routes by method, and the segments that stand for the names in braces. */
export interface FoundPath {
  readonly path: string;
  readonly routes: ReadonlyMap<string, RestRoute>;
  readonly values: Readonly<Record<string, string>>;
}

/** A node of the tree of path segments. */
interface Junction {
  readonly literal: Map<string, Junction>;
  any: Junction | undefined;
  readonly routes: Map<string, RestRoute>;
}

/**
 * Finds routes by path. Literal segments take precedence over names in braces; a trailing slash is ignored (PROTOCOL.md
 * 10).
 */
export class Router {
  readonly #root = junction();

  constructor(routes: readonly RestRoute[]) {
    for (const route of routes) {
      let at = this.#root;
      for (const segment of segmentsOf(route.path)) {
        if (segment.startsWith('{')) at = at.any ??= junction();
        else at = existing(at.literal, segment);
      }
      at.routes.set(route.method, route);
    }
  }

  /**
   * Returns the path with decoded segments, or undefined where it does not exist. Throws a Refusal 400 where a segment
   * cannot be decoded.
   */
  find(path: string): FoundPath | undefined {
    const segments = segmentsOf(path.endsWith('/') ? path.slice(0, -1) : path);
    const routes = follow(this.#root, segments, 0);
    const [route] = routes?.values() ?? [];
    if (routes === undefined || route === undefined) return undefined;
    const names = segmentsOf(route.path);
    const pairs = names.map((name, index) => [name, segments[index] ?? ''] as const);
    const values = pairs
      .filter(([name]) => name.startsWith('{'))
      .map(([name, segment]) => [name.slice(1, -1), decoded(segment)] as const);
    return { path: route.path, routes, values: Object.fromEntries(values) };
  }
}

function follow(at: Junction, segments: readonly string[], index: number): Map<string, RestRoute> | undefined {
  const segment = segments[index];
  if (segment === undefined) return at.routes.size > 0 ? at.routes : undefined;
  const next = at.literal.get(segment);
  return (next && follow(next, segments, index + 1)) ?? (at.any && follow(at.any, segments, index + 1));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuse(400, 'HTTP 400 Bad Request');
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function junction(): Junction {
  return { literal: new Map(), any: undefined, routes: new Map() };
}

function existing(junctions: Map<string, Junction>, segment: string): Junction {
  let found = junctions.get(segment);
  if (found === undefined) junctions.set(segment, (found = junction()));
  return found;
}
