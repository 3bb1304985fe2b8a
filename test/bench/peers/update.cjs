// What a person writes by hand for the tool's main job, with `ws` alone: connect, authenticate, update, print the reply, exit.
const WebSocket = require('ws');
const [url, token] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('open', () => socket.send(JSON.stringify({ action: 'authenticate', requestId: 1, token })));
socket.on('message', (data) => {
  const message = JSON.parse(data.toString());
  if (message.requestId === 1) {
    socket.send(
      JSON.stringify({
        action: 'command/update',
        requestId: 2,
        deviceId: 'd1',
        commandId: 42,
        command: { status: 'done' },
      }),
    );
  } else if (message.requestId === 2) {
    console.log(data.toString());
    process.exit(message.status === 'success' ? 0 : 1);
  }
});
