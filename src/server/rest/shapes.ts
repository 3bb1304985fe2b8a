import type { Body } from './bodies.ts';

/** A network or a device type (PROTOCOL.md 4.28, 4.29). */
export const groupFields = { name: 'text', description: 'text' } as const;

/** A user (PROTOCOL.md 4.34, 4.35). */
export const userBody: Body = {
  into: 'user',
  fields: {
    login: 'text',
    password: 'text',
    role: 'integer',
    status: 'integer',
    data: 'json',
    introReviewed: 'boolean',
    allDeviceTypesAvailable: 'boolean',
  },
};

/** A device (PROTOCOL.md 4.24). */
export const deviceBody: Body = {
  into: 'device',
  fields: { name: 'text', data: 'json', networkId: 'long', deviceTypeId: 'long', isBlocked: 'boolean' },
};

/** A new command (PROTOCOL.md 4.11). */
export const commandBody: Body = {
  into: 'command',
  fields: {
    command: 'text',
    timestamp: 'timestamp',
    parameters: 'json',
    lifetime: 'integer',
    status: 'text',
    result: 'json',
  },
};

/** What became of a command (PROTOCOL.md 4.12). */
export const outcomeBody: Body = { into: 'command', fields: { status: 'text', result: 'json' } };

/** A notification (PROTOCOL.md 4.17). */
export const notificationBody: Body = {
  into: 'notification',
  fields: { notification: 'text', timestamp: 'timestamp', parameters: 'json' },
};

/** Whose token it is to be, and what for (PROTOCOL.md 4.6). */
export const rightsBody: Body = {
  into: 'payload',
  fields: {
    userId: 'exactLong',
    actions: 'list',
    networkIds: 'texts',
    deviceTypeIds: 'texts',
    expiration: 'timestamp',
    refreshExpiration: 'timestamp',
  },
};
