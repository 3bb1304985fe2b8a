import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listing } from '../../../src/cli/printing/listing.ts';

const rows = [
  ['user/list', 'List users', 'ManageUser'],
  ['plan', 'A plan of simulated devices', ''],
];

describe('a listing', () => {
  it('is aligned where it fits', () => {
    const aligned = 'user/list  List users                   ManageUser\nplan       A plan of simulated devices\n';
    assert.equal(listing(rows), aligned);
    assert.equal(listing(rows, 50), aligned);
  });

  it('goes on under its texts where it does not fit', () => {
    assert.equal(listing(rows, 49), 'user/list  List users (ManageUser)\nplan       A plan of simulated devices\n');
    assert.equal(
      listing(rows, 30),
      'user/list  List users\n           (ManageUser)\nplan       A plan of simulated\n           devices\n',
    );
  });
});
