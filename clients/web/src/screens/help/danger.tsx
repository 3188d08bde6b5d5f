import { Button } from '../../parts/button.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { CRISIS, EMERGENCY, sms, tel } from './numbers.ts'

const SIGNS = ['seizure', 'chest', 'seeing', 'confused', 'hot', 'blood', 'side'] as const

/** What needs a doctor now, and what must not wait for the next session. */
export function Danger() {
  return (
    <PlayerFrame
      out={{ label: t('tabs.help'), href: href('help') }}
      end={
        <Button kind="stop" icon="call" wide href={tel(EMERGENCY)}>
          {t('help.call_911')}
        </Button>
      }
    >
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
        <div class="columns">
          <Button icon="call" href={tel(CRISIS)}>
            {t('help.call_988')}
          </Button>
          <Button icon="message" href={sms(CRISIS)}>
            {t('help.text_988')}
          </Button>
        </div>
        {t('help.language') && <p class="soft small">{t('help.language')}</p>}
      </section>
    </PlayerFrame>
  )
}
