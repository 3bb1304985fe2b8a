/** Warnings about flags that allow harm, for `Io.danger`. */
export const dangers = {
  large: 'payloads over 900 KiB are sent: they can make a default DeviceHive stop answering everyone',
  admin: 'users and configuration are changed as the recording did',
  outside: 'a plan that others may have written uses files outside its folder',
  header: "a header with a secret on the command line is visible in process lists; use --header 'Name: @FILE'",
  tlsInsecure: 'the certificate of the server is not checked (--tls-insecure): anybody on the way may read and change',
  exposed: 'whoever reaches this address may use the server with the password that everybody knows',
  anyOrigin: 'pages of any origin may use the server',
} as const;
