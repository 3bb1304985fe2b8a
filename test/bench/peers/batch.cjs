// What a person writes by hand with `ws` alone to send a file of requests: read, send everything at once (the writes of one read corked), write an outcome for each line.
const { createReadStream, writeSync } = require('node:fs');
const WebSocket = require('ws');
const [url, token, file] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
const lines = new Map();
let outcomes = '';
let count = 0;
let hasEnded = false;
socket.on('open', () => socket.send(JSON.stringify({ action: 'authenticate', requestId: 'auth', token })));
socket.on('message', (data) => {
  const reply = JSON.parse(data.toString());
  if (reply.requestId === 'auth') return send();
  const line = lines.get(reply.requestId);
  lines.delete(reply.requestId);
  outcomes += `${JSON.stringify({ line, outcome: reply.status === 'success' ? 'ok' : 'refused', reply })}\n`;
  if (outcomes.length > 65536) flush();
  finish();
});
function flush() {
  writeSync(1, outcomes);
  outcomes = '';
}
function finish() {
  if (!hasEnded || lines.size > 0) return;
  flush();
  process.exit(0);
}
function send() {
  let rest = '';
  const input = createReadStream(file, 'utf8');
  input.on('data', (chunk) => {
    const whole = (rest + chunk).split('\n');
    rest = whole.pop();
    socket._socket.cork();
    for (const text of whole) {
      const request = JSON.parse(text);
      request.requestId = ++count;
      lines.set(count, count);
      socket.send(JSON.stringify(request));
    }
    socket._socket.uncork();
  });
  input.on('end', () => {
    hasEnded = true;
    finish();
  });
}
