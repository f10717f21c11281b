// [AU8] Sessions that have ended, as a hub knows them: it refuses their tokens without asking anybody, also when D1 is away.
// A row is kept for one token's life.
import type { EndedSession } from '../../db/revocations.ts'
import { parseStream } from '../../protocol/ids.ts'
import { now } from '../clock.ts'
import type { Sql } from '../store/sql.ts'
import type { Sockets } from './sockets.ts'

export interface SignOutDeps {
  sql: Sql
  sockets: Pick<Sockets, 'open' | 'bye'>
  /** The short list of D1. */
  read(): Promise<EndedSession[]>
  stream(): string
}

export class SignOuts {
  #deps: SignOutDeps
  #ended: Map<string, number>

  constructor(deps: SignOutDeps) {
    this.#deps = deps
    const { sql } = deps
    sql.run(
      'CREATE TABLE IF NOT EXISTS sign_outs(sid TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID',
    )
    const rows = sql.all<{ sid: string; until: number }>('SELECT sid, until FROM sign_outs')
    this.#ended = new Map(rows.map(({ sid, until }) => [sid, until]))
  }

  has(sid: string | undefined): boolean {
    return sid !== undefined && this.#ended.has(sid)
  }

  /** Before a hub reads its copy of the directory: who signed out is shown the door. */
  async before<Copy>(readCopy: () => Promise<Copy>): Promise<Copy> {
    const ended = await this.#deps.read()
    this.#replace(ended.filter((one) => this.#concerns(one)))
    for (const conn of this.#deps.sockets.open()) {
      if (this.has(conn.about.sid)) this.#deps.sockets.bye(conn, 4501)
    }
    return readCopy()
  }

  /** A location cannot tell who may come: admins do without being members. The list is short. */
  #concerns({ user_id }: EndedSession): boolean {
    const { kind, id } = parseStream(this.#deps.stream())
    return kind === 'location' || id === user_id
  }

  #replace(ended: readonly EndedSession[]): void {
    const { sql } = this.#deps
    const at = now()
    for (const [sid, until] of this.#ended) {
      if (until > at) continue
      this.#ended.delete(sid)
      sql.run('DELETE FROM sign_outs WHERE sid = ?', sid)
    }
    for (const { id, until } of ended) {
      if (this.#ended.has(id)) continue
      this.#ended.set(id, until)
      sql.run('INSERT OR REPLACE INTO sign_outs VALUES(?, ?)', id, until)
    }
  }
}
