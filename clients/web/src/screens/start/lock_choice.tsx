import { useState } from 'preact/hooks'
import { Choices } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { t } from '../../text/text.ts'

/** How well this phone's copy is protected. Each says so in one true sentence. */
export type LockLevel = 'passkey' | 'words' | 'phone'

export interface LockChoiceProps {
  /** Whether this browser has passkeys that can protect a key (PRF). */
  hasPasskey: boolean
  /** What is chosen now, when changed from Me. */
  level?: LockLevel | undefined
  /** This way did not work. Nothing has changed. */
  failed?: LockLevel | null
  busy?: boolean
  full?: boolean | undefined
  step?: number | undefined
  of?: number | undefined
  /** Left out where nothing is behind this page. */
  onBack?: (() => void) | undefined
  onChoose: (level: LockLevel) => void
}

/** P3 */
export function LockChoice({ hasPasskey, level, failed, busy = false, full, step, of, onBack, onChoose }: LockChoiceProps) {
  const long = useTakesLong(busy)
  useAnnounce(failed ? t('lock.passkey_failed_title') : null)
  const [chosen, setChosen] = useState<LockLevel>(level ?? (hasPasskey ? 'passkey' : 'words'))
  const options = (['passkey', 'words', 'phone'] as const).map((value) => ({
    value,
    title: t(`lock.${value}`),
    hint: value === 'passkey' && !hasPasskey ? t('lock.passkey_none') : t(`lock.${value}_hint`),
    disabled: value === 'passkey' && !hasPasskey,
  }))
  return (
    <PlayerFrame
      out={onBack && { label: t('shell.back'), onPress: onBack }}
      step={step}
      of={of}
      next={{ label: t(`lock.use_${chosen}`), onPress: () => onChoose(chosen) }}
    >
      <Title>{t('lock.title')}</Title>
      {failed && (
        <Notice kind="wait" icon="info" title={t('lock.passkey_failed_title')}>
          <p>{t(failed === 'passkey' ? 'lock.passkey_failed' : 'lock.failed')}</p>
        </Notice>
      )}
      {full && <NotKept />}
      <Choices
        name="lock"
        legend={t('lock.title')}
        legendUnseen
        options={options}
        value={chosen}
        onChange={setChosen}
      />
      {long && <Getting>{t('lock.sealing')}</Getting>}
      <Privacy icon="help">{t('lock.help')}</Privacy>
      <p class="soft small">{t('lock.later')}</p>
    </PlayerFrame>
  )
}
