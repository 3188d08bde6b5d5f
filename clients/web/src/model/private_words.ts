/** Finds what could tell others who a person is, before it is sent. A simple look, on this phone. */

export type Private = 'number' | 'email' | 'address' | 'name'

export interface Found {
  kind: Private
  /** The words, as they stand in the text. */
  words: string
}

/** Numbers that anyone may pass on. */
const PUBLIC = ['988', '911', '18006624357', '8006624357']

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u
// Seven digits or more, in groups as phone numbers are written. A date has slashes and is no match.
const NUMBER = /(?<![\p{L}\p{N}])(\+?\d[\d\s().-]{5,}\d)(?![\p{L}\p{N}])/gu
const DATE = /^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-.]\d{1,2}[-.]\d{4}|(19|20)\d\d\s*-\s*(19|20)\d\d)$/
const STREET = 'st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|boulevard|ct|court|pl|place|way|hwy|highway'
/** Inside a sentence about streets, not inside an address. */
const SMALL_WORDS = 'on|the|in|at|a|an|my|our|of|for|to|people'
// "12 Oak Street, Apt 4" and "Calle Luna 12". Lower case too: people write as they speak.
const ADDRESS = new RegExp(
  `(?<![\\p{L}\\p{N}])(\\d{1,5}\\s+((?!(?:${SMALL_WORDS})\\s)[\\p{L}\\p{N}.']+\\s+){1,3}(${STREET})\\b\\.?|(calle|avenida|carrera)\\s+[\\p{L} ]{2,30}?\\s*#?\\d{1,5})`,
  'iu',
)

/** The first thing that could give the person away; null if nothing was found. `names`: as the
 *  account has them. */
export function findPrivate(text: string, names: { given: string; family: string }): Found | null {
  const email = EMAIL.exec(text)
  if (email) return { kind: 'email', words: email[0] }
  for (const [words] of text.matchAll(NUMBER)) if (isNumber(words)) return { kind: 'number', words }
  const address = ADDRESS.exec(text)
  if (address) return { kind: 'address', words: address[0] }
  const name = fullName(text, names)
  return name === null ? null : { kind: 'name', words: name }
}

/** The text without the words, and without the gap that they leave. */
export function takeOut(text: string, { words }: Found): string {
  return text.replace(words, '').replace(/[ \t]{2,}/g, ' ').trim()
}

function isNumber(words: string): boolean {
  const digits = words.replace(/\D/g, '')
  if (DATE.test(words.trim()) || PUBLIC.includes(digits)) return false
  return digits.length >= 7 && digits.length <= 15
}

/** First and last name together: the first alone is what people call each other. */
function fullName(text: string, { given, family }: { given: string; family: string }): string | null {
  if (!given || !family) return null
  const parts = [given, family].map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const found = new RegExp(`(?<![\\p{L}])${parts.join('\\s+(\\p{L}+\\.?\\s+)?')}(?![\\p{L}])`, 'iu').exec(text)
  return found?.[0] ?? null
}
