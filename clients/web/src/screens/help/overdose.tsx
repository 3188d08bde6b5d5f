import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Notice } from '../../parts/notice.tsx'
import { href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { Call911 } from './calls.tsx'

const STEPS = ['wake', 'call', 'naloxone', 'breathe', 'again', 'side'] as const
const LOOKS = ['overdose.looks_1', 'overdose.looks_2', 'overdose.looks_3'] as const

/** The order of SAMHSA's overdose toolkit: wake, call, naloxone, breath, second dose, on the side.
 *  911 stays within reach while the steps scroll. */
export function Overdose() {
  return (
    <PlayerFrame out={{ label: t('tabs.help'), href: href('help') }} end={<Call911 hint={t('overdose.call_hint')} />}>
      <Title>{t('overdose.title')}</Title>
      <ol class="steps">
        {STEPS.map((step) => (
          <li key={step}>
            <h2>{t(`overdose.${step}`)}</h2>
            <p>{t(`overdose.${step}_how`)}</p>
          </li>
        ))}
      </ol>
      <section class="stack tight">
        <h2>{t('overdose.looks')}</h2>
        <ul class="dots">
          {LOOKS.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </section>
      <Notice kind="help" title={t('overdose.you_title')}>
        <p>{t('overdose.you')}</p>
      </Notice>
      <p class="soft small">{t('overdose.law')}</p>
    </PlayerFrame>
  )
}
