import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { useKept } from '../../kept.ts'
import { back, href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { REASONS } from './here.ts'

interface ReasonsProps {
  reasons: readonly string[]
  onChange: (reasons: readonly string[]) => void
}

/** Why a person does this, in their own words. They never leave this phone. */
export function Reasons({ reasons, onChange }: ReasonsProps) {
  return (
    <PlayerFrame
      out={{ label: t('shell.back'), onPress: () => back(href('tools')) }}
      next={{ label: t('exercise.done'), onPress: () => back(href('tools')) }}
    >
      <Title>{t('reasons.title')}</Title>
      <p>{t('reasons.lead')}</p>
      <Lines legend={t('reasons.title')} legendUnseen lines={reasons} onChange={onChange} />
      <Privacy>{t('reasons.private')}</Privacy>
    </PlayerFrame>
  )
}

export function ReasonsPage() {
  const [reasons, keep] = useKept<readonly string[]>(REASONS, () => [])
  return <Reasons reasons={reasons} onChange={keep} />
}
