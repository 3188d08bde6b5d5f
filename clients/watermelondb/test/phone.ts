/** A phone for tests: WatermelonDB in memory, with a table for each kind in the tests. */
import { Database, Model, appSchema, tableSchema } from '@nozbe/watermelondb'
import LokiJSAdapter from '@nozbe/watermelondb/adapters/lokijs'
import { entryColumns, handrailModels, handrailTables } from '../src/index'
import type { Kinds } from '../src/index'
import logger from '@nozbe/watermelondb/utils/common/logger'

logger.silence()

class Message extends Model { static override table = 'messages' }
class Card extends Model { static override table = 'member_cards' }
class Programme extends Model { static override table = 'programmes' }
class CheckIn extends Model { static override table = 'check_ins' }

export const KINDS: Kinds = {
  message: { table: 'messages', columns: (doc) => ({ text: String(doc['text'] ?? '') }) },
  member_card: { table: 'member_cards' },
  programme: { table: 'programmes' },
  check_in: { table: 'check_ins', columns: (doc) => ({ mood: Number(doc['mood'] ?? 0) }) },
}

let count = 0

export function newDatabase(): Database {
  const schema = appSchema({
    version: 1,
    tables: [
      ...handrailTables,
      tableSchema({ name: 'messages', columns: [...entryColumns, { name: 'text' as never, type: 'string' }] }),
      tableSchema({ name: 'member_cards', columns: entryColumns }),
      tableSchema({ name: 'programmes', columns: entryColumns }),
      tableSchema({ name: 'check_ins', columns: [...entryColumns, { name: 'mood' as never, type: 'number' }] }),
    ],
  })
  const options = { dbName: `test${++count}`, useWebWorker: false, useIncrementalIndexedDB: false }
  const adapter = new LokiJSAdapter({ schema, ...options, extraLokiOptions: { autosave: false } })
  return new Database({ adapter, modelClasses: [...handrailModels, Message, Card, Programme, CheckIn] })
}

export async function raws(database: Database, table: string): Promise<Record<string, any>[]> {
  return (await database.get(table).query().fetch()).map((record) => ({ ...record._raw }))
}
