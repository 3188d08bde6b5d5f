import type check_in from './check_in.en.json'
import shell from './en.json'
import type first from './first.en.json'
import type me from './me.en.json'
import type people from './people.en.json'
import titles from './titles.en.json'
import today from './today.en.json'
import type tools from './tools.en.json'

/** The English words that are always there. Those of other areas come with their pages. */
const words = { shell, titles, today }
export default words

/** All words, by area; one file an area. */
export type Areas = typeof words & {
  check_in: typeof check_in
  first: typeof first
  me: typeof me
  people: typeof people
  tools: typeof tools
}
export type Area = keyof Areas
/** A key that Spanish lacks is a type error. */
export type Translated<A extends Area> = { [Name in A]: Record<keyof Areas[Name], string> }
