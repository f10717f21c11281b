// [TR6] The outbox in a browser: IndexedDB for what must outlive the page, the browser's locks so that one tab sends at
// a time, and a channel on which tabs tell each other. Loaded when a client starts; no page waits for it.
import type { OutboxNote, OutboxStore, Queued, TabLock, Wish } from './types.ts'

const DATABASE = 'shopbell'
const TABLE = 'outbox'
const BY_PERSON = 'person'

/** Every verb of this build; another one may have written what is there. */
const FIELDS: Record<Wish['verb'], string> = {
  mark: 'mark',
  unmark: 'mark',
  remove: 'id',
  read_all: 'body',
  clear: 'body',
}

const isReadable = ({ wish }: { wish?: Partial<Wish> }): boolean =>
  wish?.verb !== undefined && (FIELDS[wish.verb] ?? '') in wish

/** Rejects where the browser has no disk for us (private windows, a full disk). */
export async function diskStore(lock: TabLock): Promise<OutboxStore> {
  const disk = new Disk()
  await disk.open()
  const channels = new Map<string, BroadcastChannel>()
  const channelOf = (userId: string): BroadcastChannel => {
    const channel = channels.get(userId) ?? new BroadcastChannel(nameOf(userId))
    channels.set(userId, channel)
    return channel
  }
  return {
    isLasting: true,
    add: ({ key, userId, at, wish }) =>
      disk.write((table) => table.add({ key, userId, at, wish })).then(Number),
    first: async (userId) =>
      (
        await readable(disk, await disk.read((table) => table.index(BY_PERSON).getAll(userId, 1)))
      )[0] ?? null,
    all: async (userId) =>
      readable(disk, await disk.read((table) => table.index(BY_PERSON).getAll(userId))),
    remove: (place) => disk.write((table) => table.delete(place)).then(() => undefined),
    alone: (userId, work) => lock(nameOf(userId), work),
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target but its own origin
    tell: (userId, note) => channelOf(userId).postMessage(note),
    listen(userId, listener) {
      const channel = channelOf(userId)
      channel.addEventListener('message', ({ data }: MessageEvent<OutboxNote>) => listener(data))
      return () => {
        channel.close()
        channels.delete(userId)
      }
    },
  }
}

const nameOf = (userId: string) => `shopbell.outbox.${userId}`

/** What this build cannot read would stand in the way of everything behind it, for ever. */
async function readable(disk: Disk, rows: readonly Queued[]): Promise<Queued[]> {
  for (const row of rows) {
    if (!isReadable(row)) await disk.write((table) => table.delete(row.place ?? 0))
  }
  return rows.filter(isReadable)
}

type Ask<T> = (table: IDBObjectStore) => IDBRequest<T>

/** One table of IndexedDB with promises. Browsers let go of a connection when they like (a phone that slept, cleared data). */
class Disk {
  #database: Promise<IDBDatabase> | null = null

  open(): Promise<IDBDatabase> {
    this.#database ??= openDatabase(() => (this.#database = null))
    return this.#database
  }

  read<T>(ask: Ask<T>): Promise<T> {
    return this.#run('readonly', ask)
  }

  write<T>(ask: Ask<T>): Promise<T> {
    return this.#run('readwrite', ask)
  }

  async #run<T>(mode: IDBTransactionMode, ask: Ask<T>): Promise<T> {
    const transaction = await this.#begin(mode)
    return new Promise((resolve, reject) => {
      const request = ask(transaction.objectStore(TABLE))
      // Not before all of it is on the disk: a request that succeeds is not yet kept.
      transaction.addEventListener('complete', () => resolve(request.result))
      transaction.addEventListener('abort', () => reject(transaction.error ?? request.error))
    })
  }

  async #begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    const database = await this.open()
    try {
      return database.transaction(TABLE, mode, { durability: 'strict' })
    } catch {
      this.#database = null
      return (await this.open()).transaction(TABLE, mode, { durability: 'strict' })
    }
  }
}

function openDatabase(onClosed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1)
    opening.addEventListener('upgradeneeded', () => {
      const table = opening.result.createObjectStore(TABLE, {
        keyPath: 'place',
        autoIncrement: true,
      })
      table.createIndex(BY_PERSON, 'userId')
    })
    opening.addEventListener('success', () => {
      const database = opening.result
      database.addEventListener('close', onClosed)
      // A newer build in another tab wants to change it.
      database.addEventListener('versionchange', () => {
        database.close()
        onClosed()
      })
      resolve(database)
    })
    opening.addEventListener('error', () => reject(opening.error))
    opening.addEventListener('blocked', () => reject(new Error('another tab holds the database')))
  })
}
