import type { Translated } from './en.ts'
import shell from './es.json'
import titles from './titles.es.json'
import today from './today.es.json'

/** The Spanish of what is always there. */
const words: Translated<'shell' | 'titles' | 'today'> = { shell, titles, today }
export default words
