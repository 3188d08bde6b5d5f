import { level } from '../../opening.ts'
import { Switch } from '../../parts/answers.tsx'
import { Card } from '../../parts/card.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { hiddenMode, setHiddenMode } from '../../shell/hide.tsx'
import { href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import type { Level } from '../../vault/vault.ts'
import { Part, Under } from './under.tsx'

export interface HidingProps {
  lock: Level
  hidden: boolean
  onHidden: (on: boolean) => void
}

const CAN = ['hiding.can_blank', 'hiding.can_lock', 'hiding.can_short', 'hiding.can_button'] as const
const CANNOT = ['hiding.cannot_close', 'hiding.cannot_history', 'hiding.cannot_picture', 'hiding.cannot_icon'] as const

/** The lock, and what hiding can do and cannot. */
export function Hiding({ lock, hidden, onHidden }: HidingProps) {
  return (
    <Under title={t('me.hiding')}>
      <Rows>
        <Row icon="lock" title={t('hiding.lock')} hint={t(`me.lock_${lock}`)} href={href('lock')} />
      </Rows>
      <Card kind="flush">
        <Switch title={t('hiding.mode')} hint={t('hiding.mode_hint')} on={hidden} onChange={onHidden} />
      </Card>
      <Part title={t('hiding.can')}>
        <ul class="dots">
          {CAN.map((line) => (
            <li key={line}>{t(line)}</li>
          ))}
        </ul>
      </Part>
      <Part title={t('hiding.cannot')}>
        <ul class="dots">
          {CANNOT.map((line) => (
            <li key={line}>{t(line)}</li>
          ))}
        </ul>
      </Part>
      <p class="soft">{t('hiding.keys')}</p>
    </Under>
  )
}

export function HidingPage() {
  return <Hiding lock={level.value ?? 'phone'} hidden={hiddenMode.value} onHidden={setHiddenMode} />
}
