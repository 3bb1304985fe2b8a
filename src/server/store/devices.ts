import type { JsonText } from '../reading/jsonValues.ts';
import { EntityStore } from './entities.ts';

/** A device (PROTOCOL.md 6.4). */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly data: JsonText | null;
  readonly networkId: number;
  readonly deviceTypeId: number;
  readonly isBlocked: boolean;
}

/** All devices, by id. */
export class DeviceStore extends EntityStore<Device> {}
