/** What the person has agreed to show to others, and how to stop. */

import type { EntryOf } from 'handrail'
import { useState } from 'preact/hooks'
import { type Day } from '../../model/days.ts'
import { endOf, sharedBefore, sharedNow } from '../../model/sharing.ts'
import { Button } from '../../parts/button.tsx'
import { Facts } from '../../parts/figures.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { useNow } from '../../parts/now.ts'
import { entries, phone, status } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { href } from '../../shell/router.ts'
import { useStep } from '../../shell/step.ts'
import { date } from '../../text/dates.ts'
import { t } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { Part, Under } from './under.tsx'

type Doc = EntryOf<'consent'>['doc']

export interface Shared {
  id: string
  /** With whom: the name of a group, or the words that were signed. */
  name: string
  kind: 'group' | 'pair' | 'other'
  since: number
  ended: Day | number | null
  /** The person has stopped it, and the server does not know yet. */
  stopping: boolean
}

export interface SharingProps {
  now: readonly Shared[]
  before: readonly Shared[]
  asOf: number | null
}

export function Sharing({ now, before, asOf }: SharingProps) {
  return (
    <Under title={t('sharing.title')} lead={t('sharing.lead')} asOf={asOf}>
      {now.length > 0 ? (
        <Rows>
          {now.map((shared) => (
            <SharedRow key={shared.id} {...shared} />
          ))}
        </Rows>
      ) : (
        <Empty title={t('sharing.none')}>
          <p>{t('sharing.none_what')}</p>
        </Empty>
      )}
      {before.length > 0 && (
        <Part title={t('sharing.before')}>
          <Rows>
            {before.map((shared) => (
              <SharedRow key={shared.id} {...shared} />
            ))}
          </Rows>
        </Part>
      )}
    </Under>
  )
}

function SharedRow({ id, name, kind, since, ended, stopping }: Shared) {
  const hint = stopping ? t('sharing.stopping') : ended ? t('sharing.ended', { day: date(ended) }) : t('sharing.since', { day: date(since) })
  return <Row icon={kind === 'other' ? 'letter' : 'people'} title={name} hint={hint} href={href('shared', { id })} />
}

export interface ConsentProps extends Shared {
  doc: Pick<Doc, 'discloser' | 'information' | 'recipient' | 'purpose' | 'revocation' | 'expiry' | 'signature' | 'locale'>
  full?: boolean
  onStop: () => void
}

/** One choice in the words that were signed. */
export function ConsentOf({ name, kind, since, ended, stopping, doc, full, onStop }: ConsentProps) {
  const [asks, ask] = useState(false)
  useStep(stopping)
  return (
    <Under
      title={name}
      lead={t('sharing.signed', { day: date(since), name: doc.signature })}
      out={{ label: t('sharing.title'), href: href('sharing') }}
    >
      {stopping && (
        <Notice kind="wait" title={t('sharing.stopping')}>
          <p>{t('sharing.stopping_what')}</p>
        </Notice>
      )}
      {!stopping && ended && <Notice icon="check" title={t('sharing.ended', { day: date(ended) })} />}
      <div lang={doc.locale}>
        <Facts
          facts={[
            [t('sharing.information'), doc.information],
            [t('sharing.recipient'), doc.recipient],
            [t('sharing.discloser'), doc.discloser],
            [t('sharing.purpose'), doc.purpose],
            [t('sharing.expiry'), doc.expiry],
            [t('sharing.revocation'), doc.revocation],
          ]}
        />
      </div>
      {full && <NotKept />}
      {!stopping && !ended && (
        <Button wide onPress={() => ask(true)}>
          {t('sharing.stop')}
        </Button>
      )}
      {asks && (
        <Sheet title={t('sharing.stop_ask', { name })} close={t('sharing.keep')} onClose={() => ask(false)}>
          <ul class="dots">
            <li>{t(`sharing.effect_${kind}`)}</li>
            <li>{t('sharing.effect_seen')}</li>
            <li>{t('sharing.effect_care')}</li>
          </ul>
          <Button
            kind="stop"
            wide
            onPress={() => {
              ask(false)
              onStop()
            }}
          >
            {t('sharing.stop')}
          </Button>
        </Sheet>
      )}
    </Under>
  )
}

export function SharingPage() {
  const today = here.today(useNow(here.now))
  const user = status.value?.user ?? null
  const consents = here.complete(entries('consent'))
  const shown = (consent: EntryOf<'consent'>) => shared(consent, today)
  return <Sharing now={sharedNow(consents, user, today).map(shown)} before={sharedBefore(consents, user, today).map(shown)} asOf={here.asOf()} />
}

export function ConsentPage({ id }: { id: string }) {
  const [press, full] = usePress()
  const today = here.today(useNow(here.now))
  const entry = entries('consent').find((consent) => consent.id === id)
  if (!entry) return <Gone />
  const stop = () => phone().act('privacy.revoke_consent', { consent: id }, { urgent: true })
  return <ConsentOf {...shared(entry, today)} doc={entry.doc} full={full} onStop={() => void press(stop)} />
}

/** Opened by an old link. */
export function Gone() {
  return <Under title={t('sharing.gone')} out={{ label: t('sharing.title'), href: href('sharing') }} />
}

function shared(consent: EntryOf<'consent'>, today: Day): Shared {
  const { id, doc, pending } = consent
  // The group itself goes with its members' place in it; the invitation stays.
  const invited = entries('group_invitation').find((each) => each.doc.group === doc.subject)?.doc.group_name
  const group = entries('group').find((each) => each.id === doc.subject)?.doc.name ?? invited
  const kind = doc.kind.startsWith('peer_group') ? 'group' : doc.kind.startsWith('peer_pair') ? 'pair' : 'other'
  return {
    id,
    name: group ?? (kind === 'group' ? t('sharing.a_group') : kind === 'pair' ? t('sharing.a_peer') : doc.recipient),
    kind,
    since: Date.parse(doc.signed_at),
    ended: endOf(consent, today),
    stopping: pending !== null,
  }
}
