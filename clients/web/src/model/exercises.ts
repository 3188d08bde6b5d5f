/** The library: exercises in one language, at their versions. */

import type { Documents, EntryOf } from 'handrail'

export type Exercise = Documents['exercise']
export type Step = Exercise['steps'][number]
export type Field = NonNullable<Step['fields']>[number]
export type Need = Exercise['needs'][number]

type Entries = readonly EntryOf<'exercise'>[]

/** The exercise that the urge tool plays: its answers are those of this one. */
export const URGE = 'craving-sos'

/** The newest version of each exercise that is in use, by title. */
export function inUse(entries: Entries, language: string): Exercise[] {
  const newest = new Map<string, Exercise>()
  for (const exercise of spoken(entries, language)) {
    const known = newest.get(exercise.exercise)
    if (!known || known.version < exercise.version) newest.set(exercise.exercise, exercise)
  }
  return [...newest.values()]
    .filter((exercise) => !exercise.withdrawn)
    .sort((a, b) => a.title.localeCompare(b.title, language))
}

/** This version, or the newest if it is not here: old answers are read with their own questions. */
export function exerciseAt(
  entries: Entries,
  id: string,
  version: number | null,
  language: string,
): Exercise | undefined {
  const versions = spoken(entries, language).filter((exercise) => exercise.exercise === id)
  const exact = versions.find((exercise) => exercise.version === version)
  return exact ?? versions.sort((a, b) => b.version - a.version)[0]
}

/** A phone has the library of its person's language. Words in another are better than none. */
function spoken(entries: Entries, language: string): Exercise[] {
  const wanted = entries.filter(({ scope }) => scope === `library:${language}`)
  return (wanted.length ? wanted : entries).map(({ doc }) => doc)
}

export interface Filter {
  need: Need | null
  /** The most minutes. */
  minutes: number | null
}

export function fits(exercise: Exercise, { need, minutes }: Filter): boolean {
  return (need === null || exercise.needs.includes(need)) && (minutes === null || exercise.minutes <= minutes)
}

/** What the exercises of the library are for, the most frequent first. */
export function needsOf(exercises: readonly Exercise[]): Need[] {
  const times = new Map<Need, number>()
  for (const need of exercises.flatMap((exercise) => exercise.needs)) times.set(need, (times.get(need) ?? 0) + 1)
  return [...times].sort((a, b) => b[1] - a[1]).map(([need]) => need)
}

/** "Breathe in. Hold." → "Breathe in." */
export function firstSentence(text: string): string {
  return /^.*?[.?…](?=\s|$)/s.exec(text)?.[0] ?? text
}
