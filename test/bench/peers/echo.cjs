// A bare `ws` server: it parses what it gets and sends it back; a message with `fan` goes to all others, encoded once.
const { writeFileSync } = require('fs');
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const text = data.toString();
    const { fan } = JSON.parse(text);
    if (fan === true) for (const other of server.clients) if (other !== socket) other.send(text);
    socket.send(text);
  });
});
server.on('listening', () => {
  const url = `ws://127.0.0.1:${server.address().port}/`;
  writeFileSync(process.argv[2], JSON.stringify({ url, accessToken: '', pid: process.pid }));
});
process.on('SIGTERM', () => process.exit(0));
