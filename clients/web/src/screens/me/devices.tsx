/** The person's phones: sign one out, report one lost, sign out here. */

import type { Device } from '../../model/phones.ts'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import type { IconName } from '../../parts/icons.tsx'
import { Notice, type Kind } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Getting } from '../../parts/waiting.tsx'
import { href } from '../../shell/router.ts'
import { date } from '../../text/dates.ts'
import { counted, t } from '../../text/text.ts'
import { tel } from '../help/numbers.ts'
import { Part, Under } from './under.tsx'

/** `out`: it is signed out. `lost`: it also erases what it holds. */
export type How = 'out' | 'lost'

export type Ended = 'done' | 'offline' | 'no address' | 'too many' | 'other'

export interface DevicesProps {
  mine: Device | null
  others: readonly Device[]
  ended: readonly Device[]
  /** What the last try came to. */
  last?: Ended | null
  busy?: boolean
  desk?: string | null
  asOf: number | null
  /** Of this phone: what the server does not have yet. */
  unsent: number
  onEnd: (device: Device, how: How) => void
  onSignOut: () => void
}

export function Devices(props: DevicesProps) {
  const { mine, others, ended, last, busy, desk, asOf, unsent, onEnd, onSignOut } = props
  const [asked, ask] = useState<Device | null>(null)
  const [leaves, setLeaves] = useState(false)
  return (
    <Under title={t('devices.title')} asOf={asOf}>
      {last && <Last last={last} desk={desk ?? null} />}
      {busy && <Getting>{t('devices.busy')}</Getting>}
      {mine?.pushesStopped && (
        <Notice kind="wait" icon="bell" title={t('push.stopped')} buttons={<Button href={href('reminders')}>{t('devices.reminders')}</Button>} />
      )}
      <Rows>
        {[
          <Row key="mine" icon="device" title={t('devices.mine')} hint={mine ? `${mine.name}. ${t('devices.since', { day: date(mine.since) })}` : undefined} />,
          ...others.map((device) => (
            <Row
              key={device.id}
              icon="device"
              title={device.name || t('devices.nameless')}
              hint={t('devices.since', { day: date(device.since) })}
              end={
                <Button onPress={() => ask(device)} about={device.name}>
                  {t('devices.out')}
                </Button>
              }
            />
          )),
        ]}
      </Rows>
      {others.length === 0 && <p class="soft">{t('devices.only')}</p>}
      {ended.length > 0 && (
        <Part title={t('devices.ended')}>
          <Rows>
            {ended.map((device) => (
              <Row key={device.id} title={device.name || t('devices.nameless')} hint={endedWords(device)} />
            ))}
          </Rows>
        </Part>
      )}
      <Part title={t('devices.here')}>
        <p class="soft">{t('devices.here_what')}</p>
        <Button wide icon="leave" onPress={() => setLeaves(true)}>
          {t('devices.sign_out')}
        </Button>
      </Part>
      {asked && (
        <Sheet title={t('devices.out_ask', { name: asked.name || t('devices.nameless') })} close={t('devices.keep')} onClose={() => ask(null)}>
          <Button
            wide
            icon="lock"
            hint={t('devices.out_hint')}
            onPress={() => {
              ask(null)
              onEnd(asked, 'out')
            }}
          >
            {t('devices.out_only')}
          </Button>
          <Button
            wide
            kind="stop"
            icon="warning"
            hint={t('devices.lost_hint')}
            onPress={() => {
              ask(null)
              onEnd(asked, 'lost')
            }}
          >
            {t('devices.lost')}
          </Button>
        </Sheet>
      )}
      {leaves && (
        <Sheet title={t('devices.sign_out_ask')} close={t('devices.stay')} onClose={() => setLeaves(false)}>
          {unsent > 0 ? (
            <Notice kind="wait" icon="warning" title={counted('devices.unsent', unsent)}>
              <p>{t('devices.unsent_what')}</p>
            </Notice>
          ) : (
            <p>{t('devices.sign_out_what')}</p>
          )}
          {unsent > 0 && (
            <Button wide href={href('waiting')} onPress={() => setLeaves(false)}>
              {t('devices.see')}
            </Button>
          )}
          <Button
            kind="stop"
            wide
            onPress={() => {
              setLeaves(false)
              onSignOut()
            }}
          >
            {t(unsent > 0 ? 'devices.sign_out_lose' : 'devices.sign_out')}
          </Button>
        </Sheet>
      )}
    </Under>
  )
}

const KINDS: Record<Ended, Exclude<Kind, 'act' | 'help'>> = { done: 'good', offline: 'wait', 'no address': 'wait', 'too many': 'wait', other: 'wait' }
const ICONS: Partial<Record<Ended, IconName>> = { offline: 'offline', 'no address': 'warning', other: 'warning' }

function Last({ last, desk }: { last: Ended; desk: string | null }) {
  const words = last.replace(' ', '_') as 'done' | 'offline' | 'no_address' | 'too_many' | 'other'
  const calls = desk && (last === 'no address' || last === 'other')
  return (
    <div role="status">
      <Notice
        kind={KINDS[last]}
        icon={ICONS[last]}
        title={t(`devices.${words}`)}
        buttons={
          calls && (
            <Button icon="call" href={tel(desk)}>
              {t('devices.call', { number: desk })}
            </Button>
          )
        }
      >
        <p>{t(`devices.${words}_what`)}</p>
      </Notice>
    </div>
  )
}

const WHY = ['signed_out', 'revoked', 'lost', 'reuse', 'recovered', 'by_staff', 'disabled'] as const

function endedWords({ ended, why, erases, erased }: Device): string {
  const known = WHY.find((each) => each === why)
  const words = t(known ? `devices.why_${known}` : 'devices.why_disabled', { day: date(ended ?? 0) })
  if (!erases) return words
  return `${words} ${erased ? t('devices.erased', { day: date(erased) }) : t('devices.erases')}`
}
