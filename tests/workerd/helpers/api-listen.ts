// An example of docs/API.md; a test compares the two and runs this.
export function listen(token: string, onFrame: (frame: { type: string }) => void): WebSocket {
  const url = 'ws://localhost:8787/api/v1/ws?device=phone-1'
  const socket = new WebSocket(url, ['shopbell.v1', `bearer.${token}`])
  socket.addEventListener('message', ({ data }) => {
    if (data === 'pong') return
    const said = JSON.parse(String(data)) as { type: string } | { type: string }[]
    for (const frame of [said].flat()) onFrame(frame)
  })
  const heartbeat = setInterval(() => socket.send('ping'), 30_000)
  socket.addEventListener('close', () => clearInterval(heartbeat))
  return socket
}
