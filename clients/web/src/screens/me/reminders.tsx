/** How to be reminded of sessions. */

import { choicesOf, halfHours, isFull, type Wishes } from '../../model/reminders.ts'
import { Switch } from '../../parts/answers.tsx'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Select } from '../../parts/select.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Getting } from '../../parts/waiting.tsx'
import type { PushState } from '../../shell/push_state.ts'
import { href } from '../../shell/router.ts'
import { counted, language, t, wallClock } from '../../text/text.ts'
import { Part, Under } from './under.tsx'

export interface RemindersProps {
  wishes: Wishes | null
  push: PushState
  /** The zone of this phone. */
  zone: string
  /** What is planned, in words: when, and for what. */
  coming: readonly { when: string; what: string }[]
  /** Sessions that can be handed to the phone's calendar. */
  hasSessions: boolean
  /** A change that is not sent yet: its fate in words. */
  fate: string | null
  /** Two versions wait for a decision, on this page. */
  both: string | null
  full?: boolean
  asOf: number | null
  onLead: (lead: number, on: boolean) => void
  onQuiet: (quiet: readonly [string, string] | null) => void
  onZone: () => void
  onPush: (on: boolean) => void
  onCalendar: () => void
}

const NIGHT = ['21:30', '07:30'] as const

export function Reminders(props: RemindersProps) {
  const { wishes, push, zone, coming, hasSessions, fate, both, full, asOf } = props
  return (
    <Under title={t('reminders.title')} asOf={asOf}>
      {both && (
        <Notice kind="wait" icon="edit" title={t('waiting.needs_you')} buttons={<Button href={both}>{t('today.see_both')}</Button>}>
          <p>{t('reminders.both')}</p>
        </Notice>
      )}
      <Notice
        title={t('reminders.truth')}
        buttons={
          hasSessions && (
            <Button icon="today" onPress={props.onCalendar}>
              {t('reminders.calendar')}
            </Button>
          )
        }
      >
        <p>{t('reminders.truth_what', { name: t('session.add_title') })}</p>
      </Notice>
      <Push push={push} onPush={props.onPush} />
      {full && <NotKept />}
      {wishes ? (
        <>
          <Part title={t('reminders.before')}>
            <Card kind="flush" layout="rows">
              {choicesOf(wishes.leads).map((lead) => (
                <Switch key={lead} title={leadWords(lead)} on={wishes.leads.includes(lead)} onChange={(next) => props.onLead(lead, next)} />
              ))}
            </Card>
            {wishes.leads.length === 0 && <p class="soft">{t('reminders.none')}</p>}
            {isFull(wishes.leads) && <p class="soft">{t('reminders.full')}</p>}
          </Part>
          <Part title={t('reminders.quiet')}>
            <Card kind="flush">
              <Switch title={t('reminders.quiet_on')} on={wishes.quiet !== null} onChange={(on) => props.onQuiet(on ? NIGHT : null)} />
            </Card>
            {wishes.quiet && <Hours quiet={wishes.quiet} onQuiet={props.onQuiet} />}
            <p class="soft small">{t('reminders.zone', { zone: place(wishes.zone) })}</p>
            {wishes.zone !== zone && (
              <Button wide onPress={props.onZone}>
                {t('reminders.use_zone', { zone: place(zone) })}
              </Button>
            )}
          </Part>
          <p class="soft small" role="status">
            {fate}
          </p>
        </>
      ) : (
        <Getting>{t('reminders.getting')}</Getting>
      )}
      <Part title={t('reminders.locked')}>
        <p>{t('reminders.locked_words')}</p>
        <p class="soft">{t('reminders.locked_what')}</p>
      </Part>
      {coming.length > 0 && (
        <Part title={t('reminders.coming')}>
          <Rows>
            {coming.map(({ when, what }) => (
              <Row key={when + what} icon="bell" title={when} hint={what} />
            ))}
          </Rows>
        </Part>
      )}
    </Under>
  )
}

function Hours({ quiet: [from, to], onQuiet }: { quiet: readonly [string, string]; onQuiet: RemindersProps['onQuiet'] }) {
  const times = halfHours([from, to]).map((value) => ({ value, title: wallClock(value) }))
  // Both ends at one time would be no hours at all.
  const but = (other: string) => times.filter(({ value }) => value !== other)
  return (
    <div class="columns">
      <Select label={t('reminders.from')} name="from" options={but(to)} value={from} onChange={(start) => onQuiet([start, to])} />
      <Select label={t('reminders.to')} name="to" options={but(from)} value={to} onChange={(end) => onQuiet([from, end])} />
    </div>
  )
}

/** The switch, or why there is none. */
function Push({ push, onPush }: Pick<RemindersProps, 'push' | 'onPush'>) {
  if (push === 'none' || push === 'home' || push === 'denied') {
    return (
      <Notice icon="bell" title={t('push.cannot')} buttons={push === 'home' && <Button href={href('install')}>{t('push.how')}</Button>}>
        <p>{t(`push.${push}`)}</p>
      </Notice>
    )
  }
  if (push === 'stopped') {
    return (
      <Notice kind="wait" icon="bell" title={t('push.stopped')} buttons={<Button onPress={() => onPush(true)}>{t('push.turn_on')}</Button>}>
        <p role="status">{t('push.stopped_what')}</p>
      </Notice>
    )
  }
  return (
    <Card kind="flush">
      <Switch title={t('push.title')} hint={<span role="status">{t(`push.${push}`)}</span>} on={push !== 'off'} onChange={onPush} />
    </Card>
  )
}

/** "An hour before", "The day before". */
export function leadWords(lead: number): string {
  if (lead === 0) return t('reminders.at_start')
  if (lead % 1440 === 0) return counted('reminders.days', lead / 1440)
  if (lead % 60 === 0) return counted('reminders.hours', lead / 60)
  return counted('reminders.minutes', lead)
}

/** "The day before and an hour before" */
export function leadsWords(leads: readonly number[]): string {
  const [first = '', ...others] = leads.map(leadWords)
  const words = [first, ...others.map((each) => each.charAt(0).toLowerCase() + each.slice(1))]
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(words)
}

/** "America/New_York" → "New York" */
function place(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}
