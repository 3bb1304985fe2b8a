import { NamedStore } from './entities.ts';

/** A network or a device type (PROTOCOL.md 6.5, 6.6). */
export interface Group {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
}

/** All networks or all device types, with unique names. */
export class GroupStore extends NamedStore<Group> {
  constructor() {
    super(({ name }) => name);
  }
}
