import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalHint } from '../../../src/client/calls/refusalHints.ts';
import type { Frame } from '../../../src/protocol/frames.ts';

const cases: readonly (readonly [string, Frame, number, string | undefined, RegExp])[] = [
  ['device/list', {}, 403, 'Access is denied', /needs the permission GetDevice,/],
  ['command/update', {}, 403, undefined, /needs the permission UpdateDeviceCommand,/],
  ['device/get', {}, 403, 'Access is denied', /after an assignment DeviceHive may show it only after seconds/],
  ['device/save', {}, 403, 'No access to network!', /after an assignment DeviceHive may show it only after seconds/],
  ['configuration/get', {}, 403, 'Access is denied', /is forbidden too\.$/],
  ['no/such', {}, 403, undefined, /needs the permission for this action,/],
  ['network/insert', {}, 403, 'Network cannot be created. Network with such name already exists', /Choose another/],
  ['device/save', {}, 403, 'No access to network!', /may see/],
  ['notification/insert', {}, 403, 'Device with deviceId = d is not connected to any network', /assign/],
  ['user/update', {}, 403, 'Admin permissions required for this action', /Only an administrator/],
  ['token/create', {}, 403, 'User is locked or disabled', /unlock/],
  ['device/save', { device: { networkId: 7 } }, 400, 'Invalid request parameters', /network or device type does not/],
  ['device/save', {}, 400, 'Invalid request parameters', /values/],
  ['user/list', { sortField: 'Login' }, 400, 'Invalid request parameters', /cannot sort/],
  ['network/delete', {}, 400, 'There are the following devices within this network: d1. …', /force/],
  ['no/such', {}, 400, 'Illegal argument', /letter case/],
  ['command/insert', {}, 400, undefined, /Check the fields/],
  ['device/list', {}, 503, undefined, /A service behind/],
  [
    'device/list',
    {},
    503,
    'a real DeviceHive would have stopped here: …; ask for fewer',
    /strict: do what its text says/,
  ],
];

describe('the hint of a refusal', () => {
  for (const [action, payload, code, text, hint] of cases) {
    it(`fits ${action}, ${code} ${text ?? 'without a reason'}, ${JSON.stringify(payload)}`, () => {
      assert.match(refusalHint(action, payload, code, text), hint);
    });
  }
});
