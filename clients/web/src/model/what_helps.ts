/** Which exercises help this person, by their own numbers before and after. The rules are those of
 *  the server, which cannot count what is kept on this phone. */

import type { Documents } from 'handrail'
import type { Attempt } from './attempts.ts'
import type { Exercise } from './exercises.ts'

const MINIMUM_RUNS = 3
const BETTER = { craving: -1, distress: -1, confidence: 1 }

export interface Helped {
  exercise: string
  /** How often it was rated before and after. */
  rated: number
  /** How often it helped. */
  eased: number
  mean_relief: number
}

/** What helped at least once, best first. One good evening is no evidence: there is a minimum. */
export function whatHelps(
  counted: Documents['what_helps'] | undefined,
  attempts: readonly Attempt[],
  exercises: readonly Exercise[],
): Helped[] {
  const here = exercises.map((exercise) => resultOf(exercise, attempts))
  const results = here.map((result) => {
    // The server may know attempts that this phone has not read yet.
    const theirs = counted?.items.find((item) => item.exercise === result.exercise)
    return theirs && theirs.rated > result.rated ? theirs : result
  })
  const minimum = counted?.minimum_runs ?? MINIMUM_RUNS
  return results
    .filter(({ rated, eased }) => rated >= minimum && eased > 0)
    .sort((a, b) => b.eased / b.rated - a.eased / a.rated || b.mean_relief - a.mean_relief || b.rated - a.rated)
}

function resultOf(exercise: Exercise, attempts: readonly Attempt[]): Helped {
  const reliefs = attempts
    .filter((attempt) => attempt.exercise === exercise.exercise)
    .map(({ before, after }) => relief(exercise.rating.about, before, after))
    .filter((each) => each !== null)
  const sum = reliefs.reduce((total, each) => total + each, 0)
  const rated = reliefs.length
  const eased = reliefs.filter((each) => each > 0).length
  return { exercise: exercise.exercise, rated, eased, mean_relief: rated ? sum / rated : 0 }
}

/** From -10 to 10; null without both numbers. */
function relief(about: keyof typeof BETTER, before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : (after - before) * BETTER[about]
}
