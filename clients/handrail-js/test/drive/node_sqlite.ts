import type { DatabaseSync } from 'node:sqlite'
import type { SqliteDriver } from '../../src/storage/sqlite.ts'

/** The driver for `sqlite()` over Node's own SQLite. */
export function nodeSqlite(database: DatabaseSync): SqliteDriver {
  return {
    run: (sql, values = []) => database.prepare(sql).run(...values),
    all: (sql, values = []) => database.prepare(sql).all(...values),
  }
}
