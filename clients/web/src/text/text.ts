import { effect, signal } from '@preact/signals'
import { recall, remember } from '../shell/settings.ts'
import en, { type Area, type Areas } from './en.ts'

export type Language = 'en' | 'es'
export type Key = { [A in Area]: keyof Areas[A] }[Area]
/** `waiting.things` for the keys `waiting.things_one` and `waiting.things_other`. */
export type CountedKey = { [K in Key]: K extends `${infer Stem}_other` ? Stem : never }[Key]

type Words = Partial<Record<string, string>>
const WORDS: Record<Language, Words> = { en: {}, es: {} }
const LOCALES: Record<Language, string> = { en: 'en-US', es: 'es-US' }
/** Each language calls itself by its own name. */
export const LANGUAGES: Record<Language, string> = { en: 'English', es: 'Español' }

/** Pages that read a text follow this signal. English until Spanish is there. */
export const language = signal<Language>('en')

/** The language that was chosen here, else the one that the server found in the request. Resolves
 *  when the words of the first page are there; without them the app speaks English. */
export async function startText(): Promise<void> {
  const wanted = recall('language') ?? document.documentElement.lang
  if (wanted.startsWith('es')) {
    void laterSpanish().catch(() => {})
    await firstSpanish().then(
      () => (language.value = 'es'),
      () => {},
    )
  }
  effect(() => {
    document.documentElement.lang = language.value
  })
}

export function isLanguage(name: string | undefined): name is Language {
  return name !== undefined && name in LANGUAGES
}

/** Rejects where the words cannot be had: then nothing changes. */
export async function speak(chosen: Language): Promise<void> {
  await speakHere(chosen)
  remember('language', chosen)
}

/** Speak it as long as the page lives: it is not this phone's choice. */
export async function speakHere(wanted: Language): Promise<void> {
  if (wanted === 'es') await Promise.all([firstSpanish(), laterSpanish()])
  language.value = wanted
}

/** Before a page that comes later is shown: its words in the person's language. Without them it
 *  speaks English. */
export async function wordsOfLanguage(): Promise<void> {
  if (language.value === 'es') await laterSpanish().catch(() => {})
}

// Two files, which the worker keeps as well. A browser runs each only once.
const firstSpanish = async () => spanish((await import('./es.ts')).default)
const laterSpanish = async () => spanish((await import('./es_later.ts')).default)

// The built app holds Spanish as lists, in the order of the English keys (`build.mjs`).
const keys: Partial<Record<Area, string[]>> = {}
const lists: Partial<Record<Area, string[]>> = {}

/** The English words of an area. They come with the pages that say them. */
export function learn(area: Area, english: Record<string, string>): void {
  Object.assign(WORDS.en, english)
  keys[area] = Object.keys(english)
  pair(area)
}

function spanish(areas: Partial<Record<Area, Record<string, string>>>): void {
  for (const area of Object.keys(areas) as Area[]) {
    lists[area] = Object.values(areas[area]!)
    pair(area)
  }
}

/** Either of the two may come first. */
function pair(area: Area): void {
  if (lists[area]) keys[area]?.forEach((key, at) => (WORDS.es[key] = lists[area]![at]))
}

for (const area of ['shell', 'titles', 'today'] as const) learn(area, en[area])

type Values = Record<string, string | number>

/** A text in the person's language, with its `{placeholders}` filled in. */
export function t(key: Key, values: Values = {}): string {
  const words = (WORDS[language.value][key] ?? WORDS.en[key]!).replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
  if (language.value !== 'es') return words
  // Spanish says "las 8:10" and "la 1:10", and a sentence that ends with "a. m." has one full stop.
  return words.replace(/\blas (1(?!\d))/, 'la $1').replace(/([ap]\.\s?m\.)\./g, '$1')
}

/** A text about a number of things: "1 thing", "2 things". Both languages have these two forms. */
export function counted(stem: CountedKey, n: number, values: Values = {}): string {
  return t(`${stem}_${n === 1 ? 'one' : 'other'}` as Key, { n, ...values })
}

/** Of a text that the programme gives in several languages: the one in the person's. */
export function spoken(texts: { readonly [language: string]: string | undefined }): string {
  return texts[language.value] ?? texts.en ?? Object.values(texts)[0] ?? ''
}

/** "Maria and Noor". Each is named once. */
export function listed(words: Iterable<string>): string {
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(new Set(words))
}

export type When = Date | number

// Making a format costs more than using it, and a thread has hundreds of times.
const formats = new Map<string, Intl.DateTimeFormat>()

export function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = language.value + JSON.stringify(options)
  const kept = formats.get(id) ?? new Intl.DateTimeFormat(LOCALES[language.value], options)
  formats.set(id, kept)
  return kept
}

function format(at: When, options: Intl.DateTimeFormatOptions): string {
  return formatter(options).format(at)
}

/** "9:12 PM", "9:12 p. m." */
export function clock(at: When, timeZone?: string): string {
  return spaced(format(at, { hour: 'numeric', minute: '2-digit', ...zone(timeZone) }))
}

/** The same for a time that stands without a date: "18:00" is "6 PM", "18:30" is "6:30 PM". */
export function wallClock(time: string): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const at = Date.UTC(2000, 0, 1, hours, minutes)
  const minute = minutes === 0 ? {} : { minute: '2-digit' as const }
  return spaced(format(at, { hour: 'numeric', ...minute, timeZone: 'UTC' }))
}

/** On one line: "9:12" without its "PM" says little. Browsers write "p.m." and "p. m."; the second is
 *  how it is spelled. */
function spaced(time: string): string {
  return time.replace(/([ap])\.\s?m\./, '$1.\u00a0m.').replace(/\s(?=[AP]M|[ap]\.)/, '\u00a0')
}

/** "Thursday" */
export function weekday(at: When, timeZone?: string): string {
  return first(format(at, { weekday: 'long', ...zone(timeZone) }))
}

/** The name of a day of the week inside a sentence. 0 is Sunday. */
export function weekdayName(day: number): string {
  return format(Date.UTC(2000, 0, 2 + day), { weekday: 'long', timeZone: 'UTC' })
}

/** "Thursday, November 19", "Jueves, 19 de noviembre" */
export function day(at: When, timeZone?: string): string {
  return first(format(at, { weekday: 'long', month: 'long', day: 'numeric', ...zone(timeZone) }))
}

/** The same inside a sentence: "jueves, 19 de noviembre" in Spanish. */
export function dayWithin(at: When, timeZone?: string): string {
  return format(at, { weekday: 'long', month: 'long', day: 'numeric', ...zone(timeZone) })
}

/** "Thursday, 9:12 PM" */
export function moment(at: When, timeZone?: string): string {
  return `${weekday(at, timeZone)}, ${clock(at, timeZone)}`
}

function zone(timeZone: string | undefined): Intl.DateTimeFormatOptions {
  return timeZone === undefined ? {} : { timeZone }
}

/** With a capital, as at the start of a line. */
function first(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
