// What a person writes by hand with `ws` alone: devices on so many sockets that each send a notification every so many ms, from one timer; says when all are up, and goes on.
const { renameSync, writeFileSync } = require('node:fs');
const WebSocket = require('ws');
const [url, readyFile, devices, sockets, everyMs] = process.argv
  .slice(2)
  .map((word, at) => (at < 2 ? word : Number(word)));
const open = [];
const values = new Float64Array(devices).fill(22);
let up = 0;
let accepted = 0;
for (let lane = 0; lane < Math.min(sockets, 200); lane++) connect();

function connect() {
  const index = open.length;
  if (index >= sockets) return;
  const socket = new WebSocket(url, { perMessageDeflate: false });
  open.push(socket);
  socket.net = undefined;
  socket.requestId = 0;
  socket.on('upgrade', (response) => (socket.net = response.socket));
  socket.on('open', () => {
    say(socket, { action: 'authenticate', token: 'any' });
    for (let device = index; device < devices; device += sockets) {
      const deviceId = `bare-${device}`;
      say(socket, { action: 'device/save', deviceId, device: { name: deviceId } });
      say(socket, { action: 'command/subscribe', deviceId });
    }
  });
  socket.on('message', (data) => {
    const { action, status } = JSON.parse(data.toString());
    if (status !== 'success') throw new Error(data.toString());
    if (action === 'notification/insert') accepted++;
    if (action !== 'command/subscribe') return;
    if (++up === devices) begin();
    connect();
  });
}

function say(socket, request) {
  socket.send(JSON.stringify({ ...request, requestId: ++socket.requestId }));
}

/** All devices have the same period, so they come round in the same order for ever. */
function begin() {
  writeFileSync(`${readyFile}.draft`, JSON.stringify({ pid: process.pid }));
  renameSync(`${readyFile}.draft`, readyFile);
  const startMs = performance.now();
  const perMs = devices / everyMs;
  let sent = 0;
  const corked = new Set();
  setInterval(() => {
    const due = Math.floor((performance.now() - startMs) * perMs);
    for (; sent < due; sent++) {
      const device = sent % devices;
      const socket = open[device % sockets];
      if (sockets < devices && !corked.has(socket)) {
        socket.net.cork();
        corked.add(socket);
      }
      const value = Math.min(26, Math.max(18, values[device] + (Math.random() - 0.5) * 0.6));
      values[device] = value;
      const notification = { notification: 'temperature', parameters: { value } };
      say(socket, { action: 'notification/insert', deviceId: `bare-${device}`, notification });
    }
    for (const socket of corked) socket.net.uncork();
    corked.clear();
  }, 1);
}
