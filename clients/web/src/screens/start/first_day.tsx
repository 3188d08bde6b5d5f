import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { type Card as CardName, PEOPLE_TO_CALL, type PersonToCall } from '../../model/first_day.ts'
import { withPerson } from '../../model/people_to_call.ts'
import { nextOf, type Session } from '../../model/sessions.ts'
import { tryTo } from '../../kept.ts'
import { useNow } from '../../parts/now.ts'
import { entries, phone } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { announce } from '../../shell/live.tsx'
import { TabPage } from '../../shell/frame.tsx'
import { useStepFocus } from '../../shell/step_focus.ts'
import { day, t } from '../../text/text.ts'
import { Where } from '../today/about_session.tsx'
import { near } from '../today/when.ts'
import * as here from '../today/here.ts'
import { keepFirst } from './first.ts'
import { PersonSheet } from './person_sheet.tsx'

export interface FirstDayProps {
  cards: readonly CardName[]
  /** The name the person wants to hear. */
  name?: string
  session?: Session | null
  now: number
  onAway: (card: CardName) => void
  /** Throws `StorageFull`. */
  onPerson: (person: PersonToCall) => Promise<void>
}

/** P5: three things, each can be skipped, none comes back. */
export function FirstDay({ cards, name, session, now, onAway, onPerson }: FirstDayProps) {
  const [adds, setAdds] = useState(false)
  useStepFocus(cards.length)
  return (
    <TabPage tab="today" above={day(now)} title={name ? t('first.welcome_name', { name }) : t('first.welcome')}>
      <p class="soft">{t('first.lead')}</p>
      {cards.includes('session') && (
        <Card kind="featured" layout="next" labelledby="first-session">
          {session ? (
            <>
              <h2 class="small soft" id="first-session">
                {t('first.session')}
              </h2>
              <p class="when">
                <time dateTime={new Date(session.starts).toISOString()}>{near(session.starts, now, session.zone)}</time>
              </p>
              <p>
                <b>{session.title}</b>
                <Where {...session} />
              </p>
            </>
          ) : (
            <>
              <h2 id="first-session">{t('first.no_session_title')}</h2>
              <p class="soft">{t('first.no_session')}</p>
            </>
          )}
          <div class="buttons">
            <Button wide onPress={() => onAway('session')}>
              {t('first.seen')}
            </Button>
          </div>
        </Card>
      )}
      {cards.includes('person') && (
        <Card layout="stack tight" labelledby="first-person">
          <h2 id="first-person">{t('first.person')}</h2>
          <p class="soft">{t('first.person_how')}</p>
          <div class="buttons even">
            <Button onPress={() => onAway('person')} about={t('first.person')}>
              {t('first.skip')}
            </Button>
            <Button onPress={() => setAdds(true)}>{t('first.person_add')}</Button>
          </div>
        </Card>
      )}
      {cards.includes('tool') && (
        <Card layout="stack tight" labelledby="first-tool">
          <h2 id="first-tool">{t('first.tool')}</h2>
          <p class="soft">{t('first.tool_how')}</p>
          <div class="buttons even">
            <Button onPress={() => onAway('tool')} about={t('first.tool')}>
              {t('first.skip')}
            </Button>
            <Button href={href('urge')} onPress={() => onAway('tool')}>
              {t('first.tool_try')}
            </Button>
          </div>
        </Card>
      )}
      <div class="urge-spot">
        <Button kind="deep" icon="urge" goes href={href('urge')}>
          {t('first.urge')}
        </Button>
      </div>
      {adds && <PersonSheet onClose={() => setAdds(false)} onSave={onPerson} />}
    </TabPage>
  )
}

export function FirstDayPage({ cards }: { cards: readonly CardName[] }) {
  const [person] = entries('person')
  const now = useNow(here.now)
  const away = (card: CardName) => keepFirst(({ away = [] }) => ({ away: [...away, card] }))
  async function add(someone: PersonToCall): Promise<void> {
    await phone().keep(PEOPLE_TO_CALL, withPerson(here.peopleToCall(), someone))
    await away('person')
    announce(t('fate.saved'))
  }
  return (
    <FirstDay
      cards={cards}
      name={person?.doc.called || person?.doc.given_name || ''}
      session={nextOf(here.sessions(), now).next}
      now={now}
      onAway={(card) => tryTo(away(card))}
      onPerson={add}
    />
  )
}
