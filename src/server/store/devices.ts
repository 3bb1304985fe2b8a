import type { JsonText } from '../json.ts';

/** A device (protocol.md 6.4). */
export interface Device {
  readonly id: string;
  name: string;
  data: JsonText | null;
  networkId: number;
  deviceTypeId: number;
  isBlocked: boolean;
}

/** All devices, by id. */
export class DeviceStore {
  readonly #byId = new Map<string, Device>();

  find(id: string): Device | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Device> {
    return this.#byId.values();
  }

  insert(device: Device): void {
    this.#byId.set(device.id, device);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }
}
