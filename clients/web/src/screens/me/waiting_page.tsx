import type { Mutation } from 'handrail'
import { useState } from 'preact/hooks'
import { type File, readFiles, sendAgain } from '../../again.ts'
import { filesOf, reasonOf, wordsOf, wayOf, written } from '../../model/acts.ts'
import { type Day, dayOf, daysBetween, noonOf } from '../../model/days.ts'
import { LONGEST_LINE } from '../../model/rounds.ts'
import { useNow } from '../../parts/now.ts'
import { entries, kept, notSent, phone, sent, status, waiting } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { copy } from '../../shell/copy.ts'
import { announce } from '../../shell/live.tsx'
import { href } from '../../shell/router.ts'
import { toTitle } from '../../shell/step.ts'
import { dayWithin, t, weekdayName } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { type Queued, type Refused, type Thing, Waiting } from './waiting.tsx'

/** As long as the server takes them; a line of a round is shorter. */
const MOST = 4000
const MOST_SENT = 10

const draftName = (uuid: string) => `other words ${uuid}`

export function WaitingPage() {
  const now = useNow(here.now)
  const [back, setBack] = useState<{ mutation: Mutation; files: readonly File[] } | null>(null)
  const [press, full] = usePress()
  const { network = 'unknown', lastSynced = null, needsUpdate = false, storageFull = false } = status.value ?? {}

  async function act(mutation: Mutation, changes: Mutation['args'] = {}, files?: readonly File[]) {
    await sendAgain(mutation, changes, { ...(files && { files }) })
    await phone().keep(draftName(mutation.uuid), null)
    setBack(null)
    announce(t('fate.waiting'))
    toTitle()
  }

  async function takeBack({ uuid }: Queued) {
    const mutation = phone().mutation(uuid)
    // They go with the act, and are wanted if it is sent after all.
    const files = mutation ? await readFiles(mutation) : []
    if (!mutation || !(await phone().takeBack(uuid))) return
    setBack({ mutation, files })
    toTitle()
  }

  async function forget(uuid: string) {
    await phone().dismiss(uuid)
    await phone().keep(draftName(uuid), null)
    toTitle()
  }

  const find = ({ uuid }: Thing) => phone().mutation(uuid)!
  return (
    <Waiting
      network={network}
      lastSynced={lastSynced}
      tooOld={needsUpdate}
      full={full || storageFull}
      queued={waiting().map(queuedOf)}
      refused={notSent().map(refusedOf)}
      sent={sent()
        .filter(({ settledAt }) => settledAt !== null && dayOf(settledAt) === dayOf(now))
        .slice(-MOST_SENT)
        .reverse()
        .map((mutation) => ({ ...thingOf(mutation), at: mutation.settledAt! }))}
      takenBack={back && { ...thingOf(back.mutation), written: written(wordsOf(back.mutation)) }}
      onTryNow={() => phone().wake()}
      onTakeBack={(thing) => void press(() => takeBack(thing))}
      onSendAfterAll={() => back && void press(() => act(back.mutation, {}, back.files))}
      onCopy={(words) => void copy(words.join('\n\n'))}
      onAgain={(thing) => void press(() => act(find(thing)))}
      onDraft={({ uuid }, text) => void phone().keep(draftName(uuid), text).catch(() => {})}
      onEdit={(thing, text) => void press(() => act(find(thing), { [wordsOf(find(thing)).text ?? 'text']: text }))}
      onDelete={({ uuid }) => void press(() => forget(uuid))}
    />
  )
}

export function thingOf(mutation: Mutation): Thing {
  const { name, day, where } = wordsOf(mutation)
  const invited = entries('group_invitation').find(({ doc }) => doc.group === where)?.doc.group_name
  const group = entries('group').find(({ id }) => id === where)?.doc.name ?? invited
  const place = group ?? t(mutation.action.startsWith('alumni.') ? 'act.a_peer' : 'act.a_group')
  const title = t(`act.${name}` as 'act.other', { day: day ? dayWords(day) : '', where: place })
  return { uuid: mutation.uuid, title, at: Date.parse(mutation.clientTime) }
}

/** The page on which it can be done again. */
function lookAt({ action, args }: Mutation): string {
  if (action === 'groups.join') return href('invitation', { id: String(args.invitation) })
  return href('attempt', { attempt: String(args.id) })
}

function dayWords(day: Day): string {
  const ago = daysBetween(day, here.today(here.now()))
  return ago >= 0 && ago < 7 ? weekdayName(new Date(noonOf(day)).getUTCDay()) : dayWithin(noonOf(day), 'UTC')
}

function queuedOf(mutation: Mutation): Queued {
  const fate = phone().fate(mutation.uuid) === 'saved' ? 'saved' : 'waiting'
  return { ...thingOf(mutation), fate, canTakeBack: !mutation.tried }
}

function refusedOf(mutation: Mutation): Refused {
  const inWords = wordsOf(mutation)
  const way = wayOf(mutation, inWords)
  const link = way === 'both' ? href('both', { uuid: mutation.uuid }) : way === 'look' ? lookAt(mutation) : null
  return {
    ...thingOf(mutation),
    reason: reasonOf(mutation) ?? null,
    written: written(inWords),
    way,
    files: filesOf(mutation),
    href: link,
    draft: kept<string>(draftName(mutation.uuid)) ?? null,
    most: inWords.name === 'line' ? LONGEST_LINE : MOST,
  }
}
