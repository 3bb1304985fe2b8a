/** What may come of a flag that allows harm, as `Io.danger` says it. */
export const dangers = {
  large: 'payloads over 900 KiB are sent: they can make a default DeviceHive stop answering everyone',
  admin: 'users and configuration are changed as the recording did',
  outside: 'a plan that others may have written uses files outside its folder',
  exposed: 'whoever reaches this address may use the server with the password that everybody knows',
  anyOrigin: 'pages of any origin may use the server',
} as const;
