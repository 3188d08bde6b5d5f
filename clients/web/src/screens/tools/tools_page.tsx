import { signal } from '@preact/signals'
import { untilClosed } from '../../kept.ts'
import { dayOf, daysBetween } from '../../model/days.ts'
import type { Draft } from '../../model/draft.ts'
import { pages } from '../../model/draft.ts'
import type { Filter } from '../../model/exercises.ts'
import { whatHelps } from '../../model/what_helps.ts'
import { entries, isOffline, kept, lacks, phone } from '../../phone.ts'
import { asked, attempts, draftName, exercise, exercises, nameOf, REASONS } from './here.ts'
import { Tools, type Asked, type Read } from './tools.tsx'

/** Stays while other pages are shown. */
const filterHere = untilClosed(() => signal<Filter>({ need: null, minutes: null }))
const LATELY_MS = 7 * 86_400_000

export function ToolsPage() {
  const done = attempts()
  const library = exercises()
  const filter = filterHere()
  return (
    <Tools
      exercises={library}
      helped={whatHelps(entries('what_helps')[0]?.doc, done, library)}
      asked={askedHere()}
      read={readLately()}
      attempts={done}
      reasons={kept<string[]>(REASONS)?.length ?? 0}
      filter={filter.value}
      getting={lacks('library:')}
      offline={isOffline()}
      onFilter={(chosen) => (filter.value = chosen)}
    />
  )
}

function askedHere(): Asked[] {
  const today = dayOf(phone().now())
  return asked().flatMap(({ id, doc }) => {
    const found = exercise(doc.exercise)
    if (!found) return []
    const draft = kept<Draft>(draftName(doc.exercise))
    return [
      {
        id,
        exercise: found,
        from: nameOf(doc.assigned_by),
        note: doc.note,
        due: doc.due_on === null ? null : { on: doc.due_on, days: daysBetween(today, doc.due_on) },
        at: draft ? { page: Math.min(draft.page + 1, pages(found)), of: pages(found) } : null,
      },
    ]
  })
}

function readLately(): Read[] {
  const since = phone().now() - LATELY_MS
  return entries('attempt_review').flatMap(({ doc }) => {
    if (Date.parse(doc.reviewed_at) < since) return []
    const attempt = entries('attempt').find(({ id }) => id === doc.attempt)
    const found = attempt && exercise(attempt.doc.exercise)
    if (!attempt || !found) return []
    return [{ attempt: attempt.id, title: found.title, by: nameOf(doc.reviewed_by), comment: doc.comment }]
  })
}
