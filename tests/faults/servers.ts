import { freePort } from '../e2e/server.ts'
import { FaultServer } from './server.ts'

/** One server at a time, and a new one after so many worlds: whoever moves the clock wakes every hub there is. */
const WORLDS_EACH = 40

export class Servers {
  #server: FaultServer | null = null
  #worlds = 0
  #kills = 0

  /** One with room for so many more worlds. */
  async next(worlds: number): Promise<FaultServer> {
    if (this.#worlds + worlds > WORLDS_EACH) await this.stop()
    this.#worlds += worlds
    this.#server ??= await FaultServer.start(await freePort())
    return this.#server
  }

  get kills(): number {
    return this.#kills + (this.#server?.kills ?? 0)
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    this.#worlds = 0
    this.#kills += server?.kills ?? 0
    await server?.stop()
  }
}
