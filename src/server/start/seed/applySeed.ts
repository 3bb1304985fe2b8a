import type { DocumentProblem } from '../../../protocol/notation/documentText.ts';
import { documentProblems } from '../../../protocol/validate.ts';
import type { Hive } from '../../hive.ts';
import { SeedFailure, SeedProblems, type Seed } from './problems.ts';
import { addConfiguration, addDevices, addGroups, addUsers } from './entities.ts';
import { addCommands, addNotifications } from './messages.ts';

/**
 * Adds to a hive what a seed names. In a fresh one the seed wins over what is there, such as the password of dhadmin;
 * in one that was kept in a file, what is there stays as it is, and only what is missing is added. Commands and
 * notifications, which are not kept, are added each time. Throws an invalid Failure that tells all problems at once,
 * each with its path; the hive is of no use then.
 */
export function applySeed(hive: Hive, seed: Seed, isFresh: boolean): void {
  refuse(documentProblems('seed', seed));
  const problems = new SeedProblems();
  const soil = { hive, isFresh, problems };
  addGroups(soil, 'networks', seed.networks ?? []);
  addGroups(soil, 'deviceTypes', seed.deviceTypes ?? []);
  addDevices(soil, seed.devices ?? []);
  addUsers(soil, seed.users ?? []);
  addConfiguration(soil, seed.configuration ?? {});
  addCommands(soil, seed.commands ?? []);
  addNotifications(soil, seed.notifications ?? []);
  refuse(problems.all);
}

function refuse(problems: readonly DocumentProblem[]): void {
  if (problems.length > 0) throw new SeedFailure(problems);
}
