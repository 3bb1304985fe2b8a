/** An environment variable that is read. */
export interface Variable {
  readonly name: string;
  readonly meaning: string;
  /** Its value is a secret, and never shown. */
  readonly secret?: true;
}

/** All environment variables that are read. */
export const variables: readonly Variable[] = [
  { name: 'DEVICEHIVE_URL', meaning: 'server' },
  { name: 'DEVICEHIVE_CONTEXT', meaning: 'server, by the name of a context' },
  {
    name: 'DEVICEHIVE_TOKEN',
    meaning:
      'access token; as all secrets of the environment, it goes only to the server that a flag or the environment names',
    secret: true,
  },
  {
    name: 'DEVICEHIVE_TOKEN_FILE',
    meaning: 'file with the access token, or with JSON as server start writes it',
  },
  { name: 'DEVICEHIVE_REFRESH_TOKEN', meaning: 'refresh token', secret: true },
  { name: 'DEVICEHIVE_LOGIN', meaning: 'login, to log in without a prompt' },
  { name: 'DEVICEHIVE_PASSWORD_FILE', meaning: 'file with the password of that login' },
  { name: 'DEVICEHIVE_TIMEOUT', meaning: 'default of --timeout' },
  { name: 'DEVICEHIVE_OUTPUT', meaning: 'default of --output' },
  { name: 'DEVICEHIVE_NO_INPUT', meaning: 'never ask for missing values' },
  { name: 'DEVICEHIVE_ENV_FILE', meaning: 'file with variables, as --env-file names one' },
  { name: 'DEVICEHIVE_CONFIG_DIR', meaning: 'folder of contexts and logins' },
  { name: 'CI', meaning: 'never ask for missing values' },
  { name: 'NO_COLOR', meaning: 'no colours' },
  { name: 'FORCE_COLOR', meaning: 'colours even without a terminal' },
  { name: 'HTTPS_PROXY', meaning: 'proxy for wss' },
  { name: 'HTTP_PROXY', meaning: 'proxy for ws' },
  { name: 'ALL_PROXY', meaning: 'proxy where neither of those names one' },
  {
    name: 'NO_PROXY',
    meaning: 'hosts that no proxy is for, as curl reads it; none ever is for localhost and 127.0.0.1',
  },
  { name: 'NODE_EXTRA_CA_CERTS', meaning: 'file with more certificate authorities for wss' },
  { name: 'XDG_CONFIG_HOME', meaning: 'folder in which devicehive/ holds contexts and logins' },
  { name: 'XDG_CACHE_HOME', meaning: 'folder in which devicehive/ holds compiled code' },
  { name: 'XDG_RUNTIME_DIR', meaning: 'folder in which devicehive/ tells of running servers' },
];
