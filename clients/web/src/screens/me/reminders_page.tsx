import { StorageFull } from 'handrail'
import type { Inputs } from 'handrail'
import { useEffect, useState } from 'preact/hooks'
import { inConflict } from '../../model/acts.ts'
import { phoneZone } from '../../model/days.ts'
import { comingReminders, toggled, wishesOf } from '../../model/reminders.ts'
import { coming } from '../../model/sessions.ts'
import { useNow } from '../../parts/now.ts'
import { entries, notSent, phone, queued } from '../../phone.ts'
import { look, turnOff, turnOn } from '../../push.ts'
import { saveToCalendar } from '../../shell/calendar.ts'
import { pushState } from '../../shell/push_state.ts'
import { href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { t } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { near } from '../today/when.ts'
import { Reminders } from './reminders.tsx'

const ACTION = 'care.set_reminder_preferences'
const MOST = 5

export function RemindersPage() {
  const now = useNow(here.now)
  const [full, setFull] = useState(false)
  useEffect(() => void look(), [])
  const [preferences] = entries('reminder_preferences')
  const wishes = wishesOf(preferences, here.programme()?.doc)
  const sessions = coming(here.sessions(), now).filter(({ cancelled }) => !cancelled)
  const fate = preferences?.pending && phone().fate(preferences.pending)
  const both = notSent().find((mutation) => mutation.action === ACTION && inConflict(mutation))

  function change(changed: Inputs[typeof ACTION]) {
    setFull(false)
    setPreferences(changed).catch((error) => {
      if (!(error instanceof StorageFull)) throw error
      setFull(true)
    })
  }

  return (
    <Reminders
      wishes={wishes}
      push={pushState.value}
      zone={phoneZone()}
      coming={comingReminders(entries('reminder'), now)
        .slice(0, MOST)
        .map(({ due_at, starts_at, session_zone }) => ({
          when: near(Date.parse(due_at), now),
          what: t('reminders.for', { when: near(Date.parse(starts_at), now, session_zone) }),
        }))}
      hasSessions={sessions.length > 0}
      fate={fate ? fateWords(fate) : null}
      both={both ? href('both', { uuid: both.uuid }) : null}
      full={full}
      asOf={here.asOf()}
      onLead={(lead, on) => change({ lead_minutes: toggled(wishes?.leads ?? [], lead, on) })}
      onQuiet={(quiet) => change({ quiet_start: quiet?.[0] ?? null, quiet_end: quiet?.[1] ?? null })}
      onZone={() => change({ time_zone: phoneZone() })}
      onPush={(on) => void (on ? turnOn() : turnOff())}
      onCalendar={() => saveToCalendar(sessions, now)}
    />
  )
}

/** Changes that have not left this phone become one: two of them would seem to contradict each
 *  other, as those of two phones do. */
export async function setPreferences(changed: Inputs[typeof ACTION]): Promise<void> {
  const waiting = queued(ACTION)
  const unsent = waiting.filter(({ tried }) => !tried)
  const args = Object.assign({}, ...unsent.map((each) => each.args), changed)
  // What is on its way changes the number that `base` would name.
  const base = waiting.length > unsent.length ? [] : entries('reminder_preferences')
  await phone().act(ACTION, args, { base })
  for (const { uuid } of unsent) await phone().takeBack(uuid)
}
