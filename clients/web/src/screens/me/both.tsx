/** Two versions of one thing: the person decides. */

import type { Inputs } from 'handrail'
import { useState } from 'preact/hooks'
import { sendAgain } from '../../again.ts'
import { useKept } from '../../kept.ts'
import { inConflict } from '../../model/acts.ts'
import { differing, type Wishes, wishesOf, withChange } from '../../model/reminders.ts'
import { Button, Buttons } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { KeepOne, TwoVersions } from '../../parts/two_versions.tsx'
import { entries, notSent, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { go, href } from '../../shell/router.ts'
import { useStep } from '../../shell/step.ts'
import { t, wallClock } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { leadsWords } from './reminders.tsx'
import { Under } from './under.tsx'
import { Decided, timeWords } from './waiting.tsx'
import { thingOf } from './waiting_page.tsx'

export interface BothProps {
  /** "Your reminders" */
  title: string
  /** When this phone's was written. */
  at: number
  /** What differs is marked. */
  mine: readonly Said[]
  now: readonly Said[]
  full?: boolean
  /** Texts can be joined; settings cannot. */
  joined?: string | undefined
  onJoined?: ((text: string) => void) | undefined
  onMine: () => void
  onTheirs: () => void
  onSend: (text: string) => void
}

export interface Said {
  words: string
  differs: boolean
}

const MOST = 4000

export function Both(props: BothProps) {
  const { title, at, mine, now, full, joined, onJoined, onMine, onTheirs, onSend } = props
  const [joins, setJoins] = useState(false)
  useStep(joins)
  const out = { label: t('waiting.title'), href: href('waiting') }
  if (joins) {
    return (
      <Under
        title={t('both.join')}
        lead={title}
        out={out}
        end={
          <Buttons even>
            <Button onPress={() => setJoins(false)}>{t('shell.back')}</Button>
            <Button onPress={() => joined?.trim() && onSend(joined)}>{t('waiting.send')}</Button>
          </Buttons>
        }
      >
        <Field label={t('waiting.words')} value={joined ?? ''} onInput={(text) => onJoined?.(text)} name="text" lines="long" maxLength={MOST} />
        {full && <NotKept />}
      </Under>
    )
  }
  return (
    <Under
      title={t('both.title')}
      lead={t('both.lead', { title, time: timeWords(at) })}
      out={out}
      end={<KeepOne onMine={onMine} onTheirs={onTheirs} onBoth={onJoined && (() => setJoins(true))} />}
    >
      <TwoVersions mine={{ title: t('both.yours', { time: timeWords(at) }), body: <Lines said={mine} /> }} now={{ title: t('both.now'), body: <Lines said={now} /> }} />
      {full && <NotKept />}
      <p class="soft small">{t('both.nothing_lost')}</p>
    </Under>
  )
}

function Lines({ said }: { said: readonly Said[] }) {
  return (
    <>
      {said.map(({ words, differs }, place) => (
        <p key={place}>{differs ? <mark>{words}</mark> : words}</p>
      ))}
    </>
  )
}

export function BothPage({ uuid }: { uuid: string }) {
  const conflict = inConflict(notSent().find((mutation) => mutation.uuid === uuid))
  const words = conflict && conflict.mutation.action !== 'care.set_reminder_preferences' ? [String(conflict.mutation.args.text), String(conflict.now.doc.text)] : null
  const [joined, keepJoined] = useKept<string>(`both ${uuid}`, () => words?.join('\n\n') ?? '')
  const [press, full] = usePress()
  if (!conflict) return <Decided />
  const { mutation, now } = conflict

  const decide = (changes: { text?: string } | null) =>
    press(async () => {
      // On top of what holds now, so that it is no conflict again.
      await (changes ? sendAgain(mutation, changes, { base: [now] }) : phone().dismiss(uuid))
      keepJoined(null)
      announce(t(changes ? 'fate.waiting' : 'both.kept_theirs'))
      go(href('waiting'), { replace: true })
    })

  const both = words ? words.map((each) => [{ words: each, differs: false }]) : preferences(mutation.args, now.doc)
  return (
    <Both
      title={thingOf(mutation).title}
      at={Date.parse(mutation.clientTime)}
      mine={both[0] ?? []}
      now={both[1] ?? []}
      full={full}
      joined={words ? joined : undefined}
      onJoined={words ? keepJoined : undefined}
      onMine={() => void decide({})}
      onTheirs={() => void decide(null)}
      onSend={(text) => void decide({ text })}
    />
  )
}

/** Reminders, as this phone wanted them and as they are. */
function preferences(args: Inputs['care.set_reminder_preferences'], doc: object): [Said[], Said[]] {
  const entry = { ...entries('reminder_preferences')[0], doc } as Parameters<typeof wishesOf>[0]
  const now = wishesOf(entry, here.programme()?.doc)
  if (!now) return [[], []]
  const changed = differing(args, now)
  const said = (wishes: Wishes) => sayWishes(wishes).map(([field, words]) => ({ words, differs: changed.includes(field) }))
  return [said(withChange(now, args)), said(now)]
}

function sayWishes({ leads, quiet, zone }: Wishes): ['leads' | 'quiet' | 'zone', string][] {
  return [
    ['leads', leads.length ? leadsWords(leads) : t('reminders.none')],
    ['quiet', quiet ? t('both.quiet', { from: wallClock(quiet[0]), to: wallClock(quiet[1]) }) : t('both.no_quiet')],
    ['zone', zone.replaceAll('_', ' ')],
  ]
}
