// A bare `ws` server that says yes to everything, and counts the notifications. What it answers in one turn leaves in one write, as DeviceHive's does.
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 4096 });
let notifications = 0;
let subscriptions = 0;
const answers = {
  'server/info': () => ({ info: { serverTimestamp: new Date().toISOString().replace('Z', '') } }),
  'command/subscribe': () => ({ subscriptionId: ++subscriptions }),
  'notification/insert': () => ({ notification: { id: ++notifications, timestamp: '2026-01-01T00:00:00.000' } }),
};
server.on('connection', (socket, { socket: net }) => {
  const uncork = () => net.uncork();
  socket.on('message', (data) => {
    const { action, requestId } = JSON.parse(data.toString());
    if (net.writableCorked === 0) {
      net.cork();
      process.nextTick(uncork);
    }
    socket.send(JSON.stringify({ action, requestId, status: 'success', ...answers[action]?.() }));
  });
});
server.on('listening', () => process.send({ url: `ws://127.0.0.1:${server.address().port}/` }));
process.on('message', () => process.send({ notifications }));
process.on('disconnect', () => process.exit(0));
