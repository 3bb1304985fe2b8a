import type { Body } from './bodies.ts';

/** The fields of a network or device type (PROTOCOL.md 4.28, 4.29). */
export const groupFields = { name: 'text', description: 'text' } as const;

/** The body for a user (PROTOCOL.md 4.34, 4.35). */
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

/** The body for a device (PROTOCOL.md 4.24). */
export const deviceBody: Body = {
  into: 'device',
  fields: { name: 'text', data: 'json', networkId: 'long', deviceTypeId: 'long', isBlocked: 'boolean' },
};

/** The body for a new command (PROTOCOL.md 4.11). */
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

/** The body for a command's status and result (PROTOCOL.md 4.12). */
export const outcomeBody: Body = { into: 'command', fields: { status: 'text', result: 'json' } };

/** The body for a notification (PROTOCOL.md 4.17). */
export const notificationBody: Body = {
  into: 'notification',
  fields: { notification: 'text', timestamp: 'timestamp', parameters: 'json' },
};

/** The body for a new token: its user and its rights (PROTOCOL.md 4.6). */
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
