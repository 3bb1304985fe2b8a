import { BlockList, isIP } from 'node:net';

/**
 * Returns whether NO_PROXY names a host, as curl reads it: entries between commas or blanks, each a name with all of
 * its subdomains, an address, a network such as `10.0.0.0/8`, or `*`; a port behind it limits the entry to that port.
 */
export function isExempt(noProxy: string, { hostname, port }: { readonly hostname: string; readonly port: string }) {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const { place, onlyPort } = partsOf(entry.toLowerCase());
      if (onlyPort !== undefined && onlyPort !== port) return false;
      return place === '*' || (isIP(host) === 0 ? isBelow(host, place) : isWithin(host, place));
    });
}

/** The text before a port, and the port; the colons of an address without brackets begin none. */
function partsOf(entry: string): { readonly place: string; readonly onlyPort: string | undefined } {
  const [, place = entry, onlyPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  return { place: place.replace(/^\[(.*)\]/, '$1'), onlyPort };
}

function isBelow(host: string, place: string): boolean {
  const name = place.replace(/^\*?\.|\.$/g, '');
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

function isWithin(address: string, place: string): boolean {
  const [network = '', bits] = place.split('/');
  const version = isIP(network);
  if (version === 0) return false;
  const longest = version === 4 ? 32 : 128;
  const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (length > longest) return false;
  const list = new BlockList();
  list.addSubnet(network, length, version === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
