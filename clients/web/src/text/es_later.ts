import check_in from './check_in.es.json'
import type { Translated } from './en.ts'
import first from './first.es.json'
import me from './me.es.json'
import people from './people.es.json'
import tools from './tools.es.json'

/** The Spanish of what comes later. */
const words: Translated<'check_in' | 'first' | 'me' | 'people' | 'tools'> = { check_in, first, me, people, tools }
export default words
