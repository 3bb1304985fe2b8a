import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateTopics } from './topics.ts';
import { generateRuntime, generateTypes } from './generator.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes everything under `src/protocol/generated/`, then REFERENCE.md, which needs it: `npm run generate`. */
generateTopics(root);
generateRuntime(`${root}/schemas`, `${root}/src/protocol/generated`);
await generateTypes(`${root}/schemas`, `${root}/src/protocol/generated`);
const { reference } = await import('./reference.ts');
writeFileSync(`${root}/REFERENCE.md`, await reference());
