import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { t } from '../../text/text.ts'

export interface NeverProps {
  step?: number | undefined
  of?: number | undefined
  /** Answers that this phone could not send yet. */
  waits?: boolean
  /** The notice waits for another day: the programme's part of the app is empty until then. */
  later?: boolean
  full?: boolean
  onGo: () => void
}

export const NEVER = ['never.sell', 'never.follow', 'never.show', 'never.zero'] as const

/** P4 ends with this. */
export function Never({ step, of, waits, later, full, onGo }: NeverProps) {
  return (
    <PlayerFrame step={step} of={of} layout="ask" next={{ label: t('never.go'), onPress: onGo }}>
      <div class="stack wide">
        <Title>{t('never.title')}</Title>
        <ul class="stack large never">
          {NEVER.map((line) => (
            <li key={line}>
              <Icon name="close" /> <span>{t(line)}</span>
            </li>
          ))}
        </ul>
      </div>
      <div class="stack tight">
        {full && <NotKept />}
        {waits && <Privacy icon="clock">{t('never.waits')}</Privacy>}
        <p class="soft">{t(later ? 'never.later' : 'never.change')}</p>
      </div>
    </PlayerFrame>
  )
}
