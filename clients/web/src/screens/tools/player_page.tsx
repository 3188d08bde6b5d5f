import { useState } from 'preact/hooks'
import { useKept } from '../../kept.ts'
import { begin, finished, type Draft } from '../../model/draft.ts'
import { type Exercise, URGE } from '../../model/exercises.ts'
import { entries, phone, status } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { back, href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { asked, draftName, exercise, keepHere, nameOf, share, team } from './here.ts'
import { Missing } from './missing.tsx'
import { Player, type Sharing } from './player.tsx'
import { UrgePage } from './urge_page.tsx'

export function PlayerPage({ id }: { id: string }) {
  const draft = phone().kept<Draft>(draftName(id))
  // A draft goes on in the version that it began with.
  const found = exercise(id, draft?.version ?? null)
  if (found?.slug === URGE) return <UrgePage />
  return found ? <Playing key={id} exercise={found} /> : <Missing />
}

function Playing({ exercise }: { exercise: Exercise }) {
  const name = draftName(exercise.exercise)
  const assignment = asked().find(({ doc }) => doc.exercise === exercise.exercise) ?? null
  const start = () => begin(exercise, phone().newId(), assignment?.id ?? null, phone().now())
  const [draft, keep] = useKept<Draft>(name, start)
  const [sharing, choose] = useState<Sharing>('keep')
  const asking = entries('assignment').find(({ id }) => id === draft.assignment)?.doc
  const close = () => back(href('tools'))

  const [press, full] = usePress()

  async function end(): Promise<void> {
    const done = finished(exercise, draft, Date.now(), phone().now())
    await (sharing === 'share' ? share(done) : keepHere(done))
    keep(null)
    announce(t(sharing === 'share' ? 'exercise.shared' : 'exercise.kept'))
    close()
  }

  return (
    <Player
      exercise={exercise}
      draft={draft}
      note={asking?.note ? { from: nameOf(asking.assigned_by), words: asking.note } : null}
      team={team()}
      sharing={sharing}
      full={full || (status.value?.storageFull ?? false)}
      onDraft={keep}
      onSharing={choose}
      onDone={() => void press(end)}
      onClose={close}
    />
  )
}
