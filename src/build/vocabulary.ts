/** Our own keywords in the schemas, which ajv must know to accept them. */
export const vocabulary = [
  'x-flag',
  'x-secret',
  'x-hint',
  'x-labels',
  'x-permission',
  'x-target',
  'x-async',
  'x-section',
  'x-action',
  'x-order',
  'x-internal',
];
