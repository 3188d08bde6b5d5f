import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { Call911, Reach988 } from './calls.tsx'

const SIGNS = ['seizure', 'chest', 'seeing', 'confused', 'hot', 'blood', 'side'] as const

/** What needs a doctor now, and what must not wait for the next session. */
export function Danger() {
  return (
    <PlayerFrame out={{ label: t('tabs.help'), href: href('help') }} end={<Call911 wide />}>
      <div class="stack tight">
        <Title>{t('danger.title')}</Title>
        <p class="large">{t('danger.lead')}</p>
      </div>
      <ul class="dots">
        {SIGNS.map((sign) => (
          <li key={sign}>{t(`danger.${sign}`)}</li>
        ))}
      </ul>
      <section class="stack tight">
        <h2>{t('danger.stopping')}</h2>
        <p>{t('danger.stopping_how')}</p>
      </section>
      <section class="stack tight">
        <h2>{t('danger.life')}</h2>
        <p>{t('danger.life_how')}</p>
        <Reach988 />
      </section>
    </PlayerFrame>
  )
}
