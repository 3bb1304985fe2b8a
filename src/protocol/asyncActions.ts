/**
 * Actions whose reply comes from the backend, over the message bus (PROTOCOL.md 1.4); `user/getDeviceTypes`, which only
 * sometimes does, is not among them.
 */
const asyncActions: ReadonlySet<string> = new Set([
  ...['command/insert', 'command/update', 'command/list', 'command/subscribe', 'command/unsubscribe'],
  ...['notification/insert', 'notification/get', 'notification/list'],
  ...['notification/subscribe', 'notification/unsubscribe'],
  ...['device/list', 'device/count', 'network/list', 'network/count'],
  ...['devicetype/list', 'devicetype/count', 'user/list', 'user/count'],
]);

/**
 * True if a success reply to this action proves that the backend answers; refusals may come from the frontend alone.
 */
export function isAsync(action: string): boolean {
  return asyncActions.has(action);
}
