import type { DocumentProblem } from '../../../protocol/notation/documentText.ts';
import { documentProblems } from '../../../protocol/validation.ts';
import type { Hive } from '../../hive.ts';
import { SeedFailure, SeedProblems, type Seed } from './problems.ts';
import { addConfiguration, addDevices, addGroups, addUsers } from './entities.ts';
import { addCommands, addNotifications } from './messages.ts';

/**
 * Adds a seed to a hive. In a fresh hive the seed overrides existing entities, such as the password of dhadmin; in one
 * loaded from a file it only adds missing ones. Commands and notifications are not kept in files, so they are added
 * each time. Throws an invalid SeedFailure that lists all problems with their paths; the hive is unusable then.
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
