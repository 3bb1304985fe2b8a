// What a person writes by hand with `ws` alone: so many bare clients that authenticate and subscribe to the commands of a device each; says when they are up, and stays.
const { renameSync, writeFileSync } = require('node:fs');
const WebSocket = require('ws');
const [url, token, count, readyFile] = process.argv.slice(2);
const sockets = [];
let up = 0;
function open() {
  const index = sockets.length;
  if (index >= count) return;
  const socket = new WebSocket(url, { perMessageDeflate: false });
  sockets.push(socket);
  const deviceId = `bare-${index}`;
  const device = { name: deviceId, networkId: 1, deviceTypeId: 1 };
  socket.on('open', () => socket.send(JSON.stringify({ action: 'authenticate', requestId: 1, token })));
  socket.on('message', (data) => {
    const { requestId } = JSON.parse(data.toString());
    if (requestId === 1) socket.send(JSON.stringify({ action: 'device/save', requestId: 2, deviceId, device }));
    if (requestId === 2) socket.send(JSON.stringify({ action: 'command/subscribe', requestId: 3, deviceId }));
    if (requestId !== 3) return;
    open();
    if (++up < count) return;
    writeFileSync(`${readyFile}.draft`, JSON.stringify({ pid: process.pid }));
    renameSync(`${readyFile}.draft`, readyFile);
  });
}
for (let lane = 0; lane < 200; lane++) open();
