import type { JsonFields, DeviceReport } from '../../plan/index.ts';

/** Returns the frame of a notification, without a request id, which the link adds. */
export function notificationText(deviceId: string, name: string, parameters: JsonFields | undefined): string {
  const rest = parameters === undefined ? '' : `,"parameters":${JSON.stringify(parameters)}`;
  return `{"action":"notification/insert","deviceId":${JSON.stringify(deviceId)},"notification":{"notification":${JSON.stringify(name)}${rest}}}`;
}

/** Returns the frame of a device's report on a command. */
export function updateText(deviceId: string, commandId: number, { status, result }: DeviceReport): string {
  const command = { ...(status === undefined ? {} : { status }), ...(result === undefined ? {} : { result }) };
  return `{"action":"command/update","deviceId":${JSON.stringify(deviceId)},"commandId":${commandId},"command":${JSON.stringify(command)}}`;
}

/** Returns the frame of an operator's command. */
export function insertText(deviceId: string, name: string, parameters: JsonFields | null): string {
  const rest = parameters === null ? '' : `,"parameters":${JSON.stringify(parameters)}`;
  return `{"action":"command/insert","deviceId":${JSON.stringify(deviceId)},"command":{"command":${JSON.stringify(name)}${rest}}}`;
}
