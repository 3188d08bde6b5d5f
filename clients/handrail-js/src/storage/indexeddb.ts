/** Rows in IndexedDB, for browsers. */

import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import { StorageFull } from '../errors.ts'
import type { Storage, Table } from '../ports.ts'

const TABLES: readonly Table[] = ['meta', 'scope', 'document', 'mutation', 'outgoing', 'file', 'keystore']
const VERSION = 1

/** `name`: of the database; one for each person's data. */
export function indexedDb(name: string): Storage {
  let opened: Promise<IDBPDatabase> | null = null

  function database(): Promise<IDBPDatabase> {
    opened ??= openDB(name, VERSION, {
      upgrade(db) {
        for (const table of TABLES) db.createObjectStore(table)
      },
      // Another tab wants to delete or upgrade it.
      blocking: () => forget(),
      terminated: () => forget(),
    })
    return opened
  }

  function forget(): void {
    opened?.then((db) => db.close()).catch(() => {})
    opened = null
  }

  /** Safari loses its connection while the app is in the background. So: once more, opened again. */
  async function attempt<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T> {
    try {
      return await work(await database())
    } catch (error) {
      if (isFull(error)) throw new StorageFull(String(error))
      forget()
      return work(await database())
    }
  }

  return {
    load: (table) =>
      attempt(async (db) => {
        const rows = db.transaction(table)
        const [keys, values] = await Promise.all([rows.store.getAllKeys(), rows.store.getAll()])
        return keys.map((key, i): [string, Uint8Array] => [String(key), values[i]])
      }),
    read: (table, key) => attempt(async (db) => (await db.get(table, key)) ?? null),
    commit: (writes) =>
      attempt(async (db) => {
        const tables = [...new Set(writes.map((write) => write.table))]
        if (!tables.length) return
        const change = db.transaction(tables, 'readwrite', { durability: 'strict' })
        const done = writes.map(({ table, key, value }) => {
          const rows = change.objectStore(table)
          return value === null ? rows.delete(key) : rows.put(value, key)
        })
        // At once: also if the page is closed before the answers come.
        change.commit()
        await settled([...done, change.done])
      }),
    erase: () =>
      attempt(async (db) => {
        const change = db.transaction(TABLES, 'readwrite', { durability: 'strict' })
        await settled([...TABLES.map((table) => change.objectStore(table).clear()), change.done])
      }),
    async close() {
      forget()
    },
  }
}

/** Wait for all; then throw the transaction's error, which says more than those of its requests. */
async function settled(requests: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(requests)
  for (const result of results.reverse()) if (result.status === 'rejected') throw result.reason
}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
