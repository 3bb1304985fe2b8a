import { messageOf } from '../../errors.ts';
import { own } from '../../protocol/own.ts';
import { excerpt } from './noise.ts';

/** The end of a sentence about what went wrong, and advice. */
export type Explanation = readonly [what: string, hint: string];

/** Returns what is known of a failure of TLS; undefined for other failures. */
export function tlsExplanation(error: Error, code: string): Explanation | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return otherHost(error);
  const known = own(explanations, code);
  if (known !== undefined) return known;
  const text = messageOf(error);
  const alert = alertOf(`${code} ${text}`);
  if (alert !== undefined) return alert;
  if (/wrong version number|packet length too long/i.test(text)) return noTls;
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
  return isTls ? [`TLS failed: ${excerpt(text)}`, 'Check that the port speaks TLS.'] : undefined;
}

const noTls: Explanation = ['it does not speak TLS', 'Try ws:// in place of wss://, or another port.'];

const giveCertificate = 'Give one: --cert FILE and --key FILE, or the options cert and key of the library.';

const wantsCertificate: Explanation = [
  'it refused the TLS handshake, as servers do that want a client certificate',
  giveCertificate,
];

const refusedCertificate: Explanation = [
  'it refuses the client certificate',
  'Give one that its authority has signed and that has not expired: --cert FILE and --key FILE.',
];

const giveAuthority =
  'If you trust it, give the certificate of its authority, PEM: --ca FILE, the option ca of the library, or NODE_EXTRA_CA_CERTS.';

const unknownAuthority: Explanation = [
  'its TLS certificate comes from an authority that is not known here',
  giveAuthority,
];

const explanations: Readonly<Record<string, Explanation>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its TLS certificate is self-signed', giveAuthority],
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: [
    'its TLS certificate has expired',
    'Renew the certificate of the server, and check the clock here.',
  ],
  CERT_NOT_YET_VALID: ['its TLS certificate is not valid yet', 'Check the clocks here and there.'],
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
};

/** Explains the alert of a server (RFC 8446 6.2); Node gives its name in the code or in the text. */
function alertOf(text: string): Explanation | undefined {
  const alert = /alert[ _]([a-z_ ]+)/i.exec(text)?.[1]?.toLowerCase().replaceAll('_', ' ') ?? '';
  if (alert.startsWith('certificate required')) return ['it wants a client certificate', giveCertificate];
  if (alert.startsWith('handshake failure')) return wantsCertificate;
  return /^(unknown ca|(bad|unsupported) certificate|certificate (expired|revoked|unknown))/.test(alert)
    ? refusedCertificate
    : undefined;
}

const maxNames = 5;

/** Node passes the certificate with the error; it lists its names as `DNS:localhost, IP Address:127.0.0.1`. */
function otherHost(error: Error): Explanation {
  const { cert } = error as Error & { readonly cert?: { subjectaltname?: string; subject?: { CN?: unknown } } };
  const listed = (cert?.subjectaltname ?? '').split(', ').filter((entry) => /^(DNS|IP Address):/.test(entry));
  const names = listed.map((entry) => excerpt(entry.replace(/^[^:]*:/, '')));
  if (names.length === 0 && typeof cert?.subject?.CN === 'string') names.push(excerpt(cert.subject.CN));
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  const whose = names.length === 0 ? '' : `, only for ${names.slice(0, maxNames).join(', ')}${more}`;
  return [
    `its TLS certificate is not for this host${whose}`,
    'Use a name that the certificate has, or renew it with this one.',
  ];
}
