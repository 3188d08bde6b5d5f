/** Rows in SQLite, through a driver that the app passes in: expo-sqlite, better-sqlite3, node:sqlite. */

import { StorageFull } from '../errors.ts'
import type { Storage, Table } from '../ports.ts'

/** The two calls that this needs of a driver. Values are text and bytes. */
export interface SqliteDriver {
  /** Run one statement without a result. */
  run(sql: string, values?: (string | Uint8Array)[]): unknown
  /** All rows, as objects. */
  all(sql: string, values?: (string | Uint8Array)[]): unknown[] | Promise<unknown[]>
  close?(): unknown
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS row (
  "table" TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY ("table", key)
) WITHOUT ROWID`
const PUT = 'INSERT INTO row VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
const DELETE = 'DELETE FROM row WHERE "table" = ? AND key = ?'

export async function sqlite(driver: SqliteDriver): Promise<Storage> {
  let last: Promise<unknown> = Promise.resolve()
  for (const statement of ['PRAGMA journal_mode = WAL', 'PRAGMA synchronous = FULL', 'PRAGMA secure_delete = ON']) {
    await driver.all(statement)
  }
  await driver.run(SCHEMA)

  async function rollBack(): Promise<void> {
    try {
      await driver.run('ROLLBACK')
    } catch {
      // SQLite has done it by itself, as it does when the disk is full.
    }
  }

  /** One at a time: an asynchronous driver has one connection, and one transaction on it. */
  function transaction(work: () => Promise<void>): Promise<void> {
    const done = last.then(async () => {
      await driver.run('BEGIN IMMEDIATE')
      try {
        await work()
        await driver.run('COMMIT')
      } catch (error) {
        await rollBack()
        throw /full|disk I\/O/i.test(String(error)) ? new StorageFull(String(error)) : error
      }
    })
    last = done.catch(() => {})
    return done
  }

  return {
    async load(table: Table) {
      const rows = await driver.all('SELECT key, value FROM row WHERE "table" = ?', [table])
      return (rows as { key: string; value: Uint8Array }[]).map(({ key, value }) => [key, value])
    },
    async read(table, key) {
      const rows = await driver.all('SELECT value FROM row WHERE "table" = ? AND key = ?', [table, key])
      return (rows[0] as { value: Uint8Array } | undefined)?.value ?? null
    },
    commit: (writes) =>
      transaction(async () => {
        for (const { table, key, value } of writes) {
          await (value === null ? driver.run(DELETE, [table, key]) : driver.run(PUT, [table, key, value]))
        }
      }),
    async erase() {
      await transaction(async () => {
        await driver.run('DELETE FROM row')
      })
      await driver.all('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    async close() {
      await last
      await driver.close?.()
    },
  }
}
