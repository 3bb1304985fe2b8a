import { loadTestsBeside } from '../helpers/room.ts';

await loadTestsBeside(import.meta.url);
