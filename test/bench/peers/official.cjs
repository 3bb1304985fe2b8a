// What a person writes with DeviceHive's official JavaScript client to send a file of updates and tell an outcome for each line: so many at once, or all that there are.
const { readFileSync, writeSync } = require('node:fs');
const DeviceHive = require('devicehive');
const [url, accessToken, file, atOnce = Infinity] = process.argv.slice(2);
const hive = new DeviceHive({ mainServiceURL: url, accessToken, autoUpdateSession: false });
const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
const outcomes = [];
let next = 0;
async function lane() {
  while (next < lines.length) {
    const line = ++next;
    const { deviceId, commandId, command } = JSON.parse(lines[line - 1]);
    try {
      const reply = await hive.command.update(new DeviceHive.models.Command({ id: commandId, deviceId, ...command }));
      outcomes[line - 1] = `${JSON.stringify({ line, outcome: 'ok', reply })}\n`;
    } catch (error) {
      outcomes[line - 1] = `${JSON.stringify({ line, outcome: 'refused', error: String(error) })}\n`;
    }
  }
}
async function main() {
  await hive.connect();
  await Promise.all(Array.from({ length: Math.min(Number(atOnce), lines.length) }, lane));
  writeSync(1, outcomes.join(''));
}
main().then(
  () => process.exit(0),
  () => process.exit(1),
);
