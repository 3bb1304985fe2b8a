/** True if a host, written as in a URL or for `listen`, is this machine itself (RFC 1122 3.2.1.3, RFC 6761 6.3). */
export function isLoopback(host: string): boolean {
  return /^((.+\.)?localhost\.?|127(\.\d{1,3}){3}|\[?(::1|::ffff:(127\.|7f)[\d.a-f:]+)\]?)$/i.test(host);
}
