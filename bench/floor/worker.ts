// What our hubs are measured against: the least that a Durable Object can do for the same send, on the same runtime, with
// hibernating sockets as ours has them and the same way in: the app's files are asked first whether a path is theirs. It does what each class says and nothing else: no token is looked at, no body is
// parsed or checked, nobody has rights, a lost socket resumes nothing, nothing is sent twice only once, no frame is cut
// to size, nothing is counted, and no alarm looks after what failed.
import { DurableObject } from 'cloudflare:workers'

interface FloorEnv {
  BARE: DurableObjectNamespace<BareHub>
  ARCHIVED: DurableObjectNamespace<ArchivedHub>
  DB: D1Database
}

/** Ours are so long for the same notice: what a frame has to say is no cost of the hub that sends it. */
const FRAME_CHARS = 643

/** One insert, one loop of sends. Its frames hold what was posted and a seq, and spaces to be as long as ours. */
export class BareHub extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    createLog(ctx)
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  send(body: string): number {
    const seq = insert(this.ctx, body)
    const frame = `{"type":"notification","seq":${seq},"data":${body}}`.padEnd(FRAME_CHARS)
    for (const ws of this.ctx.getWebSockets()) ws.send(frame)
    return seq
  }
}

/** One log write and one D1 insert, which the answer waits for. It has no sockets. */
export class ArchivedHub extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env)
    createLog(ctx)
  }

  async send(stream: string, body: string): Promise<number> {
    const seq = insert(this.ctx, body)
    await this.env.DB.prepare('INSERT INTO entries(stream, seq, body) VALUES(?, ?, ?)')
      .bind(stream, seq, body)
      .run()
    return seq
  }
}

function createLog(ctx: DurableObjectState): void {
  ctx.storage.sql.exec(
    'CREATE TABLE IF NOT EXISTS log(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL)',
  )
}

function insert(ctx: DurableObjectState, body: string): number {
  const { seq } = ctx.storage.sql
    .exec<{ seq: number }>('INSERT INTO log(at, body) VALUES(?, ?) RETURNING seq', Date.now(), body)
    .one()
  return seq
}

export default {
  async fetch(request: Request, env: FloorEnv): Promise<Response> {
    const [, , kind, name = ''] = new URL(request.url).pathname.split('/')
    if (kind === 'ready') {
      await env.DB.exec('CREATE TABLE IF NOT EXISTS entries(stream TEXT, seq INTEGER, body TEXT)')
      return new Response('ready')
    }
    if (request.headers.get('Upgrade') === 'websocket')
      return env.BARE.getByName(name).fetch(request)
    const body = await request.text()
    const seq =
      kind === 'bare'
        ? await env.BARE.getByName(name).send(body)
        : await env.ARCHIVED.getByName(name).send(name, body)
    return Response.json({ seq }, { status: 201 })
  },
}
