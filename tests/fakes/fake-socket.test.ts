import { expect, test } from 'vitest'
import { createFakeSockets } from './fake-socket.ts'

function opened() {
  const server = createFakeSockets()
  const socket = new server.WebSocket('ws://bell.test/api/v1/ws?device=d', ['shopbell.v1'])
  const heard: string[] = []
  socket.addEventListener('open', () => heard.push('open'))
  socket.addEventListener('message', ({ data }) => heard.push(String(data)))
  socket.addEventListener('close', ({ code }) => heard.push(`close ${code}`))
  return { server, socket, heard }
}

test('a socket opens, hears texts and ends', () => {
  const { server, socket, heard } = opened()
  socket.accept()
  socket.text('hello')
  socket.drop(4001)
  socket.text('too late')
  expect(heard).toEqual(['open', 'hello', 'close 4001'])
  expect(server.log).toEqual(['opening', 'open', 'closed 4001'])
})

test('several frames travel in one text', () => {
  const { socket, heard } = opened()
  socket.accept()
  socket.say({ type: 'ok', re: '1' }, { type: 'ok', re: '2' })
  expect(heard[1]).toBe('[{"type":"ok","re":"1"},{"type":"ok","re":"2"}]')
})

test('a ping is answered unless the link is dead', async () => {
  const { socket, heard } = opened()
  socket.accept()
  socket.send('ping')
  await Promise.resolve()
  socket.answersPings = false
  socket.send('ping')
  await Promise.resolve()
  expect(heard).toEqual(['open', 'pong'])
  expect(socket.pings).toBe(2)
})

test('sending before the socket is open throws, after its end it is lost, as in a browser', () => {
  const { socket } = opened()
  expect(() => socket.send('x')).toThrow('InvalidStateError')
  socket.accept()
  socket.drop()
  socket.send('x')
  expect(socket.sent).toEqual([])
})

test('the close event of a socket that the client closes comes later', async () => {
  const { server, socket, heard } = opened()
  socket.accept()
  socket.close(1000)
  expect(heard).toEqual(['open'])
  await Promise.resolve()
  expect(heard).toEqual(['open', 'close 1000'])
  expect(server.alive).toEqual([])
})

test('a test that looks for a socket which was never opened fails', () => {
  expect(() => createFakeSockets().last).toThrow('no socket was opened')
})
