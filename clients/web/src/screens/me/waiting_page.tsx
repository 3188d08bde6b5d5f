import type { Action, Mutation } from 'handrail'
import { StorageFull } from 'handrail'
import { useState } from 'preact/hooks'
import { again, hasFiles, reasonOf, wordsOf, wayOf, written } from '../../model/acts.ts'
import { type Day, dayOf, daysBetween, noonOf } from '../../model/days.ts'
import { useNow } from '../../parts/now.ts'
import { entries, kept, notSent, phone, sent, status, waiting } from '../../phone.ts'
import { announce } from '../../shell/live.tsx'
import { href } from '../../shell/router.ts'
import { toTitle } from '../../shell/step.ts'
import { dayWithin, t, weekdayName } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { type Queued, type Refused, type Thing, Waiting } from './waiting.tsx'

/** As long as the server takes them; a line of a round is shorter. */
const MOST = 4000
const MOST_LINE = 600
const MOST_SENT = 10

const draftName = (uuid: string) => `other words ${uuid}`

export function WaitingPage() {
  const now = useNow(here.now)
  const [back, setBack] = useState<Mutation | null>(null)
  const [full, setFull] = useState(false)
  const { network = 'unknown', lastSynced = null, needsUpdate = false, storageFull = false } = status.value ?? {}

  /** Do it again under a new name. What was refused goes only when that is kept. */
  async function act(mutation: Mutation, changes: Mutation['args'] = {}) {
    setFull(false)
    try {
      await phone().act(mutation.action as Action, again(mutation, changes) as never, { urgent: mutation.lane === 'urgent' })
      await phone().dismiss(mutation.uuid)
      await phone().keep(draftName(mutation.uuid), null)
      setBack(null)
      announce(t('fate.waiting'))
      toTitle()
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error
      setFull(true)
    }
  }

  async function takeBack({ uuid }: Queued) {
    const mutation = phone().mutation(uuid)
    if (!mutation || !(await phone().takeBack(uuid))) return
    setBack(mutation)
    toTitle()
  }

  async function forget(uuid: string) {
    await phone().dismiss(uuid)
    await phone().keep(draftName(uuid), null)
    toTitle()
  }

  async function copy(words: readonly string[]) {
    await navigator.clipboard.writeText(words.join('\n\n')).then(
      () => announce(t('waiting.copied')),
      () => announce(t('waiting.not_copied')),
    )
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
      takenBack={back && { ...thingOf(back), written: written(wordsOf(back)) }}
      onTryNow={() => phone().wake()}
      onTakeBack={(thing) => void takeBack(thing)}
      onSendAfterAll={() => back && void act(back)}
      onCopy={(words) => void copy(words)}
      onAgain={(thing) => void act(find(thing))}
      onDraft={({ uuid }, text) => void phone().keep(draftName(uuid), text).catch(() => {})}
      onEdit={(thing, text) => void act(find(thing), { [wordsOf(find(thing)).text ?? 'text']: text })}
      onDelete={({ uuid }) => void forget(uuid)}
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
    hasFiles: hasFiles(mutation),
    href: link,
    draft: kept<string>(draftName(mutation.uuid)) ?? null,
    most: inWords.name === 'line' ? MOST_LINE : MOST,
  }
}
